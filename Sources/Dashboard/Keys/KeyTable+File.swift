import CellGrid
import Yams

extension KeyTable {
  /// An action's line in a person's file of keys.
  private struct Line {
    var action: String
    var number: Int
    var keys: [(key: WrittenKey, label: String)]
  }

  /// Takes over a person's own keys: a YAML mapping from actions' names to a key or a list of keys, of
  /// which each may be two keys one after the other, as in `g g`.
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
      var parsed: [(key: WrittenKey, label: String)] = []
      for text in written {
        guard let text, let key = WrittenKey(written: text) else {
          return
            "\(place): \(text ?? "this") is no key; use a character, ctrl-a, f5, page-up, space …, or two "
            + "with a blank between them, as in g g"
        }
        if let earlier = parsed.first(where: { $0.key.meets(key) && $0.key != key }) {
          return
            "\(place): \(text) and \(earlier.label) of \(action) begin alike, so one of them could "
            + "never be typed; leave one out"
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
        guard let (owner, met) = table.owner(of: key, besides: line.action) else { continue }
        let begin = "\(file), line \(line.number): \(label) for \(line.action)"
        if let earlier = lines[..<place].first(where: { $0.action == owner }) {
          let how =
            switch (key, met) {
            case (.chord, .key(let first)):
              "begins with \(first.written), which stands for \(owner)"
            case (.key, .chord(let chord)): "begins \(chord.written), which stands for \(owner)"
            default: "stands for \(owner)"
            }
          return
            "\(begin) \(how) in line \(earlier.number)\(key == met ? " as well" : ""); give one of "
            + "them another key"
        }
        let how = key == met ? "is" : "begins with"
        return "\(begin) \(how) the key of \(owner); give \(owner) a line with another key, as in "
          + "\(owner): f5"
      }
      _ = table.bind(line.action, to: line.keys)
    }
    self = table
    return nil
  }
}
