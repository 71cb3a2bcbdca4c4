import CellGrid
import Glibc
import Testing
import VirtualTerminal

/// A terminal emulator that others wrote sits between the program and ours.
@Suite(.enabled(if: access("/usr/bin/tmux", X_OK) == 0, "tmux is not installed"))
struct TmuxTests {
  @Test(arguments: [("", 256), ("truecolor", 1 << 24)])
  func framesAreTheSameInTmux(_ colorTerm: String, _ colors: Int) throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    print("seed \(seed)")
    let count = 15
    let socket = "/tmp/metatop-tests-\(seed).socket"
    defer { unlink(socket) }
    let program =
      "COLORTERM=\(colorTerm) \(builtExecutable("TerminalFixture")) frames \(seed) \(count)"
    let child = try PseudoTerminalProcess(
      "/usr/bin/tmux",
      [
        "-u", "-f", "/dev/null", "-S", socket, "start-server", ";",
        "set", "-g", "status", "off", ";", "set", "-g", "destroy-unattached", "on", ";",
        "set", "-g", "default-terminal", "tmux-256color", ";",
        "new-session", program,
      ]
    )
    let capabilities = TerminalCapabilities(colors: colors, isUnicode: true)
    var frames = RandomFrames(seed: seed, size: child.screen.size, capabilities: capabilities)
    for index in 0..<count {
      let expected = VirtualScreen(showing: frames.next()).text
      try #require(
        child.waitForScreen { $0.text == expected },
        "frame \(index), expected:\n\(expected)\nbut shown:\n\(child.screen.text)"
      )
      child.send(" ")
    }
    #expect(child.waitForExit() == 0)
  }
}
