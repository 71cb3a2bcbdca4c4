import CellGrid
import Experiments
import Glibc
import Recording

/// What is taken along from the screen: files in the current folder that never replace others.
struct ScreenFiles {
  /// Where they go; nil for the current folder.
  var folder: String?
  /// Seconds since 1970.
  var now: () -> Double = { Double(time(nil)) }

  /// A sentence about what was written, or why nothing was.
  struct Outcome: Equatable {
    var text: String
    var isProblem: Bool
  }

  /// Writes the screen as text, with colours as `cat` shows them, as a picture and as a page.
  func save(_ grid: CellGrid, title: String) -> Outcome {
    write([
      ("txt", grid.dump() + "\n"), ("ans", grid.ansi()), ("svg", grid.svg(title: title)),
      ("html", grid.html(title: title)),
    ])
  }

  /// Writes a table, its head first, as CSV.
  func save(_ rows: [[String]]) -> Outcome {
    let table = TextTable(head: rows.first ?? [], rows: Array(rows.dropFirst()))
    return write([("csv", table.text(.csv))])
  }

  /// A new file that nothing else has, open for writing; nil with `errno` set.
  func create(_ suffix: String) -> (path: String, file: UnsafeMutablePointer<FILE>)? {
    for attempt in 1...100 {
      let path = name(attempt) + ".\(suffix)"
      let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
      if descriptor >= 0 { return fdopen(descriptor, "w").map { (path, $0) } }
      if errno != EEXIST { return nil }
    }
    return nil
  }

  private func write(_ files: [(suffix: String, text: String)]) -> Outcome {
    var written: [String] = []
    for (suffix, text) in files {
      guard let (path, file) = create(suffix) else { return failure("metatop-….\(suffix)") }
      let isWritten = fputs(text, file) >= 0 && fflush(file) == 0
      let code = errno
      guard fclose(file) == 0, isWritten else {
        unlink(path)
        errno = code
        return failure(path)
      }
      written.append(path)
    }
    return Outcome(text: "written: \(written.joined(separator: ", "))", isProblem: false)
  }

  private func failure(_ path: String) -> Outcome {
    let reason = String(cString: strerror(errno))
    return Outcome(
      text: "\(path) could not be written (\(reason)); start metatop in a folder you may write to",
      isProblem: true
    )
  }

  private func name(_ attempt: Int) -> String {
    var seconds = time_t(now())
    var parts = tm()
    localtime_r(&seconds, &parts)
    var buffer = [CChar](repeating: 0, count: 32)
    let length = strftime(&buffer, buffer.count, "%Y%m%d-%H%M%S", &parts)
    let stamp = String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let base = folder.map { "\($0)/" } ?? ""
    return "\(base)metatop-\(stamp)\(attempt == 1 ? "" : "-\(attempt)")"
  }
}
