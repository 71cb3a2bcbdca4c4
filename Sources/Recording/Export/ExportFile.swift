import Files
import Glibc

/// A file being exported, written piece by piece; nothing that is there is replaced.
package struct ExportFile: ~Copyable {
  private static let pieceSize = 1 << 16

  package let path: String
  private let descriptor: Int32
  private var waiting: [UInt8] = []
  private var isWhole = false

  /// Makes the file, and the folders above it.
  ///
  /// - Throws: a sentence, when it is there already or cannot be made.
  package init(_ path: String) throws(ConfigurationError) {
    self.path = path
    var folder = ""
    for part in path.split(separator: "/", omittingEmptySubsequences: false).dropLast() {
      folder += folder.isEmpty && part.isEmpty ? "/" : "\(part)/"
      mkdir(folder, 0o755)
    }
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor < 0 else { return }
    let isThere = errno == EEXIST
    let reason = String(cString: strerror(errno))
    isWhole = true
    throw ConfigurationError(
      isThere ? .usage : .badData,
      isThere
        ? "--out: \(path.printable) is there already; move it or give another folder"
        : "--out: \(path.printable) cannot be written (\(reason)); give another folder"
    )
  }

  /// Half a file is taken away.
  deinit {
    if descriptor >= 0 { close(descriptor) }
    if !isWhole { unlink(path) }
  }

  package mutating func append(_ bytes: some Sequence<UInt8>) throws(ConfigurationError) {
    waiting.append(contentsOf: bytes)
    if waiting.count >= Self.pieceSize { try flush() }
  }

  /// One line of a table, its cells with commas between them; what a name has of commas, quotes and ends
  /// of lines stands between quotes.
  package mutating func append(cells: [String]) throws(ConfigurationError) {
    let quoted = cells.map { cell in
      guard cell.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return cell }
      return "\"" + cell.replacing("\"", with: "\"\"") + "\""
    }
    try append("\(quoted.joined(separator: ","))\n".utf8)
  }

  package mutating func finish() throws(ConfigurationError) {
    try flush()
    isWhole = true
  }

  private mutating func flush() throws(ConfigurationError) {
    var start = 0
    while start < waiting.count {
      let count = waiting[start...].withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        let reason = String(cString: strerror(errno))
        throw ConfigurationError(
          .badData,
          "--out: \(path.printable) cannot be written (\(reason)); give another folder"
        )
      }
      start += count
    }
    waiting.removeAll(keepingCapacity: true)
  }
}
