import CNCurses
import Glibc

/// The screen and window that curses made for us, and how they are set up.
struct CursesScreen {
  private let screen: OpaquePointer
  let window: UnsafeMutablePointer<WINDOW>
  /// Number of colours to use, of those a `ColorMapping` knows.
  let colors: Int
  /// The descriptor that curses writes to.
  let descriptor: Int32
  private let streams: [UnsafeMutablePointer<FILE>]

  init(
    _ description: TerminalDescription,
    input: Int32,
    output: Int32,
    options: TerminalOptions
  ) throws(TerminalError) {
    guard let writing = fdopen(dup(output), "w"), let reading = fdopen(dup(input), "r") else {
      throw .setupFailed(reason: String(cString: strerror(errno)))
    }
    streams = [writing, reading]
    descriptor = fileno(writing)
    // The size is the terminal's, not that of stale LINES and COLUMNS variables.
    use_env(false)
    use_tioctl(true)
    let made = withTerminfo(description.directColor) { newterm(description.name, writing, reading) }
    guard let made else { throw .terminalTypeIsUnknown(description.name) }
    guard let window = newwin(0, 0, 0, 0) else {
      delscreen(made)
      throw .setupFailed(reason: "curses made no window")
    }
    screen = made
    self.window = window
    let isColorUnwanted = options.noColor || colorRefusal(environment) != nil
    colors = isColorUnwanted ? 0 : startColor()
    setInputModes(input)
    typeahead(-1)  // finish a frame even while keys are waiting
    leaveok(window, true)
    curs_set(0)
  }

  func resize(columns: Int, rows: Int) {
    resizeterm(Int32(rows), Int32(columns))
    wresize(window, Int32(rows), Int32(columns))
  }

  /// Frees everything; after endwin().
  func close() {
    delwin(window)
    delscreen(screen)
    for stream in streams { fclose(stream) }
  }
}

/// Runs `body` with another value of TERMINFO, which curses reads from the environment only.
private func withTerminfo(_ value: String?, _ body: () -> OpaquePointer?) -> OpaquePointer? {
  guard let value else { return body() }
  let before = getenv("TERMINFO").map { String(cString: $0) }
  setenv("TERMINFO", value, 1)
  defer {
    if let before { setenv("TERMINFO", before, 1) } else { unsetenv("TERMINFO") }
  }
  return body()
}

private func startColor() -> Int {
  guard has_colors(), start_color() == OK else { return 0 }
  use_default_colors()
  let colors = Int(nc_number("colors"))
  return [DirectColorEntry.colors, 256, 16].first { colors >= $0 } ?? 8
}

private func setInputModes(_ input: Int32) {
  cbreak()
  noecho()
  nonl()
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
