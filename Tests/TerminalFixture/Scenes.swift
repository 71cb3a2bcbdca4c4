import CTermGuard
import CellGrid
import Glibc
import NCursesTerminal
import VirtualTerminal

/// Waits for the next input; nil when the terminal is gone.
func nextInput(_ terminal: NCursesTerminal) -> [InputEvent]? {
  while !terminal.isClosed {
    var request = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    poll(&request, 1, -1)
    let events = terminal.pollInput()
    if !events.isEmpty { return events }
  }
  return nil
}

/// Draws a frame and waits until the terminal has taken it.
func show(_ grid: CellGrid, on terminal: NCursesTerminal) {
  terminal.draw(grid)
  while !terminal.isDrained {
    var request = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
    poll(&request, 1, -1)
    terminal.drain()
  }
}

func drawFrames(_ terminal: NCursesTerminal, _ arguments: [String]) {
  let numbers = arguments.compactMap(UInt64.init)
  guard numbers.count == 2 else { return }
  var frames = RandomFrames(
    seed: numbers[0],
    size: terminal.size,
    capabilities: terminal.capabilities
  )
  var keys = 0
  for index in 0..<numbers[1] {
    show(frames.next(), on: terminal)
    say("frame \(index)")
    // Several keys may come at once; each is worth a frame.
    while keys == 0 {
      guard let events = nextInput(terminal) else { return }
      keys += events.count
    }
    keys -= 1
  }
}

/// Draws until the terminal takes no more, and gives it back; 1 when it took everything.
func flood(_ terminal: NCursesTerminal) -> Int32 {
  var frames = RandomFrames(seed: 1, size: terminal.size, capabilities: terminal.capabilities)
  for _ in 0..<1000 where terminal.isDrained { terminal.draw(frames.next()) }
  let isStuck = !terminal.isDrained
  terminal.end()
  return isStuck ? 0 : 1
}

func reportKeys(_ terminal: NCursesTerminal) {
  show(CellGrid(size: terminal.size), on: terminal)
  say("colors \(terminal.capabilities.colors) unicode \(terminal.capabilities.isUnicode)")
  while let events = nextInput(terminal) {
    for event in events {
      if event == .key(.control("d")) { return }
      say("\(event)")
    }
  }
}

/// A picture, another in its place, and none: a key for each, until Ctrl-D.
func showPictures(_ terminal: NCursesTerminal) {
  var key = 0
  while true {
    var grid = CellGrid(size: terminal.size)
    if key % 3 < 2 {
      let pixels = [UInt8](repeating: key % 3 == 0 ? 255 : 64, count: 16)
      let picture = Picture(height: 4, width: 4, channels: 1, pixels: pixels)
      let rect = Rect(row: 2, column: 3, rows: 2, columns: 4)
      grid.picture(picture, in: rect, as: .colors)
      grid.pictures = [PlacedPicture(picture, in: rect)]
    }
    show(grid, on: terminal)
    say("drawn \(key)")
    guard let events = nextInput(terminal), !events.contains(.key(.control("d"))) else { return }
    key += 1
  }
}

func crash(_ terminal: NCursesTerminal, _ kind: String) {
  show(message("about to crash", terminal.size), on: terminal)
  writeError("said before the end\n")
  _ = nextInput(terminal)
  switch kind {
  case "fatalError": fatalError("the reason")
  case "segmentation": UnsafeMutablePointer<Int>(bitPattern: 8)?.pointee = 1
  case "abort": abort()
  case "terminate": raise(SIGTRAP)
  case "overflow": print(descend(1))
  case "exit": exit(7)
  default: break
  }
}

/// Recurses until the stack is gone; the result keeps the compiler from making a loop of it.
private func descend(_ depth: Int) -> Int { depth == Int.max ? 0 : descend(depth + 1) + depth }

/// One screen that says its size; the smallest loop that handles every signal.
func runSession(_ terminal: NCursesTerminal) -> Int32 {
  show(status(terminal), on: terminal)
  while true {
    var requests = [STDIN_FILENO, term_guard_signal_descriptor()].map {
      pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
    }
    poll(&requests, 2, -1)
    var signals = term_guard_take_signals()
    // Ctrl-C has a bit of its own; here it is the signal it was.
    if signals & 1 != 0 { signals = signals & ~1 | 1 << UInt32(SIGINT) }
    for ending in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] where signals & 1 << UInt32(ending) != 0 {
      terminal.end()
      return 128 + ending
    }
    if signals & 1 << UInt32(SIGTSTP) != 0 {
      terminal.suspend()
      kill(getpid(), SIGSTOP)
      terminal.resume()
    } else if signals != 0 {
      terminal.resume()
    }
    let events = terminal.pollInput()
    if terminal.isClosed || events.contains(.key(.character("q"))) {
      terminal.end()
      return terminal.isClosed ? 129 : 0
    }
    show(status(terminal), on: terminal)
  }
}

private func status(_ terminal: NCursesTerminal) -> CellGrid {
  message("\(terminal.size.columns)x\(terminal.size.rows)", terminal.size)
}

private func message(_ text: String, _ size: GridSize) -> CellGrid {
  var grid = CellGrid(size: size)
  for (column, scalar) in text.unicodeScalars.enumerated() {
    grid[row: 0, column: column] = Cell(scalar)
  }
  return grid
}

private func writeError(_ text: String) {
  var text = text
  _ = text.withUTF8 { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
