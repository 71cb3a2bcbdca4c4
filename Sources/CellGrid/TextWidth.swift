extension Unicode.Scalar {
  /// How many columns the scalar takes in a terminal: 0, 1 or 2.
  ///
  /// Control and format characters count 0 here; `displayed` decides what is drawn in their place.
  package var columns: Int {
    if isPlain { return 1 }
    guard isPrintable else { return 0 }
    return isWide ? 2 : 1
  }

  /// What may go into a cell for this scalar: itself, U+FFFD for what could command a terminal or
  /// reorder text, or nothing for what has no width of its own.
  package var displayed: Unicode.Scalar? {
    if isPlain { return self }
    if isDangerous { return "\u{fffd}" }
    return isPrintable ? self : nil
  }

  /// Whether the scalar is in one of the blocks of harmless characters of one column that nearly
  /// all of the screen is made of; it saves the lookup of properties.
  private var isPlain: Bool {
    switch value {
    case 0x20...0x7e, 0xa1...0xac, 0xae...0x2ff, 0x391...0x3c9, 0x2010...0x2027, 0x2190...0x22ff,
      0x2500...0x25fc, 0x2800...0x28ff:
      true
    default: false
    }
  }

  /// C0, DEL, C1, bidirectional overrides and isolates, line separators, and code points whose
  /// width nobody agrees on.
  private var isDangerous: Bool {
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
    case .format: [0x061c, 0x200e, 0x200f].contains(value) || isBidirectionalControl
    default: false
    }
  }

  private var isBidirectionalControl: Bool {
    (0x202a...0x202e).contains(value) || (0x2066...0x2069).contains(value)
  }

  private var isPrintable: Bool {
    switch properties.generalCategory {
    case .control, .format, .nonspacingMark, .enclosingMark, .lineSeparator, .paragraphSeparator:
      false
    default: !properties.isDefaultIgnorableCodePoint && !(0x1160...0x11ff).contains(value)
    }
  }

  private var isPresentedAsEmoji: Bool {
    // A regional indicator is one column; the pair that makes a flag is two.
    properties.isEmojiPresentation && !(0x1f1e6...0x1f1ff).contains(value)
  }

  private var isWide: Bool {
    value >= 0x1100 && (isPresentedAsEmoji || Self.wideRanges.contains { $0.contains(value) })
  }

  /// East Asian Width W and F, without the emoji that `isEmojiPresentation` already knows.
  private static let wideRanges: [ClosedRange<UInt32>] = [
    0x1100...0x115f, 0x2329...0x232a, 0x2e80...0x303e, 0x3041...0x4dbf, 0x4e00...0xa4cf,
    0xa960...0xa97f, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe10...0xfe19, 0xfe30...0xfe6f,
    0xff00...0xff60, 0xffe0...0xffe6, 0x16fe0...0x18cff, 0x1aff0...0x1b2ff, 0x1f200...0x1f265,
    0x1f300...0x1f320, 0x1f900...0x1f9ff, 0x1fa70...0x1faff, 0x20000...0x3fffd,
  ]
}

extension String {
  /// Columns the text takes once it is sanitised.
  package var columns: Int {
    if utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) { return utf8.count }
    return unicodeScalars.reduce(0) { $0 + ($1.displayed?.columns ?? 0) }
  }

  /// The text as cells will show it: nothing in it can command or confuse a terminal.
  package var sanitised: String {
    var result = UnicodeScalarView()
    for scalar in unicodeScalars {
      if let shown = scalar.displayed { result.append(shown) }
    }
    return String(result)
  }

  /// The text cut to at most `limit` columns, ending in `ellipsis` when something was cut.
  package func clipped(to limit: Int, ellipsis: String = "…") -> String {
    let text = sanitised
    guard text.columns > limit else { return text }
    guard limit > ellipsis.columns else { return String(text.prefix(fitting: limit)) }
    return text.prefix(fitting: limit - ellipsis.columns) + ellipsis
  }

  private func prefix(fitting limit: Int) -> String {
    var room = limit
    let end = unicodeScalars.firstIndex { scalar in
      room -= scalar.columns
      return room < 0
    }
    return String(unicodeScalars[..<(end ?? unicodeScalars.endIndex)])
  }
}
