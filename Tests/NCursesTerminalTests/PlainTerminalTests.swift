import CPseudoTerminal
import CellGrid
import Glibc
import Testing

@testable import NCursesTerminal

@Suite("A terminal that only prints")
struct PlainTerminalTests {
  /// Ctrl-C takes away what was typed, also after it was said to be there.
  @Test func aReadOfNothingReturnsAtOnce() throws {
    var (controller, line): (Int32, Int32) = (-1, -1)
    try #require(pty_open(24, 80, &controller, &line) == 0)
    defer {
      close(controller)
      close(line)
    }
    let terminal = PlainTerminal(input: line, output: line)
    #expect(!terminal.readBlock())
    #expect(!terminal.isAtEnd && terminal.pollInput().isEmpty)
    // The program beside it, as a shell, still waits in its reads.
    #expect(fcntl(line, F_GETFL) & O_NONBLOCK == 0)
    #expect(write(controller, "state\n", 6) == 6)
    #expect(terminal.pollInput() == [.paste("state")])
  }
}
