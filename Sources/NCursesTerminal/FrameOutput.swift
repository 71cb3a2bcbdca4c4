import CNCurses
import Glibc

/// Carries what curses draws to the terminal, as fast as that takes it.
///
/// While a frame is made, the descriptor that curses writes to is a file in memory. So a frame goes
/// out in one write, with the marks around it that let the terminal show it at once; and what a slow
/// link does not take waits here, while keys are still answered, instead of in a write that blocks.
final class FrameOutput {
  /// The descriptor that curses writes to.
  private let curses: Int32
  /// What that descriptor stands for except while a frame is made.
  private let terminal: Int32
  /// The file in memory; −1 where there is none, and frames go straight to the terminal.
  private let memory: Int32
  /// The terminal opened once more, for writes that return at once; −1 where that is not allowed.
  ///
  /// A flag on `terminal` itself would be the shell's and every other program's as well.
  private let eager: Int32
  private var waiting: [UInt8] = []
  private var sent = 0

  init(curses: Int32, terminal: Int32) {
    self.curses = curses
    self.terminal = terminal
    memory = nc_memory_file()
    eager = open("/proc/self/fd/\(terminal)", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
  }

  deinit {
    for descriptor in [memory, eager] where descriptor >= 0 { close(descriptor) }
  }

  /// Whether the terminal has taken everything.
  var isDrained: Bool { sent == waiting.count }

  /// Sends what `draw` makes curses write, between `before` and `after`.
  func send(_ before: String, _ draw: () -> Void, _ after: String) {
    guard memory >= 0, lseek(memory, 0, SEEK_SET) == 0, dup2(memory, curses) >= 0 else {
      add(before)
      finish()
      draw()
      add(after)
      return
    }
    draw()
    dup2(terminal, curses)
    let count = Int(max(lseek(memory, 0, SEEK_CUR), 0))
    waiting += before.utf8
    let start = waiting.count
    waiting += repeatElement(0, count: count)
    let read = waiting.withUnsafeMutableBytes { bytes in
      pread(memory, bytes.baseAddress?.advanced(by: start), count, 0)
    }
    waiting.removeLast(count - max(read, 0))
    add(after)
  }

  /// Sends a sequence that curses knows nothing of.
  func add(_ text: String) {
    waiting += text.utf8
    sendMore()
  }

  /// Sends as much of the rest as the terminal takes now.
  func sendMore() {
    while !isDrained {
      let count = put()
      if count < 0, errno == EINTR { continue }
      if count < 0, errno == EAGAIN { return }
      // The terminal is gone: reading says so too, and ends the program.
      guard count > 0 else { return forget() }
      sent += count
    }
    forget()
  }

  /// Waits until the terminal has taken everything, but no longer than a person would.
  ///
  /// Then what it has not shown is dropped, so that there is room for giving the terminal back.
  func finish() {
    let deadline = monotonicSeconds() + Self.patience
    sendMore()
    while !isDrained {
      var request = pollfd(fd: eager, events: Int16(POLLOUT), revents: 0)
      let rest = Int32((deadline - monotonicSeconds()) * 1000)
      guard rest > 0, poll(&request, 1, rest) > 0 else {
        tcflush(terminal, TCOFLUSH)
        return forget()
      }
      sendMore()
    }
  }

  /// Seconds that somebody who leaves waits for the rest of a frame.
  private static let patience = 2.0

  private func put() -> Int {
    waiting.withUnsafeBytes { bytes in
      let rest = UnsafeRawBufferPointer(rebasing: bytes[sent...])
      return write(eager >= 0 ? eager : terminal, rest.baseAddress, rest.count)
    }
  }

  private func forget() {
    waiting.removeAll(keepingCapacity: waiting.capacity < 1 << 20)
    sent = 0
  }
}
