import CellGrid
import Experiments
import Files
import Glibc
import Recording

/// The session as an asciicast, version 2: a header, then `[seconds, "o", text]` a line.
///
/// Only rows that changed are written. Each line is handed to the system at once, so that a killed
/// session leaves a file that plays.
final class SessionRecording {
  let path: String
  private let file: UnsafeMutablePointer<FILE>
  private let beganAt: Double
  private var shown: CellGrid?
  /// Why writing ended early.
  private(set) var problem: String?

  /// Begins a file; nil with `errno` set where there can be none.
  init?(in files: ScreenFiles, size: GridSize, now: Double) {
    guard let (path, file) = files.create("cast") else { return nil }
    self.path = path
    self.file = file
    beganAt = now
    line(
      .object([
        JSONField("version", 2), JSONField("width", .integer(size.columns)),
        JSONField("height", .integer(size.rows)),
        JSONField("timestamp", .integer(Int(files.now()))), JSONField("title", "metatop"),
      ])
    )
  }

  deinit { fclose(file) }

  /// Adds a frame.
  func add(_ grid: CellGrid, now: Double) {
    guard problem == nil else { return }
    var text = ""
    if shown == nil || shown?.size != grid.size {
      if shown != nil { event("r", "\(grid.size.columns)x\(grid.size.rows)", now) }
      text = "\u{1B}[?25l\u{1B}[2J"
      shown = nil
    }
    let rows = grid.ansi().split(separator: "\n", omittingEmptySubsequences: false)
    let before = shown?.ansi().split(separator: "\n", omittingEmptySubsequences: false)
    for row in 0..<grid.size.rows where before?[row] != rows[row] {
      text += "\u{1B}[\(row + 1);1H\(rows[row])"
    }
    shown = grid
    if !text.isEmpty { event("o", text, now) }
  }

  private func event(_ kind: String, _ text: String, _ now: Double) {
    let seconds = ((now - beganAt) * 1e6).rounded() / 1e6
    line(.array([.number(seconds), .string(kind), .string(text)]))
  }

  private func line(_ value: JSONValue) {
    guard fputs(String(decoding: value.encoded(), as: UTF8.self), file) >= 0, fflush(file) == 0
    else {
      problem = "\(path) could not be written further (\(String(cString: strerror(errno))))"
      return
    }
  }
}
