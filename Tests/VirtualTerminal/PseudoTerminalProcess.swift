import CPseudoTerminal
import CellGrid
import Glibc

/// A program running on a pseudo terminal, with a `VirtualScreen` for its display.
///
/// Nothing here sleeps: every wait polls the terminal and the process until a deadline, and what
/// the program writes meanwhile reaches the screen. Frame by frame where the program marks its
/// frames: however late the bytes are read, no frame is passed over and none is seen half drawn.
package final class PseudoTerminalProcess {
  package private(set) var screen: VirtualScreen
  /// Every byte that has reached the screen.
  package private(set) var transcript: [UInt8] = []
  package let pid: pid_t
  /// The terminal's modes before the program started.
  package private(set) var initialModes: TerminalModes?
  /// What has been read and is not on the screen yet.
  private var unread: ArraySlice<UInt8> = []
  private var controller: Int32 = -1
  private var terminal: Int32 = -1
  private let processDescriptor: Int32
  private var status: Int32?

  /// Starts `executable` with exactly this environment.
  package init(
    _ executable: String,
    _ arguments: [String] = [],
    environment: [String: String] = ["TERM": "xterm-256color", "LC_ALL": "C.UTF-8"],
    size: GridSize = GridSize(columns: 80, rows: 24)
  ) throws(PseudoTerminalError) {
    screen = VirtualScreen(size: size)
    try check("open", pty_open(Int32(size.rows), Int32(size.columns), &controller, &terminal))
    initialModes = readModes(terminal)
    var pid: pid_t = 0
    let controller = self.controller
    let spawned = withCStrings([executable] + arguments) { arguments in
      withCStrings(environment.map { "\($0)=\($1)" }) { environment in
        pty_spawn(controller, executable, arguments, environment, &pid)
      }
    }
    self.pid = pid
    processDescriptor = spawned == 0 ? pty_process_descriptor(pid) : -1
    try check("start \(executable)", spawned)
  }

  deinit {
    if status == nil, processDescriptor >= 0 {
      kill(pid, SIGKILL)
      _ = pty_exit_status(pid)
    }
    for descriptor in [controller, terminal, processDescriptor] where descriptor >= 0 {
      close(descriptor)
    }
  }

  package func send(_ text: String) { send(Array(text.utf8)) }

  package func send(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(controller, $0.baseAddress, $0.count) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  package func signal(_ number: Int32) { kill(pid, number) }

  package func resize(_ size: GridSize) {
    screen.resize(size)
    _ = pty_resize(controller, Int32(size.rows), Int32(size.columns))
  }

  /// Closes the terminal, as a window's close button or a lost connection does.
  package func hangUp() {
    for descriptor in [terminal, controller] { close(descriptor) }
    (terminal, controller) = (-1, -1)
  }

  /// The terminal's modes as they are now; nil after `hangUp()`.
  package var modes: TerminalModes? { readModes(terminal) }

  /// How long to wait for what must come; generous, because the machine may be busy.
  package static let patience = 120.0

  /// Whether `predicate` held after some frame before the time was up, or the program ended
  /// without it.
  package func waitForScreen(
    timeout seconds: Double = patience,
    _ predicate: (VirtualScreen) -> Bool
  ) -> Bool {
    let deadline = now() + seconds
    while screen.isInFrame || !predicate(screen) {
      guard pump(until: deadline) else { return predicate(screen) }
    }
    return true
  }

  /// The exit status (128 + the signal, if one killed it), or nil if it still runs after that time.
  package func waitForExit(timeout seconds: Double = patience) -> Int32? {
    let deadline = now() + seconds
    while status == nil {
      guard pump(until: deadline) else { return nil }
    }
    drain(until: deadline)
    return status
  }

  /// The exit status of a program whose terminal takes nothing more, as over a dead connection.
  package func waitForExitUnread(timeout seconds: Double = patience) -> Int32? {
    var request = pollfd(fd: processDescriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&request, 1, Int32(seconds * 1000)) > 0 else { return nil }
    status = pty_exit_status(pid)
    return status
  }

  /// Whether the program stopped itself (as for Ctrl-Z) before the time was up.
  package func waitForStop(timeout seconds: Double = patience) -> Bool {
    let deadline = now() + seconds
    while !pty_take_stop(pid) {
      let slice = min(deadline, now() + 0.01)
      guard status == nil, pump(until: slice) || now() < deadline else { return false }
    }
    drain(until: deadline)
    return true
  }

  /// Handles what comes next; false when nothing came in time or nothing can come any more.
  private func pump(until deadline: Double) -> Bool {
    if showNextFrame() { return true }
    guard status == nil else { return false }
    let remaining = Int32(max((deadline - now()) * 1000, 0).rounded(.up))
    var requests = [
      pollfd(fd: controller, events: Int16(POLLIN), revents: 0),
      pollfd(fd: processDescriptor, events: Int16(POLLIN), revents: 0),
    ]
    guard poll(&requests, 2, remaining) > 0 else { return false }
    let hasRead = requests[0].revents != 0 && readBlock()
    if !hasRead, requests[1].revents != 0 { status = pty_exit_status(pid) }
    return true
  }

  /// Reads what the program had written when it ended or stopped.
  ///
  /// The kernel passes output on in its own time; a mark sent after it tells when all is here.
  private func drain(until deadline: Double) {
    guard terminal >= 0 else { return }
    var mark = "\u{1B}]all is read\u{07}"
    _ = mark.withUTF8 { write(terminal, $0.baseAddress, $0.count) }
    while screen.commands.last != "all is read" {
      if showNextFrame() { continue }
      var request = pollfd(fd: controller, events: Int16(POLLIN), revents: 0)
      let remaining = Int32(max((deadline - now()) * 1000, 0).rounded(.up))
      guard poll(&request, 1, remaining) > 0, readBlock() else { return }
    }
    screen.commands.removeLast()
  }

  private func readBlock() -> Bool {
    var block = [UInt8](repeating: 0, count: 65_536)
    let count = read(controller, &block, block.count)
    guard count > 0 else { return false }
    unread += block.prefix(count)
    return true
  }

  /// Feeds the screen with what has been read, up to the end of one frame; false when nothing is
  /// left.
  private func showNextFrame() -> Bool {
    guard !unread.isEmpty else { return false }
    let framesBefore = screen.framesCompleted
    while !unread.isEmpty, screen.framesCompleted == framesBefore {
      // The sequence that ends a frame ends in this letter.
      let end = unread.firstIndex(of: UInt8(ascii: "l")).map { $0 + 1 } ?? unread.endIndex
      transcript += unread[..<end]
      screen.feed(unread[..<end])
      unread = unread[end...]
    }
    return true
  }
}

package struct PseudoTerminalError: Error, CustomStringConvertible {
  package let description: String
}

/// The parts of a terminal's modes that a full-screen program changes.
package struct TerminalModes: Equatable, Sendable {
  package let input: UInt32
  package let output: UInt32
  package let local: UInt32
  package let controlCharacters: [UInt8]

  init(_ modes: termios) {
    input = modes.c_iflag
    output = modes.c_oflag
    local = modes.c_lflag
    controlCharacters = withUnsafeBytes(of: modes.c_cc) { Array($0) }
  }

  package var echoes: Bool { local & UInt32(ECHO) != 0 }
  package var isLineByLine: Bool { local & UInt32(ICANON) != 0 }
}

/// The path of a program built beside the tests.
package func builtExecutable(_ name: String) -> String {
  var path = [CChar](repeating: 0, count: 4096)
  let length = readlink("/proc/self/exe", &path, path.count - 1)
  let own = String(
    decoding: path.prefix(max(length, 0)).map(UInt8.init(bitPattern:)),
    as: UTF8.self
  )
  return (own.lastIndex(of: "/").map { String(own[...$0]) } ?? "./") + name
}

private func readModes(_ terminal: Int32) -> TerminalModes? {
  var modes = termios()
  return tcgetattr(terminal, &modes) == 0 ? TerminalModes(modes) : nil
}

private func check(_ what: String, _ status: Int32) throws(PseudoTerminalError) {
  guard status != 0 else { return }
  throw PseudoTerminalError(description: "cannot \(what): \(String(cString: strerror(status)))")
}

private func now() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

private func withCStrings<Result>(
  _ strings: [String],
  _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
  let copies = strings.map { strdup($0) } + [nil]
  defer { for copy in copies { free(copy) } }
  return body(copies)
}
