import CellGrid
import Yams

extension KeyTable {
  /// Takes over a person's own keys: a YAML mapping from actions' names to a key or a list of keys.
  ///
  /// Returns a sentence with file and line for the first thing that is wrong; nothing is taken
  /// over then.
  package mutating func read(_ text: String, file: String) -> String? {
    var table = self
    let node: Node?
    do {
      node = try Yams.compose(yaml: text)
    } catch let error as YamlError {
      return "\(file): is not YAML: \("\(error)".split(separator: "\n").first ?? "")"
    } catch {
      return "\(file): is not YAML"
    }
    guard let node else { return nil }
    guard let mapping = node.mapping else {
      return "\(file): is no mapping; write lines such as undo: ctrl-u"
    }
    for (name, keys) in mapping {
      let place = "\(file), line \(name.mark?.line ?? 1)"
      guard let action = name.string else { return "\(place): an action's name is expected" }
      let written = keys.sequence.map { $0.map(\.string) } ?? [keys.string]
      var parsed: [(key: Key, label: String)] = []
      for text in written {
        guard let text, let key = Key(written: text) else {
          return
            "\(place): \(text ?? "this") is no key; use a character, ctrl-a, f5, page-up, space …"
        }
        parsed.append((key, text))
      }
      if let problem = table.bind(action, to: parsed) {
        return "\(place): \(problem); the palette (:) shows all names"
      }
    }
    self = table
    return nil
  }
}
