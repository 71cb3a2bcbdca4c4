import CNCurses
import CTermGuard
import CellGrid
import Glibc

/// The screen of a terminal, through ncurses.
///
/// Lives on the process's main thread from `init` to `end()`: curses is one big global, and being
/// non-Sendable keeps the compiler from letting it go anywhere else. Drawing goes through a window
/// of our own, and cells reach curses only where they differ from the last frame.
package final class NCursesTerminal: Terminal {
  package private(set) var size = GridSize(columns: 0, rows: 0)
  package let capabilities: TerminalCapabilities

  private let description: TerminalDescription
  private let options: TerminalOptions
  private let input: Int32 = STDIN_FILENO
  private let output: Int32 = STDOUT_FILENO
  private let screen: CursesScreen
  private let frames: FrameOutput
  private var painter: WindowPainter
  private var reader: InputReader
  private var state = State.up
  private var pictures = PictureLayer()
  /// When the terminal was asked what it knows; nil once it has told, or was not asked.
  private var askedAt: Double?
  private var hasAsked = false
  private var answered: [TerminalAnswer] = []

  private enum State {
    case up
    case suspended
    case ended
  }

  /// Why this process's terminal cannot show a dashboard, or nil; changes nothing.
  package static var obstacle: TerminalError? {
    guard isatty(STDIN_FILENO) == 1 else { return .inputIsNotATerminal }
    guard isatty(STDOUT_FILENO) == 1 else { return .outputIsNotATerminal }
    do throws(TerminalError) {
      _ = try TerminalDescription(output: STDOUT_FILENO)
      return nil
    } catch {
      return error
    }
  }

  /// Colours the terminal says it has, true colour included; nil without a usable terminal.
  package static var colorCount: Int? {
    guard obstacle == nil,
      let description = try? TerminalDescription(output: STDOUT_FILENO)
    else { return nil }
    return description.directColor == nil ? description.colorCount : 1 << 24
  }

  package init(options: TerminalOptions = TerminalOptions()) throws(TerminalError) {
    precondition(term_guard_is_main_thread(), "curses belongs to the process's main thread")
    guard isatty(STDIN_FILENO) == 1 else { throw .inputIsNotATerminal }
    guard isatty(STDOUT_FILENO) == 1 else { throw .outputIsNotATerminal }
    let description = try TerminalDescription(output: STDOUT_FILENO)
    // Before newterm(): it installs handlers of its own where it finds none, and changes the modes.
    try check(term_guard_install())
    try check(arm(description, STDOUT_FILENO))
    let isUnicode = !options.forceASCII && prepareCharacterSet()
    do throws(TerminalError) {
      screen = try CursesScreen(description, input: input, output: output, options: options)
    } catch {
      term_guard_disarm()
      throw error
    }
    frames = FrameOutput(curses: screen.descriptor, terminal: output)
    capabilities = TerminalCapabilities(
      colors: screen.colors,
      isUnicode: isUnicode,
      hasBraille: options.hasBraille && !(environment("TERM") ?? "").hasPrefix("linux")
    )
    painter = WindowPainter(
      window: screen.window,
      capabilities: capabilities,
      description: description
    )
    reader = InputReader(descriptor: input, decoder: KeyDecoder(named: description.keys))
    self.description = description
    self.options = options
    switchModesOn()
    resize()
  }

  deinit { end() }

  package func draw(_ grid: CellGrid) {
    guard state == .up, term_guard_is_armed() else { return }
    let own = pictures.update(grid.pictures)
    if own.repaints { painter.forget() }
    let isPainted = painter.paint(grid, size: size)
    guard isPainted || !own.bytes.isEmpty else { return }
    let marks =
      description.isEmulator ? (PrivateModes.frameBegins, PrivateModes.frameEnds) : ("", "")
    frames.send(
      marks.0,
      {
        guard isPainted else { return }
        wnoutrefresh(screen.window)
        doupdate()
      },
      own.bytes + marks.1
    )
  }

  /// Whether the terminal has taken everything that was drawn; until then, draw nothing more.
  package var isDrained: Bool { frames.isDrained }

  /// Hands over what the terminal had no room for before.
  package func drain() { frames.sendMore() }

  package func pollInput() -> [InputEvent] {
    guard state == .up else { return [] }
    return reader.read() + reader.takeAnswers().compactMap(take)
  }

  /// Takes note of an answer; a background is the screen's to know.
  private func take(_ answer: TerminalAnswer) -> InputEvent? {
    // Somebody who answers so late was not asked by us.
    guard let asked = askedAt, monotonicSeconds() - asked < 5 else { return nil }
    answered.append(answer)
    switch answer {
    case .background(let isLight): return .background(isLight: isLight)
    case .attributes(let numbers):
      askedAt = nil
      pictures.manner = manner(numbers)
    case .cell, .kittyGraphics: break
    }
    return nil
  }

  /// How pictures are shown, by all that was said; nil for half blocks.
  private func manner(_ attributes: [Int]) -> PictureLayer.Manner? {
    guard capabilities.colors >= 256 else { return nil }
    if answered.contains(.kittyGraphics) { return .kitty }
    guard attributes.dropFirst().contains(4) else { return nil }
    for case .cell(let height, let width) in answered {
      return .sixel(height: height, width: width)
    }
    return measuredCell(output).map { .sixel(height: $0.height, width: $0.width) }
  }

  /// The terminal is gone: its window was closed, or the connection to it.
  package var isClosed: Bool { reader.isClosed }

  /// Asks the terminal for its size and forgets what it shows; the next frame draws everything.
  package func resize() {
    guard state == .up else { return }
    size = measuredSize(output)
    screen.resize(columns: size.columns, rows: size.rows)
    redrawAll()
  }

  /// Makes the next frame draw every cell, whatever the terminal is thought to show.
  package func redrawAll() {
    guard state == .up else { return }
    painter.forget()
    let gone = pictures.forget()
    if !gone.isEmpty { frames.add(gone) }
  }

  /// Offers a text to the clipboard (OSC 52); terminals that do not know the sequence ignore it.
  package func copy(_ text: String) {
    guard state == .up, term_guard_is_armed(), description.isEmulator else { return }
    frames.add("\u{1B}]52;c;\(base64(text))\u{7}")
  }

  /// Gives the terminal back, for the time the program is stopped.
  package func suspend() {
    guard state == .up else { return }
    state = .suspended
    takeDown()
  }

  /// Takes the terminal again after `suspend()`, or after somebody else stopped the program.
  package func resume() {
    guard state != .ended else { return }
    if state == .suspended, arm(description, output) != 0 { return }
    state = .up
    reset_prog_mode()
    switchModesOn()
    resize()
  }

  /// Gives the terminal back for good; safe to call again.
  package func end() {
    guard state != .ended else { return }
    if state == .up {
      // An answer must not come to the shell. Who only suspends may have typed on, and reads it later.
      if let askedAt, monotonicSeconds() - askedAt < 2 { reader.awaitAnswer(milliseconds: 100) }
      askedAt = nil
      takeDown()
    }
    state = .ended
    screen.close()
  }

  private func switchModesOn() {
    guard description.isEmulator else { return }
    frames.add(PrivateModes.pasteOn + (options.usesMouse ? PrivateModes.mouseOn : ""))
    guard !hasAsked else { return }
    (hasAsked, askedAt) = (true, monotonicSeconds())
    let isMultiplexed =
      environment("TMUX") != nil || ["tmux", "screen"].contains { description.name.hasPrefix($0) }
    frames.add(TerminalAnswer.questions(asksForKitty: !isMultiplexed))
  }

  private func takeDown() {
    let gone = pictures.forget()
    if !gone.isEmpty { frames.add(gone) }
    frames.finish()
    if description.isEmulator { writeAll(PrivateModes.off, to: output) }
    endwin()
    // What is said next must not stand in the remains of the last line.
    writeAll(description.eraseLastLine, to: output)
    term_guard_disarm()
  }
}

func base64(_ text: String) -> String { base64(Array(text.utf8)) }

func base64(_ bytes: [UInt8]) -> String {
  let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  return stride(from: 0, to: bytes.count, by: 3).reduce(into: "") { result, start in
    let group = (0..<3).map { start + $0 < bytes.count ? Int(bytes[start + $0]) : 0 }
    let number = group[0] << 16 | group[1] << 8 | group[2]
    for place in 0..<4 {
      let isPadding = start + place > bytes.count
      result.append(isPadding ? "=" : digits[number >> (18 - 6 * place) & 63])
    }
  }
}

private func check(_ status: Int32) throws(TerminalError) {
  if status != 0 { throw .setupFailed(reason: String(cString: strerror(status))) }
}

private func arm(_ description: TerminalDescription, _ output: Int32) -> Int32 {
  let sequence = description.restoreSequence
  return term_guard_arm(output, sequence, sequence.utf8.count)
}

/// A cell in pixels, where the terminal has told the system.
private func measuredCell(_ output: Int32) -> (height: Int, width: Int)? {
  var found = winsize()
  guard ioctl(output, UInt(TIOCGWINSZ), &found) == 0, found.ws_row > 0, found.ws_col > 0,
    found.ws_xpixel > 0, found.ws_ypixel > 0
  else { return nil }
  let cell = (
    height: Int(found.ws_ypixel / found.ws_row), width: Int(found.ws_xpixel / found.ws_col)
  )
  return cell.height > 0 && cell.width > 0 ? cell : nil
}

/// A terminal that does not know its size (0 × 0, as on a serial line) gets the traditional one.
private func measuredSize(_ output: Int32) -> GridSize {
  var found = winsize()
  let isKnown = ioctl(output, UInt(TIOCGWINSZ), &found) == 0 && found.ws_row > 0 && found.ws_col > 0
  return isKnown
    ? GridSize(columns: Int(found.ws_col), rows: Int(found.ws_row))
    : GridSize(columns: 80, rows: 24)
}
