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
    name.lowercased().nearest(among: all.map(\.descriptor.id)) { id in
      min(max(2, id.count / 2), id.count - 1)
    }
  }
}
