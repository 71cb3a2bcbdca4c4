import Glibc

/// What is taken along from a screen: files in the current folder that never replace others.
package struct ScreenFiles {
  /// Where they go; nil for the current folder.
  package var folder: String?
  /// Seconds since 1970.
  package var now: () -> Double

  package init(folder: String? = nil, now: @escaping () -> Double = { Double(time(nil)) }) {
    (self.folder, self.now) = (folder, now)
  }

  /// A sentence about what was written, or why nothing was.
  package struct Outcome: Equatable {
    package var text: String
    package var isProblem: Bool

    package init(text: String, isProblem: Bool) {
      (self.text, self.isProblem) = (text, isProblem)
    }
  }

  /// Writes a table, its head first, as CSV.
  package func save(_ rows: [[String]]) -> Outcome {
    let table = TextTable(head: rows.first ?? [], rows: Array(rows.dropFirst()))
    return write([("csv", table.text(.csv))])
  }

  /// Writes a file for `--config`; the outcome's text is its path.
  package func save(configuration text: String) -> Outcome {
    let outcome = write([("yaml", text)])
    guard !outcome.isProblem else { return outcome }
    return Outcome(text: String(outcome.text.dropFirst("written: ".count)), isProblem: false)
  }

  /// A new file that nothing else has, open for writing; nil with `errno` set.
  package func create(_ suffix: String) -> (path: String, file: UnsafeMutablePointer<FILE>)? {
    for attempt in 1...100 {
      let path = name(attempt) + ".\(suffix)"
      let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
      if descriptor >= 0 { return fdopen(descriptor, "w").map { (path, $0) } }
      if errno != EEXIST { return nil }
    }
    return nil
  }

  package func write(_ files: [(suffix: String, text: String)]) -> Outcome {
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
