import Files
import Yams

extension DatasetManifest {
  /// Reads a `dataset.yaml`.
  package init(reading path: String) throws(DatasetError) {
    let bytes = try SystemFile.content(path, limit: 1 << 20)
    guard YAMLLimit.admits(bytes) else {
      throw DatasetError(
        path: path,
        reason: "is too large to describe a data set; 64 KiB and some thousand values are the most"
      )
    }
    try self.init(text: String(decoding: bytes, as: UTF8.self), path: path)
  }

  /// Reads a manifest's text; messages call it `path`.
  package init(text: String, path: String) throws(DatasetError) {
    self.init(file: path)
    let root = try YAMLFields(path: path, node: try YAMLFields.compose(text, path))
    try root.requireKeys(Self.keys)
    name = try root.required("name")
    title = try root.string("title") ?? name
    layout = try Self.layout(root)
    self.path = try root.string("path")
    source = try root.strings("source")
    licence = try root.string("licence")
    get = try root.string("get")
    checksums = try root.fields("checksums")?.pairs().map { Checksum(file: $0, md5: $1) } ?? []
    try readOptions(root)
  }

  private static let keys = [
    "name", "title", "kind", "task", "family", "layout", "path", "source", "licence", "citation",
    "get", "checksums", "split", "rotations", "within-alphabet", "image", "glyphs", "file",
    // What a person reads; training has these from the task itself.
    "distribution", "episode", "model", "meta-batch", "evaluation",
  ]

  private static func layout(_ root: YAMLFields) throws(DatasetError) -> Layout {
    let kind = try root.choice("kind", of: ["generated", "images", "graph"])
    if kind == "graph" {
      _ = try root.choice("layout", of: [Layout.graph.rawValue, "tables"])
      return .graph
    }
    let isGenerated = kind == "generated"
    let key = isGenerated ? "family" : "layout"
    let known: [Layout] = isGenerated ? Layout.generated : [.omniglot, .folder]
    let name = try root.choice(key, of: known.map(\.rawValue))
    return Layout(rawValue: name ?? "") ?? .folder
  }

  private mutating func readOptions(_ root: YAMLFields) throws(DatasetError) {
    if layout == .graph { return try nodes.read(root, &graphFile) }
    let within = try root.bool("within-alphabet") ?? false
    if let split = try root.choice("split", of: OmniglotOptions.Split.allCases.map(\.rawValue)) {
      omniglot.split = OmniglotOptions.Split(rawValue: split) ?? .vinyals
    }
    let rotations = OmniglotOptions.Rotations.allCases.map(\.rawValue)
    if let name = try root.choice("rotations", of: rotations) {
      omniglot.rotations = OmniglotOptions.Rotations(rawValue: name) ?? .classes
    }
    (omniglot.withinAlphabet, glyphs.withinAlphabet) = (within, within)
    if let fields = try root.fields("image") {
      try omniglot.image.read(fields)
      try image.read(fields)
    }
    if let fields = try root.fields("glyphs") { try glyphs.read(fields) }
  }
}

extension ImageOptions {
  fileprivate mutating func read(_ fields: YAMLFields) throws(DatasetError) {
    try fields.requireKeys(["size", "resize", "channels", "inverted", "seed"])
    size = try fields.integer("size", in: 4...1024) ?? size
    channels = try fields.choice("channels", of: ["1", "3"]).flatMap { Int($0) } ?? channels
    let names = Resize.allCases.map(\.rawValue)
    resize = try fields.choice("resize", of: names).flatMap { Resize(rawValue: $0) } ?? resize
    isInverted = try fields.bool("inverted") ?? isInverted
    seed = try fields.integer("seed", in: 0...Int.max).map { UInt64($0) } ?? seed
  }
}

extension GlyphParameters {
  fileprivate mutating func read(_ fields: YAMLFields) throws(DatasetError) {
    try fields.requireKeys(["seed", "alphabets", "classes", "examples", "jitter"])
    seed = try fields.integer("seed", in: 0...Int.max).map { UInt64($0) } ?? seed
    alphabets = try fields.integer("alphabets", in: 3...10_000) ?? alphabets
    classes = try fields.integer("classes", in: 3...1_000_000) ?? classes
    examples = try fields.integer("examples", in: 2...1_000_000) ?? examples
    jitter = try fields.number("jitter", in: 0...10).map { Float($0) } ?? jitter
  }
}

extension NodeOptions {
  fileprivate mutating func read(
    _ root: YAMLFields,
    _ file: inout String?
  ) throws(DatasetError) {
    file = try root.string("file")
    if let split = try root.fields("split") {
      try split.requireKeys(["train", "validation", "test", "seed"])
      train = try split.part("train")
      validation = try split.part("validation")
      test = try split.part("test")
      seed = try split.integer("seed", in: 0...Int.max).map { UInt64($0) } ?? seed
    }
    guard let episode = try root.fields("episode") else { return }
    try episode.requireKeys(["way", "shot", "query", "test-query", "labelled"])
    way = try episode.integer("way", in: 2...10_000) ?? way
    shot = try episode.integer("shot", in: 1...100_000) ?? shot
    query = try episode.integer("query", in: 1...100_000) ?? query
    testQuery = try episode.integer("test-query", in: 1...100_000) ?? testQuery
    labelled = try episode.integer("labelled", in: 2...1_000_000_000)
  }
}

extension YAMLFields {
  /// A number of classes, or a list of them.
  fileprivate func part(_ key: String) throws(DatasetError) -> NodeOptions.Part? {
    let names = try strings(key)
    guard !names.isEmpty else { return nil }
    if names.count == 1, !isList(key) {
      return try integer(key, in: 1...100_000).map { .count($0) }
    }
    return .listed(names)
  }
}
