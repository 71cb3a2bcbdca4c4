import Events

/// Names as people write them.
extension MethodCatalog {
  /// The usual methods as `--methods` takes them.
  package static let usualNames = usual.map(\.descriptor.id).joined(separator: ",")

  /// Two of them, for examples.
  package static let twoNames = usual.prefix(2).map(\.descriptor.id).joined(separator: ",")

  /// Which of the theme's colours a method likes best: in the order of the catalogue, so that the usual
  /// ones differ.
  package static func color(of id: String) -> Int {
    let place = all.firstIndex { $0.descriptor.id == id }
    return place.map { $0 % ColorChoice.count } ?? ColorChoice.preferred(by: id)
  }

  /// The same for every method, by its identifier.
  package static var colors: [String: Int] {
    let ids = all.map(\.descriptor.id)
    return Dictionary(ids.map { ($0, color(of: $0)) }, uniquingKeysWith: { first, _ in first })
  }

  /// What to say of a name that no method has: the nearest one, if any is near.
  package static func refusal(of name: String) -> String {
    if name.contains(":") {
      do { _ = try MethodComposition(name) } catch { return error.sentence }
    }
    let hint = nearest(to: name).map { "; did you mean \($0)?" } ?? ";"
    return "no such method: \(name)\(hint) `metatop methods` lists all"
  }

  /// The id that is written most like a name; nil where more than half would have to change.
  package static func nearest(to name: String) -> String? {
    // What is very long is near nothing, and costs nothing.
    guard name.utf8.count <= 64 else { return nil }
    let ids = all.map { (id: $0.descriptor.id, edits: edits($0.descriptor.id, name.lowercased())) }
    return ids.filter { $0.edits <= max(2, $0.id.count / 2) && $0.edits < $0.id.count }
      .min { $0.edits < $1.edits }?.id
  }

  /// Characters to be put in, taken out or changed to make one text of another.
  private static func edits(_ first: String, _ second: String) -> Int {
    let other = Array(second)
    var row = Array(0...other.count)
    for (line, character) in first.enumerated() {
      var corner = row[0]
      row[0] = line + 1
      for (column, candidate) in other.enumerated() {
        let changed = corner + (character == candidate ? 0 : 1)
        corner = row[column + 1]
        row[column + 1] = min(changed, corner + 1, row[column] + 1)
      }
    }
    return row[other.count]
  }
}
