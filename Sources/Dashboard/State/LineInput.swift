import CellGrid

/// A line of text that is being typed, edited as shells do.
struct LineInput: Equatable, Sendable {
  private var characters: [Character] = []
  /// Characters before the cursor.
  private(set) var cursor = 0

  init(_ text: String = "") {
    characters = Array(text)
    cursor = characters.count
  }

  var text: String { String(characters) }
  var isEmpty: Bool { characters.isEmpty }
  var beforeCursor: String { String(characters[..<cursor]) }
  var afterCursor: String { String(characters[cursor...]) }

  /// Control characters are left out; all others go in before the cursor.
  mutating func insert(_ addition: String) {
    let clean = addition.unicodeScalars.filter { $0.displayed == $0 }
    let before = beforeCursor + String(String.UnicodeScalarView(clean))
    let rest = afterCursor
    self = Self(before)
    characters += Array(rest)
  }

  mutating func deleteLast() {
    guard cursor > 0 else { return }
    cursor -= 1
    characters.remove(at: cursor)
  }

  /// The whole line anew, with the cursor at its end.
  mutating func complete(_ whole: String) { self = Self(whole) }

  /// Takes a key that edits or moves; false for one that does neither.
  mutating func take(_ key: Key) -> Bool {
    switch key {
    case .character(let character): insert(String(character))
    case .backspace, .control("h"): deleteLast()
    case .delete, .control("d"): if cursor < characters.count { characters.remove(at: cursor) }
    case .left, .control("b"): cursor = max(0, cursor - 1)
    case .right, .control("f"): cursor = min(characters.count, cursor + 1)
    case .home, .control("a"): cursor = 0
    case .end, .control("e"): cursor = characters.count
    case .wordLeft, .alt("b"): cursor = wordStart
    case .wordRight, .alt("f"): cursor = wordEnd
    case .control("u"): remove(0..<cursor)
    case .control("k"): remove(cursor..<characters.count)
    case .control("w"): remove(blankStart..<cursor)
    case .alt("\u{7F}"): remove(wordStart..<cursor)
    case .alt("d"): remove(cursor..<wordEnd)
    default: return false
    }
    return true
  }

  private mutating func remove(_ range: Range<Int>) {
    characters.removeSubrange(range)
    cursor = range.lowerBound
  }

  private static func isWord(_ character: Character) -> Bool {
    character.isLetter || character.isNumber
  }

  /// Where the word before the cursor begins; words are of letters and digits.
  private var wordStart: Int {
    let end = characters[..<cursor].lastIndex(where: Self.isWord) ?? -1
    return (characters[..<(end + 1)].lastIndex { !Self.isWord($0) } ?? -1) + 1
  }

  private var wordEnd: Int {
    guard let start = characters[cursor...].firstIndex(where: Self.isWord) else {
      return characters.count
    }
    return characters[start...].firstIndex { !Self.isWord($0) } ?? characters.count
  }

  /// The same of words that blanks divide, as Ctrl-W takes them.
  private var blankStart: Int {
    let end = characters[..<cursor].lastIndex { $0 != " " } ?? -1
    return (characters[..<(end + 1)].lastIndex { $0 == " " } ?? -1) + 1
  }

  /// What a place of so many columns shows, the cursor's own included: the text around the cursor.
  func shown(in columns: Int) -> (before: String, after: String) {
    let room = max(0, columns - 1)
    var (first, last, used) = (cursor, cursor, 0)
    while first > 0 {
      used += String(characters[first - 1]).columns
      guard used <= room else { break }
      first -= 1
    }
    used = String(characters[first..<cursor]).columns
    while last < characters.count {
      used += String(characters[last]).columns
      guard used <= room else { break }
      last += 1
    }
    return (String(characters[first..<cursor]), String(characters[cursor..<last]))
  }
}
