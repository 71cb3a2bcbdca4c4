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
  /// How long the terminal took to accept the last frame, in seconds.
  package private(set) var lastWriteSeconds = 0.0

  let description: TerminalDescription
  private let options: TerminalOptions
  private let input: Int32 = STDIN_FILENO
  private let output: Int32 = STDOUT_FILENO
  private let screen: OpaquePointer
  private let window: UnsafeMutablePointer<WINDOW>
  private let streams: [UnsafeMutablePointer<FILE>]
  private var reader: InputReader
  private var styles: StyleMapping
  private var shown: CellGrid?
  private var run: [nc_cell] = []
  private var state = State.up

  private enum State {
    case up
    case suspended
    case ended
  }

  package init(options: TerminalOptions = TerminalOptions()) throws(TerminalError) {
    precondition(term_guard_is_main_thread(), "curses belongs to the process's main thread")
    guard isatty(STDIN_FILENO) == 1 else { throw .inputIsNotATerminal }
    guard isatty(STDOUT_FILENO) == 1 else { throw .outputIsNotATerminal }
    let description = try TerminalDescription(output: STDOUT_FILENO)
    // Before newterm(): it installs handlers of its own where it finds none, and changes the modes.
    try Self.check(term_guard_install())
    try Self.arm(description, STDOUT_FILENO)
    let isUnicode = !options.forceASCII && prepareCharacterSet()
    let opened: (OpaquePointer, UnsafeMutablePointer<WINDOW>, [UnsafeMutablePointer<FILE>])
    do throws(TerminalError) {
      opened = try Self.openScreen(description, input, output)
    } catch {
      term_guard_disarm()
      throw error
    }
    (screen, window, streams) = opened
    let colors = Self.startColor(options)
    capabilities = TerminalCapabilities(colors: colors, isUnicode: isUnicode)
    styles = StyleMapping(colors: colors, pairLimit: description.pairLimit)
    reader = InputReader(descriptor: input, decoder: KeyDecoder(named: description.keys))
    self.description = description
    self.options = options
    setInputModes()
    switchModesOn()
    resize()
  }

  deinit { end() }

  package func draw(_ grid: CellGrid) {
    guard state == .up, term_guard_is_armed() else { return }
    guard put(grid) else { return }
    let began = monotonicSeconds()
    if description.isEmulator { writeAll(PrivateModes.frameBegins, to: output) }
    wnoutrefresh(window)
    doupdate()
    if description.isEmulator { writeAll(PrivateModes.frameEnds, to: output) }
    lastWriteSeconds = monotonicSeconds() - began
  }

  package func pollInput() -> [InputEvent] { state == .up ? reader.read() : [] }

  /// The terminal is gone: its window was closed, or the connection to it.
  package var isClosed: Bool { reader.isClosed }

  /// Asks the terminal for its size and forgets what it shows; the next frame draws everything.
  package func resize() {
    size = measuredSize()
    resizeterm(Int32(size.rows), Int32(size.columns))
    wresize(window, Int32(size.rows), Int32(size.columns))
    redrawAll()
  }

  /// Makes the next frame draw every cell, whatever the terminal is thought to show.
  package func redrawAll() {
    shown = nil
    werase(window)
    clearok(window, true)
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
    if state == .suspended, Self.armStatus(description, output) != 0 { return }
    state = .up
    reset_prog_mode()
    switchModesOn()
    resize()
  }

  /// Gives the terminal back for good; safe to call again.
  package func end() {
    guard state != .ended else { return }
    if state == .up { takeDown() }
    state = .ended
    delwin(window)
    delscreen(screen)
    for stream in streams { fclose(stream) }
  }
}

// MARK: - Drawing

extension NCursesTerminal {
  /// Hands the changed cells to curses; returns whether there were any.
  private func put(_ grid: CellGrid) -> Bool {
    let runs = changedRuns(from: shown, to: grid)
    put(runs, of: grid)
    if styles.isExhausted {
      // Pairs of colours long gone from the screen fill the table: start it over.
      styles.reset()
      redrawAll()
      put(changedRuns(from: nil, to: grid), of: grid)
    }
    let isFirst = shown == nil
    shown = grid
    return isFirst || !runs.isEmpty
  }

  private func put(_ runs: [CellRun], of grid: CellGrid) {
    for run in runs where run.row < size.rows {
      let columns = run.columns.clamped(to: 0..<size.columns)
      guard !columns.isEmpty else { continue }
      resolve(grid, run.row, columns)
      nc_put_cells(
        window,
        Int32(run.row),
        Int32(columns.lowerBound),
        self.run,
        Int32(columns.count)
      )
    }
  }

  /// Fills `run` with cells that curses will show in exactly the columns they stand in.
  private func resolve(_ grid: CellGrid, _ row: Int, _ columns: Range<Int>) {
    run.removeAll(keepingCapacity: true)
    var isRightHalf = false
    for column in columns {
      let cell = grid[row: row, column: column]
      let look = styles.look(of: cell.style)
      var scalar = cell.scalar.value
      if isRightHalf {
        scalar = 0
        isRightHalf = false
      } else if !(0x20..<0x7F).contains(scalar) {
        let width = self.width(scalar)
        isRightHalf = width == 2 && hasRightHalf(grid, row, column)
        if width != 1, !isRightHalf { scalar = replacement(scalar) }
        if !capabilities.isUnicode { scalar = replacement(scalar) }
      }
      run.append(nc_cell(scalar: scalar, attributes: look.attributes, pair: look.pair))
    }
  }

  /// Whether a wide character may stand here.
  private func hasRightHalf(_ grid: CellGrid, _ row: Int, _ column: Int) -> Bool {
    if description.cornerIsInserted, row == size.rows - 1, column == size.columns - 3 {
      return false
    }
    return column + 1 < size.columns && grid[row: row, column: column + 1].scalar == "\0"
  }

  private func width(_ scalar: UInt32) -> Int32 { capabilities.isUnicode ? nc_width(scalar) : 1 }

  /// Stands in for what this terminal cannot show in one column.
  private func replacement(_ scalar: UInt32) -> UInt32 {
    UInt32(UInt8(ascii: scalar < 0x20 ? " " : "?"))
  }
}

// MARK: - Setting up and taking down

extension NCursesTerminal {
  private static func check(_ status: Int32) throws(TerminalError) {
    if status != 0 { throw .setupFailed(reason: String(cString: strerror(status))) }
  }

  private static func armStatus(_ description: TerminalDescription, _ output: Int32) -> Int32 {
    let sequence = description.restoreSequence
    return term_guard_arm(output, sequence, sequence.utf8.count)
  }

  private static func arm(
    _ description: TerminalDescription,
    _ output: Int32
  ) throws(TerminalError) {
    try check(armStatus(description, output))
  }

  private static func openScreen(
    _ description: TerminalDescription,
    _ input: Int32,
    _ output: Int32
  ) throws(TerminalError) -> (
    OpaquePointer, UnsafeMutablePointer<WINDOW>, [UnsafeMutablePointer<FILE>]
  ) {
    guard let writing = fdopen(dup(output), "w"), let reading = fdopen(dup(input), "r") else {
      throw .setupFailed(reason: String(cString: strerror(errno)))
    }
    // The size is the terminal's, not that of stale LINES and COLUMNS variables.
    use_env(false)
    use_tioctl(true)
    let terminfo = getenv("TERMINFO").map { String(cString: $0) }
    if let direct = description.directColor { setenv("TERMINFO", direct, 1) }
    defer {
      if let terminfo { setenv("TERMINFO", terminfo, 1) } else { unsetenv("TERMINFO") }
    }
    guard let screen = newterm(description.name, writing, reading) else {
      throw .terminalTypeIsUnknown(description.name)
    }
    guard let window = newwin(0, 0, 0, 0) else {
      delscreen(screen)
      throw .setupFailed(reason: "curses made no window")
    }
    return (screen, window, [writing, reading])
  }

  /// Returns the number of colours to use, of those a `ColorMapping` knows.
  private static func startColor(_ options: TerminalOptions) -> Int {
    let isUnwanted = options.noColor || environment("NO_COLOR") != nil
    guard !isUnwanted, has_colors(), start_color() == OK else { return 0 }
    use_default_colors()
    let colors = Int(nc_number("colors"))
    return [DirectColorEntry.colors, 256, 16].first { colors >= $0 } ?? 8
  }

  private func setInputModes() {
    cbreak()
    noecho()
    nonl()
    typeahead(-1)  // finish a frame even while keys are waiting
    leaveok(window, true)
    curs_set(0)
    var modes = termios()
    if tcgetattr(input, &modes) == 0 {
      // Ctrl-S, Ctrl-Q, Ctrl-V and Ctrl-O are keys here. Ctrl-C, Ctrl-Z and Ctrl-\ stay signals:
      // they must work whatever the dashboard is doing.
      modes.c_iflag &= ~tcflag_t(IXON)
      modes.c_lflag &= ~tcflag_t(IEXTEN)
      // Nor may such a key throw away the half of a frame that is still on its way.
      modes.c_lflag |= tcflag_t(NOFLSH)
      tcsetattr(input, TCSANOW, &modes)
    }
    def_prog_mode()
  }

  private func switchModesOn() {
    guard description.isEmulator else { return }
    writeAll(PrivateModes.pasteOn + (options.usesMouse ? PrivateModes.mouseOn : ""), to: output)
  }

  private func takeDown() {
    if description.isEmulator { writeAll(PrivateModes.off, to: output) }
    endwin()
    term_guard_disarm()
  }

  /// A terminal that does not know its size (0 × 0, as on a serial line) gets the traditional one.
  private func measuredSize() -> GridSize {
    var found = winsize()
    let isKnown =
      ioctl(output, UInt(TIOCGWINSZ), &found) == 0 && found.ws_row > 0 && found.ws_col > 0
    return isKnown
      ? GridSize(columns: Int(found.ws_col), rows: Int(found.ws_row))
      : GridSize(columns: 80, rows: 24)
  }
}
