import CTermGuard
import CellGrid
import Glibc

/// Lines on standard output and from standard input, for any terminal or none: no mode is changed and no
/// escape sequence written.
package final class PlainTerminal: Terminal {
  /// As large as a screen on which every panel has its place, since nothing is drawn.
  package let size = GridSize(columns: 200, rows: 60)
  package let capabilities: TerminalCapabilities

  private let input: Int32
  private let output: Int32
  /// A terminal opened once more, for reads that return at once; −1 for anything else.
  ///
  /// Ctrl-C takes away what was typed, also between the question whether something is there and the
  /// read of it, which would then wait for the next line. A flag on `input` itself would be the shell's too.
  private let eager: Int32
  private var begun: [UInt8] = []
  /// Nothing more will be typed.
  package private(set) var isAtEnd = false
  /// Nobody reads what is written.
  package private(set) var isClosed = false
  /// Bytes of a line that are kept; what is longer is no command.
  private static let longestLine = 65_536

  package init(
    options: TerminalOptions = TerminalOptions(),
    input: Int32 = STDIN_FILENO,
    output: Int32 = STDOUT_FILENO
  ) {
    (self.input, self.output) = (input, output)
    let flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
    eager = isatty(input) == 1 ? open("/proc/self/fd/\(input)", flags) : -1
    _ = term_guard_install()
    capabilities = TerminalCapabilities(
      colors: 0,
      isUnicode: !options.forceASCII && prepareCharacterSet()
    )
  }

  deinit {
    if eager >= 0 { close(eager) }
  }

  /// Prints the grid's rows as lines.
  package func draw(_ grid: CellGrid) {
    guard grid.size.rows > 0, !isClosed else { return }
    var bytes = Array((grid.dump() + "\n").utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(output, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        isClosed = true
        return
      }
      bytes = bytes.dropFirst(count)
    }
  }

  /// Whole lines that were typed, as texts.
  package func pollInput() -> [InputEvent] {
    while isReadable, readBlock() {}
    var events: [InputEvent] = []
    while let end = begun.firstIndex(of: UInt8(ascii: "\n")) {
      events.append(.paste(String(decoding: begun[..<end], as: UTF8.self)))
      begun.removeSubrange(...end)
    }
    if isAtEnd, !begun.isEmpty {
      events.append(.paste(String(decoding: begun, as: UTF8.self)))
      begun = []
    }
    if begun.count > Self.longestLine { begun = [] }
    return events
  }

  private var isReadable: Bool {
    guard !isAtEnd else { return false }
    var request = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
    return poll(&request, 1, 0) > 0
  }

  /// Returns whether any bytes came.
  func readBlock() -> Bool {
    let source = eager >= 0 ? eager : input
    let count = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 4096) { block in
      let count = Glibc.read(source, block.baseAddress, block.count)
      if count > 0 { begun += block.prefix(count) }
      return count
    }
    if count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN) { isAtEnd = true }
    return count > 0
  }

  // A terminal that only prints has no more to do.
  package var isDrained: Bool { true }
  package func drain() {}
  package func resize() {}
  package func redrawAll() {}
  package func copy(_ text: String) {}
  package func suspend() {}
  package func resume() {}
  package func end() {}
}
