extension CellGrid {
  /// The grid as text with colour sequences, one line a row, as `cat` shows it on a terminal.
  package func ansi() -> String {
    var text = ""
    for row in 0..<size.rows {
      for run in runs(row) { text += "\u{1B}[\(run.style.parameters)m\(run.text)" }
      text += "\u{1B}[0m\n"
    }
    return text
  }

  /// A row's cells as the longest pieces of one style.
  func runs(_ row: Int) -> [(column: Int, columns: Int, text: String, style: Style)] {
    var runs: [(column: Int, columns: Int, text: String, style: Style)] = []
    for column in 0..<size.columns {
      let cell = self[row: row, column: column]
      // Nothing below a space is ever in a cell but the right half of a wide character.
      let text =
        cell.scalar.value == 0 ? "" : String(Character(cell.scalar.displayed ?? "\u{fffd}"))
      if let last = runs.last, last.style == cell.style {
        runs[runs.count - 1].text += text
        runs[runs.count - 1].columns += 1
      } else {
        runs.append((column, 1, text, cell.style))
      }
    }
    return runs
  }
}

extension Style {
  /// The parameters of a Select Graphic Rendition sequence (ECMA-48, 8.3.117).
  var parameters: String {
    var all = ["0"]
    let names: [(Attributes, String)] = [
      (.bold, "1"), (.dim, "2"), (.underline, "4"), (.reverse, "7"),
    ]
    for (attribute, number) in names where attributes.contains(attribute) { all.append(number) }
    if let color = foreground.parameters(base: 30) { all.append(color) }
    if let color = background.parameters(base: 40) { all.append(color) }
    return all.joined(separator: ";")
  }
}

extension Color {
  fileprivate func parameters(base: Int) -> String? {
    switch value {
    case .terminal: nil
    case .ansi(let index): index < 8 ? "\(base + Int(index))" : "\(base + 52 + Int(index))"
    case .indexed(let index): "\(base + 8);5;\(index)"
    case .rgb(let red, let green, let blue): "\(base + 8);2;\(red);\(green);\(blue)"
    }
  }

  /// The colour as `#rrggbb`; palette colours by xterm's values, the terminal's own as given.
  package func hexadecimal(orElse own: String) -> String {
    let (red, green, blue): (Int, Int, Int)
    switch value {
    case .terminal: return own
    case .rgb(let r, let g, let b): (red, green, blue) = (Int(r), Int(g), Int(b))
    case .ansi(let index), .indexed(let index): (red, green, blue) = Self.xterm(Int(index))
    }
    return "#"
      + [red, green, blue].map { channel in
        let text = String(channel, radix: 16)
        return text.utf8.count < 2 ? "0\(text)" : text
      }.joined()
  }

  /// xterm's palette: 16 named colours, a cube of 6 × 6 × 6, 24 greys.
  private static func xterm(_ index: Int) -> (Int, Int, Int) {
    if index < 16 {
      let level = index < 8 ? 205 : 255
      let named = [4: (0, 0, 238), 7: (229, 229, 229), 8: (127, 127, 127), 12: (92, 92, 255)]
      func channel(_ bit: Int) -> Int { index & bit != 0 ? level : 0 }
      return named[index] ?? (channel(1), channel(2), channel(4))
    }
    if index >= 232 {
      let grey = 8 + (index - 232) * 10
      return (grey, grey, grey)
    }
    let cube = [0, 95, 135, 175, 215, 255]
    return (cube[(index - 16) / 36], cube[(index - 16) / 6 % 6], cube[(index - 16) % 6])
  }
}
