import Files
import Tasks

extension Recipe {
  /// Reads a recipe's text; messages call it `path`.
  package init(text: String, path: String) throws(DatasetError) {
    let root = try YAMLFields(path: path, node: try YAMLFields.compose(text, path))
    try root.requireKeys([
      "name", "title", "paper", "train", "set", "rows", "seeds", "test", "rates", "precision",
      "differs", "time",
    ])
    name = try root.required("name")
    guard name.wholeMatch(of: /[a-z0-9][a-z0-9-]{0,63}/) != nil else {
      throw DatasetError(
        path: path,
        reason: "its name is \(name); use small letters, digits and hyphens"
      )
    }
    title = try root.required("title")
    paper = try root.string("paper")
    options = try Self.pairs(root, "train")
    for option in options where OptionName(rawValue: option.name) == nil || option.name == "methods"
    {
      throw DatasetError(
        path: path,
        reason: "train: \(option.name) is no option of a recipe's runs"
      )
    }
    settings = try Self.pairs(root, "set")
    rates = try root.string("rates")
    precision = try root.string("precision") ?? precision
    differs = try root.strings("differs")
    time = try root.string("time")
    seeds = try root.integer("seeds", in: 1...64) ?? 1
    if let fields = try root.fields("test") {
      try fields.requireKeys(["episodes", "inner-steps", "checkpoint"])
      test.episodes = try fields.integer("episodes", in: 2...1_000_000) ?? test.episodes
      test.innerSteps = try fields.integer("inner-steps", in: 0...100)
      test.checkpoint = try fields.choice("checkpoint", of: ["best", "last"]) ?? test.checkpoint
    }
    for fields in try root.elements("rows") { rows.append(try Row(fields)) }
    guard !rows.isEmpty else {
      throw DatasetError(path: path, reason: "has no rows; give at least one method")
    }
    let names = rows.map(\.name)
    if let twice = names.indices.first(where: { names[..<$0].contains(names[$0]) }) {
      throw DatasetError(path: path, reason: "has two rows \(names[twice]); name each otherwise")
    }
  }

  fileprivate static func pairs(
    _ fields: YAMLFields,
    _ key: String
  ) throws(DatasetError) -> [Pair] {
    try fields.fields(key)?.pairs().map { Pair(name: $0, value: $1) } ?? []
  }
}

extension Recipe.Row {
  fileprivate init(_ fields: YAMLFields) throws(DatasetError) {
    try fields.requireKeys(["name", "method", "set", "published", "labels"])
    method = try fields.required("method")
    name = try fields.string("name") ?? method
    settings = try Recipe.pairs(fields, "set")
    labels = try fields.string("labels")
    guard let own = try fields.fields("published") else { return }
    try own.requireKeys(["value", "interval", "kind", "from"])
    guard let value = try own.number("value", in: 0...1e6) else {
      throw DatasetError(path: own.path, reason: "\(name): published: value is missing")
    }
    published = Recipe.Published(
      value: value,
      interval: try own.number("interval", in: 0...1e6),
      kind: try own.string("kind"),
      from: try own.required("from")
    )
  }
}
