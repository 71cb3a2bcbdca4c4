import Files

/// A log that may be growing: its whole lines, each once, read piece by piece.
///
/// However long the log, only a piece of it is in memory. Half a line waits for its other half.
package struct RecordedLog {
  /// Bytes that are read at once.
  private static let pieceSize = 1 << 16
  /// No line of ours is so long; one that is longer is passed over.
  private static let longestLine = 1 << 20

  private let path: String
  /// Where the next piece begins in the file.
  private var offset = 0
  /// What was read and not yet told.
  private var rest: ArraySlice<UInt8> = []
  private var isOverlong = false
  /// Everything that is there has been read; nobody has looked again.
  private var isAtEnd = false

  package init(_ path: String) { self.path = path }

  /// The next line; nil at the end, also of what is appended later until `refresh` is called.
  ///
  /// - Throws: when the file cannot be read, also when there is none.
  package mutating func line() throws(SystemError) -> ArraySlice<UInt8>? {
    while !isAtEnd {
      while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
        let line = rest[..<end]
        rest = rest[(end + 1)...]
        if !isOverlong, !line.isEmpty { return line }
        isOverlong = false
      }
      if rest.count > Self.longestLine {
        isOverlong = true
        rest = []
      }
      let next = try piece()
      guard !next.isEmpty else {
        // What is half is read again; nothing is kept for a log that may never grow.
        offset -= rest.count
        rest = []
        isAtEnd = true
        break
      }
      offset += next.count
      rest = rest.isEmpty ? next[...] : (rest + next)[...]
    }
    return nil
  }

  private mutating func piece() throws(SystemError) -> [UInt8] {
    do throws(SystemError) {
      return try SystemFile.read(path, from: offset, count: Self.pieceSize)
    } catch {
      isAtEnd = true
      throw error
    }
  }

  /// Looks again whether something has been appended.
  package mutating func refresh() { isAtEnd = false }

  /// The next line that is JSON, as others are left out; nil at the end.
  ///
  /// - Throws: as `line` does.
  package mutating func view() throws(SystemError) -> JSONView? {
    while let line = try line() {
      if let view = try? JSONView(line) { return view }
    }
    return nil
  }

  /// The last whole line of a log that is JSON; nil when its end has none.
  static func last(of path: String) -> JSONView? {
    guard let end = SystemFile.size(path),
      let bytes = try? SystemFile.read(path, from: max(0, end - pieceSize), count: 2 * pieceSize)
    else { return nil }
    for line in LinesFromTheEnd(bytes) {
      if let view = try? JSONView(line) { return view }
    }
    return nil
  }
}

/// The lines of a log, the last first, without a list of them all.
struct LinesFromTheEnd: Sequence, IteratorProtocol {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  mutating func next() -> ArraySlice<UInt8>? {
    while let last = rest.last {
      guard last != UInt8(ascii: "\n") else {
        rest = rest.dropLast()
        continue
      }
      let start = rest.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? rest.startIndex
      defer { rest = rest[..<start] }
      return rest[start...]
    }
    return nil
  }
}
