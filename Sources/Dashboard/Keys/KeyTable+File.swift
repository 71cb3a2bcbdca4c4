import CellGrid
import Yams

extension KeyTable {
  /// An action's line in a person's file of keys.
  private struct Line {
    var action: String
    var number: Int
    var keys: [(key: Key, label: String)]
  }

  /// Takes over a person's own keys: a YAML mapping from actions' names to a key or a list of keys.
  ///
  /// Returns a sentence with file and line for the first thing that is wrong; nothing is taken
  /// over then.
  package mutating func read(_ text: String, file: String) -> String? {
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
    var lines: [Line] = []
    for (name, keys) in mapping {
      let number = name.mark?.line ?? 1
      let place = "\(file), line \(number)"
      guard let action = name.string else { return "\(place): an action's name is expected" }
      guard bindings.contains(where: { $0.action.name == action }) else {
        return "\(place): there is no action \(action); the palette (:) shows all names"
      }
      let written = keys.sequence.map { $0.map(\.string) } ?? [keys.string]
      var parsed: [(key: Key, label: String)] = []
      for text in written {
        guard let text, let key = Key(written: text) else {
          return
            "\(place): \(text ?? "this") is no key; use a character, ctrl-a, f5, page-up, space …"
        }
        parsed.append((key, text))
      }
      lines.append(Line(action: action, number: number, keys: parsed))
    }
    return take(lines, file: file)
  }

  /// All lines or, where two actions would have a key, none.
  private mutating func take(_ lines: [Line], file: String) -> String? {
    var table = self
    // What gets other keys in the file has given its own away.
    for line in lines { _ = table.bind(line.action, to: []) }
    for (place, line) in lines.enumerated() {
      for (key, label) in line.keys {
        guard let owner = table.owner(of: key, besides: line.action) else { continue }
        let begin = "\(file), line \(line.number): \(label) for \(line.action)"
        if let earlier = lines[..<place].first(where: { $0.action == owner }) {
          return "\(begin) stands for \(owner) in line \(earlier.number) as well; give one of them "
            + "another key"
        }
        return "\(begin) is the key of \(owner); give \(owner) a line with another key, as in "
          + "\(owner): f5"
      }
      _ = table.bind(line.action, to: line.keys)
    }
    self = table
    return nil
  }
}
