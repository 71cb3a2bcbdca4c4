import CellGrid

/// Escape and control sequences, modes and colours.
extension VirtualScreen {
  mutating func escape(_ intermediates: String, _ final: Character) -> Bool {
    switch (intermediates, final) {
    case ("", "M"): reverseLineFeed()
    case ("", "D"): lineFeed()
    case ("", "E"):
      column = 0
      lineFeed()
    case ("", "7"): savedCursor = (row, column)
    case ("", "8"): moveTo(savedCursor.row, savedCursor.column)
    case ("", "c"): self = VirtualScreen(size: size)
    case ("", "="), ("", ">"), ("", "\\"): break  // keypad modes, end of a string
    case ("(", "B"), (")", "0"), ("(", "0"), (")", "B"): break  // sets designated, see shifts
    default: return false
    }
    return true
  }

  mutating func sequence(_ parameters: [Int?], _ final: Character) -> Bool {
    func parameter(_ index: Int) -> Int {
      index < parameters.count ? max(parameters[index] ?? 1, 1) : 1
    }
    let count = parameter(0)
    let kind = parameters.first.flatMap(\.self) ?? 0
    switch final {
    case "A": moveTo(row - count, column)
    case "B", "e": moveTo(row + count, column)
    case "C", "a": moveTo(row, column + count)
    case "D": moveTo(row, cursorColumn - count)
    case "E": moveTo(row + count, 0)
    case "F": moveTo(row - count, 0)
    case "G", "`": moveTo(row, count - 1)
    case "d": moveTo(count - 1, column)
    case "H", "f": moveTo(count - 1, parameter(1) - 1)
    case "I": moveTo(row, (column / 8 + count) * 8)
    case "Z": moveTo(row, (max(column - 1, 0) / 8 - (count - 1)) * 8)
    case "J": return eraseInDisplay(kind)
    case "K": return eraseInLine(kind)
    case "X": erase(row: row, cursorColumn..<cursorColumn + count)
    case "@": insertBlanks(count)
    case "P": deleteCharacters(count)
    case "L": scroll(row, up: -count)
    case "M": scroll(row, up: count)
    case "S": scroll(top, up: count)
    case "T": scroll(top, up: -count)
    case "b": for _ in 0..<count { print(lastScalar) }
    case "r": setMargins(parameters)
    case "h", "l":
      guard kind == 4 || kind == 34 else { return false }  // 34: the cursor's shape in screen
      if kind == 4 { isInserting = final == "h" }
    case "t": return [16, 22, 23].contains(kind)  // a cell's size, the title's stack
    case "c": return parameters.compactMap(\.self).isEmpty  // asks for attributes
    default: return false
    }
    return true
  }

  private mutating func setMargins(_ parameters: [Int?]) {
    top = (parameters.first.flatMap(\.self) ?? 1) - 1
    bottom = min((parameters.count > 1 ? parameters[1] : nil) ?? size.rows, size.rows) - 1
    moveTo(0, 0)
  }

  mutating func setModes(_ parameters: [Int?], _ isOn: Bool) -> Bool {
    var allKnown = true
    for mode in parameters.compactMap(\.self) {
      switch mode {
      case 1049: switchScreen(isOn)
      case 2026 where !isOn && modes.contains(2026): framesCompleted += 1
      case 1, 3, 4, 7, 12, 25, 1000, 1002, 1003, 1004, 1006, 2004, 2026: break
      default: allKnown = false
      }
      if isOn { modes.insert(mode) } else { modes.remove(mode) }
    }
    return allKnown
  }

  private mutating func switchScreen(_ toAlternate: Bool) {
    if toAlternate, normalScreen == nil {
      savedCursor = (row, column)
      normalScreen = grid
      grid = CellGrid(size: size)
    } else if !toAlternate, let normal = normalScreen {
      grid = normal
      normalScreen = nil
      moveTo(savedCursor.row, savedCursor.column)
    }
  }

  mutating func selectGraphics(_ parameters: [Int?]) -> Bool {
    var rest = parameters.isEmpty ? [0] : parameters.map { $0 ?? 0 }[...]
    var allKnown = true
    while let code = rest.popFirst() {
      switch code {
      case 0: pen = .plain
      case 1: pen.attributes.insert(.bold)
      case 2: pen.attributes.insert(.dim)
      case 4: pen.attributes.insert(.underline)
      case 7: pen.attributes.insert(.reverse)
      case 22: pen.attributes.subtract([.bold, .dim])
      case 24: pen.attributes.remove(.underline)
      case 27: pen.attributes.remove(.reverse)
      case 10: break  // the console's primary font, part of its sgr0
      case 30...37: pen.foreground = .ansi(UInt8(code - 30))
      case 90...97: pen.foreground = .ansi(UInt8(code - 82))
      case 39: pen.foreground = .terminal
      case 40...47: pen.background = .ansi(UInt8(code - 40))
      case 100...107: pen.background = .ansi(UInt8(code - 92))
      case 49: pen.background = .terminal
      case 38, 48:
        guard let color = extendedColor(&rest) else { return false }
        if code == 38 { pen.foreground = color } else { pen.background = color }
      default: allKnown = false
      }
    }
    return allKnown
  }

  private func extendedColor(_ rest: inout ArraySlice<Int>) -> Color? {
    switch rest.popFirst() {
    case 5:
      guard let index = rest.popFirst(), (0..<256).contains(index) else { return nil }
      return index < 16 ? .ansi(UInt8(index)) : .indexed(UInt8(index))
    case 2:
      let values = rest.prefix(3).compactMap { UInt8(exactly: $0) }
      rest = rest.dropFirst(3)
      return values.count == 3 ? .rgb(values[0], values[1], values[2]) : nil
    default: return nil
    }
  }
}
