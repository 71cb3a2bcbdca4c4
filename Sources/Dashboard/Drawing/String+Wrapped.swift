import CellGrid

extension String {
  /// Lines of at most `width` columns, broken between words; a longer word is broken in itself.
  func wrapped(_ width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in split(separator: " ").flatMap({ $0.pieces(of: max(width, 1)) }) {
      if line.isEmpty {
        line = word
      } else if line.columns + 1 + word.columns <= width {
        line += " " + word
      } else {
        lines.append(line)
        line = word
      }
    }
    return line.isEmpty ? lines : lines + [line]
  }
}

extension Substring {
  fileprivate func pieces(of width: Int) -> [String] {
    guard String(self).columns > width else { return [String(self)] }
    var pieces = [""]
    for character in self {
      if pieces[pieces.count - 1].columns + String(character).columns > width { pieces.append("") }
      pieces[pieces.count - 1].append(character)
    }
    return pieces
  }
}
