import Tasks

/// A log that may be growing: its whole lines, each once, read piece by piece.
///
/// However long the log, only a piece of it is in memory. Half a line waits for its other half.
package struct RecordedLog {
  /// Bytes that are read at once.
  private static let pieceSize = 1 << 18
  /// No line of ours is so long; one that is longer is passed over.
  private static let longestLine = 1 << 22

  private let path: String
  /// Where the next piece begins in the file.
  private var offset = 0
  private var piece: ArraySlice<UInt8> = []
  private var isOverlong = false

  package init(_ path: String) { self.path = path }

  /// The next line; nil at the end of what there is now.
  ///
  /// - Throws: when the file cannot be read, also when there is none.
  package mutating func line() throws(SystemError) -> ArraySlice<UInt8>? {
    while true {
      while let end = piece.firstIndex(of: UInt8(ascii: "\n")) {
        let line = piece[..<end]
        piece = piece[(end + 1)...]
        if !isOverlong, !line.isEmpty { return line }
        isOverlong = false
      }
      if piece.count > Self.longestLine {
        isOverlong = true
        piece = []
      }
      let next = try SystemFile.read(path, from: offset, count: Self.pieceSize)
      guard !next.isEmpty else {
        // What is half is read again; nothing is kept for a log that may never grow.
        offset -= piece.count
        piece = []
        return nil
      }
      offset += next.count
      piece = piece.isEmpty ? next[...] : (piece + next)[...]
    }
  }

  /// The next line that is JSON, as others are left out; nil at the end, or where nothing can be read.
  package mutating func view() -> JSONView? {
    while let line = try? line() {
      if let view = try? JSONView(line) { return view }
    }
    return nil
  }
}
