import Files

/// The task distributions by name.
package enum TaskCatalog {
  /// What needs no manifest to be known.
  package static var builtIn: [String] { DatasetLibrary.builtIn }

  /// In front of the path of somebody's own data: pictures, or series of numbers.
  package static let pathPrefixes = [folderPrefix, SeriesTask.prefix, graphPrefix]

  /// A name's prefix and the path behind it; nil where it is no path's.
  package static func parts(of name: String) -> (prefix: String, path: String)? {
    pathPrefixes.first { name.hasPrefix($0) }.map { ($0, String(name.dropFirst($0.count))) }
  }

  /// Whether a name means something here, sound or not: `folder:PATH`, `series:PATH`, a built-in task, or a
  /// folder below one of `roots`.
  package static func knows(_ name: String, roots: [String]) -> Bool {
    if parts(of: name) != nil || name.hasPrefix(nodesPrefix) || name == RecordedTask.taskName {
      return true
    }
    guard !name.isEmpty, !name.contains("/"), !name.hasPrefix(".") else { return false }
    let library = DatasetLibrary(roots: roots)
    if library.names().contains(name) { return true }
    return (try? library.entry(name))?.folder != nil
  }

  /// Every name that `make` takes, the built-in ones first.
  package static func names(roots: [String]) -> [String] {
    builtIn + DatasetLibrary(roots: roots).names().filter { !builtIn.contains($0) }
  }

  /// Any task by its name on the command line: a built-in one, `folder:PATH`, `series:PATH`, or the name of
  /// a folder below one of `roots`; pictures are read and decoded here, and nowhere else.
  ///
  /// Without a `way` no episodes are ever drawn, and nothing is asked of them.
  package static func make(
    name: String,
    way: Int?,
    roots: [String],
    options: DataOptions = DataOptions()
  ) throws(DatasetError) -> any TaskDistribution {
    var options = options
    options.way = way
    if name.hasPrefix(folderPrefix) {
      let path = SystemFile.expanded(String(name.dropFirst(folderPrefix.count)))
      return try ImageTask(folder: path, options: ImageOptions(asked: options))
    }
    if name.hasPrefix(SeriesTask.prefix) {
      let path = SystemFile.expanded(String(name.dropFirst(SeriesTask.prefix.count)))
      let task = try SeriesTask(path: path, options: options)
      if let refusal = options.refusal(of: name, noImages, ["image-size", "split"]) {
        throw refusal
      }
      return task
    }
    if name == RecordedTask.taskName { return try recorded(options) }
    if name.hasPrefix(graphPrefix) {
      return try graph(at: SystemFile.expanded(String(name.dropFirst(graphPrefix.count))), options)
    }
    if name.hasPrefix(nodesPrefix) {
      let library = DatasetLibrary(roots: roots)
      return try nodes(
        try library.entry(String(name.dropFirst(nodesPrefix.count))),
        options,
        library
      )
    }
    guard !name.isEmpty, !name.contains("/"), !name.hasPrefix(".") else {
      throw DatasetError(
        path: name,
        reason: "is no data set's name; for a folder of images use folder:\(name)"
      )
    }
    let library = DatasetLibrary(roots: roots)
    return try make(try library.entry(name), options, library)
  }

  private static func recorded(
    _ options: DataOptions
  ) throws(DatasetError) -> any TaskDistribution {
    let name = RecordedTask.taskName
    guard let file = options.episodes else {
      throw DatasetError(path: name, reason: "are read from a file; give --episodes FILE")
    }
    let reason = "are as their file has them"
    if let refusal = options.refusal(of: name, reason, ["image-size", "split"]) { throw refusal }
    do {
      return try RecordedTask(file)
    } catch {
      throw DatasetError(path: error.path, reason: error.reason)
    }
  }

  /// The name on the command line with `~` in its path written out.
  package static func expanded(_ name: String) -> String {
    guard let (prefix, path) = parts(of: name) else { return name }
    return prefix + SystemFile.expanded(path)
  }

  private static let folderPrefix = "folder:"
  private static let noImages = "has no images"

  /// Functions that are drawn; nil for what is something else.
  private static func functions(_ layout: DatasetManifest.Layout) -> (any TaskDistribution)? {
    switch layout {
    case .sinusoid: Sinusoid()
    case .cosmixture: FunctionTask<CosMixture>()
    case .alpine: FunctionTask<Alpine>()
    case .harmonics: FunctionTask<Harmonics>()
    case .steps: FunctionTask<Steps>()
    case .landscape, .glyphs, .omniglot, .folder, .communities, .graph: nil
    }
  }
  package static let graphPrefix = "graph:"
  package static let nodesPrefix = "nodes:"

  private static func make(
    _ entry: DatasetLibrary.Entry,
    _ options: DataOptions,
    _ library: DatasetLibrary
  ) throws(DatasetError) -> any TaskDistribution {
    let (name, manifest) = (entry.name, entry.manifest)
    let layout = manifest?.layout ?? DatasetManifest.Layout(rawValue: name) ?? .folder
    if let task = functions(layout) {
      if let refusal = options.refusal(of: name, noImages, ["image-size", "split"]) {
        throw refusal
      }
      return task
    }
    switch layout {
    case .landscape:
      if let refusal = options.refusal(of: name, noImages, ["image-size", "split"]) {
        throw refusal
      }
      guard let file = options.episodes else { return Landscape(points: options.points) }
      do {
        return Landscape(try Landscape.surfaces(of: file), points: options.points)
      } catch {
        throw DatasetError(path: error.path, reason: error.reason)
      }
    case .communities:
      if let refusal = options.refusal(of: name, noImages, ["image-size", "split"]) {
        throw refusal
      }
      return Communities(way: options.givenWay ?? NodeOptions().way)
    case .graph: return try nodes(entry, options, library)
    case .glyphs:
      return try ImageTask(
        glyphs: manifest?.glyphs ?? GlyphParameters(),
        name: name,
        options: options
      )
    case .omniglot:
      return try ImageTask(
        omniglot: try folder(of: entry, library),
        options: manifest?.omniglot ?? OmniglotOptions(),
        asked: options,
        splitFile: library.vinyalsList,
        name: name
      )
    default:
      var own = manifest?.image ?? ImageOptions()
      own.asked = options
      return try ImageTask(folder: try folder(of: entry, library), options: own, name: name)
    }
  }

  // MARK: Graphs

  /// A graph of a data set's folder, split as its manifest says.
  private static func nodes(
    _ entry: DatasetLibrary.Entry,
    _ options: DataOptions,
    _ library: DatasetLibrary
  ) throws(DatasetError) -> any TaskDistribution {
    let name = entry.name
    guard entry.manifest.map({ $0.layout == .graph }) ?? (entry.folder != nil) else {
      let what = entry.manifest == nil ? "there is no such graph" : "is no graph"
      throw DatasetError(
        path: name,
        reason:
          "\(what); use a data set of kind graph, or graph:PATH for a .npz or a folder of tables"
      )
    }
    let place = try folder(of: entry, library, what: "graph is")
    var own = entry.manifest?.nodes ?? NodeOptions()
    own.take(options)
    if let refusal = options.refusal(of: name, noImages, ["image-size", "split"]) {
      throw refusal
    }
    let file = entry.manifest?.graphFile.map { "\(place)/\($0)" } ?? place
    return try NodeTask(try stored(file), name: "nodes:\(name)", options: own)
  }

  /// A graph by its path, with what a `dataset.yaml` beside it says of its split.
  private static func graph(
    at path: String,
    _ options: DataOptions
  ) throws(DatasetError) -> any TaskDistribution {
    var own = NodeOptions()
    var file = path
    let manifestPath = "\(path)/dataset.yaml"
    if FolderListing.exists(manifestPath) {
      let manifest = try DatasetManifest(reading: manifestPath)
      own = manifest.nodes
      if let name = manifest.graphFile { file = name.hasPrefix("/") ? name : "\(path)/\(name)" }
    }
    own.take(options)
    if let refusal = options.refusal(of: path, noImages, ["image-size", "split"]) {
      throw refusal
    }
    return try NodeTask(try stored(file), name: "graph:\(path)", options: own)
  }

  private static func stored(_ path: String) throws(DatasetError) -> StoredGraph {
    guard FolderListing.exists(path) else {
      throw DatasetError(
        path: path,
        reason: "is not there; give a .npz in the layout of gnn-benchmark, or a folder with "
          + "edges.csv, features.csv and labels.csv"
      )
    }
    return path.hasSuffix(".npz")
      ? try GraphArchive(path).graph() : try GraphTables(path).graph()
  }

  private static func folder(
    of entry: DatasetLibrary.Entry,
    _ library: DatasetLibrary,
    what: String = "images are"
  ) throws(DatasetError) -> String {
    if let folder = entry.folder { return folder }
    guard let manifest = entry.manifest else {
      let known = library.names().joined(separator: ", ")
      throw DatasetError(
        path: entry.name,
        reason: "there is no such data set; use \(known), folder:PATH or series:PATH"
      )
    }
    var reason = "its \(what) not here; \(manifest.get ?? "see \(manifest.file)")"
    if !library.searched.isEmpty {
      if reason.hasSuffix(".") { reason.removeLast() }
      reason += " (looked in \(library.searched.joined(separator: ", ")))"
    }
    throw DatasetError(path: entry.name, reason: reason)
  }
}

extension NodeOptions {
  /// What the command line says of an episode.
  fileprivate mutating func take(_ options: DataOptions) {
    way = options.givenWay ?? way
  }
}
