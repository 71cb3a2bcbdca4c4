import CellGrid
import Glibc

/// Reads the terminal's bytes and turns them into input.
///
/// The bytes are read here rather than by wget_wch(): curses cannot tell "nothing typed" from "the
/// terminal is gone", knows arrows in one of their two forms only, and redraws behind our back.
struct InputReader {
  /// How long an Escape may be the beginning of something longer, in milliseconds.
  private static let escapeDelay: Int32 = 25
  /// How long the rest of a sequence that has clearly begun may take on a slow link.
  private static let sequenceDelay: Int32 = 100
  /// Seconds of silence after which a paste is over although its end never came.
  private static let pasteSilence = 2.0

  private let descriptor: Int32
  private var decoder: KeyDecoder
  private var lastByte = 0.0
  /// The terminal is gone; nothing will ever be read again.
  private(set) var isClosed = false

  init(descriptor: Int32, decoder: KeyDecoder) {
    self.descriptor = descriptor
    self.decoder = decoder
  }

  /// All input that has arrived, waiting only for the rest of a sequence that has begun.
  mutating func read() -> [InputEvent] {
    var events: [InputEvent] = []
    if decoder.isPasting, !isReadable(within: 0), monotonicSeconds() - lastByte > Self.pasteSilence,
      let paste = decoder.endPaste()
    {
      events.append(paste)
    }
    while isReadable(within: 0), readBlock() { events += decoder.decode() }
    while let wait = decoder.waitsFor {
      let delay = wait == .afterEscape ? Self.escapeDelay : Self.sequenceDelay
      let isFinal = !(isReadable(within: delay) && readBlock())
      events += decoder.decode(isFinal: isFinal)
    }
    return events
  }

  /// What the terminal has said of itself since the last time.
  mutating func takeAnswers() -> [TerminalAnswer] {
    defer { decoder.answers = [] }
    return decoder.answers
  }

  /// Waits a moment for an answer that is still on its way: it must not come to the shell.
  mutating func awaitAnswer(milliseconds: Int32) {
    let end = monotonicSeconds() + Double(milliseconds) / 1000
    while !decoder.answers.contains(where: { if case .attributes = $0 { true } else { false } }) {
      let rest = Int32((end - monotonicSeconds()) * 1000)
      guard rest > 0, isReadable(within: rest), readBlock() else { return }
      _ = decoder.decode()
    }
  }

  private func isReadable(within milliseconds: Int32) -> Bool {
    guard !isClosed else { return false }
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&request, 1, milliseconds) > 0
  }

  /// Returns whether any bytes came.
  private mutating func readBlock() -> Bool {
    let count = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 4096) { block in
      let count = Glibc.read(descriptor, block.baseAddress, block.count)
      if count > 0 { decoder.feed(block.prefix(count)) }
      return count
    }
    if count > 0 {
      lastByte = monotonicSeconds()
      return true
    }
    isClosed = count == 0 || (errno != EINTR && errno != EAGAIN)
    return false
  }
}

/// Seconds on a clock that never jumps.
func monotonicSeconds() -> Double {
  var now = timespec()
  clock_gettime(CLOCK_MONOTONIC, &now)
  return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
}
