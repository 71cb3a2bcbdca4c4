import TestSupport
import Testing
import VirtualTerminal

/// `--plain` from end to end: pipes, a terminal that only prints, and the same summary.
@Suite("Plain mode", .serialized)
struct PlainModeTests {
  private static let arguments = [
    "--plain", "--plain-every", "0.2", "--methods", "maml", "--threads", "1",
    "--evaluate-every", "0", "--evaluation-episodes", "20",
  ]

  @Test("Without input and in a pipe it says how the run goes, and ends with it")
  func pipe() throws {
    let folder = try TemporaryFolder()
    let program = try Program.run(
      Self.arguments + ["--steps", "300"],
      in: folder,
      environment: ["LC_ALL": "C.UTF-8", "TERM": "dumb"]
    )
    #expect(program.status == 0, "\(program.errors)")
    let lines = program.output.split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("MAML: started") })
    #expect(lines.contains { $0.hasPrefix("MAML: finished, outer step 300 of 300") })
    #expect(lines.contains { $0.hasPrefix("all runs have ended") })
    #expect(!program.output.contains("\u{1B}"))
    #expect((program.output + program.errors).contains("--resume"))
  }

  @Test("Actions and values come by name on standard input")
  func input() throws {
    let folder = try TemporaryFolder()
    let program = try Program.run(
      Self.arguments + ["--steps", "100000000"],
      in: folder,
      environment: ["TERM": "dumb"],
      shell: "(printf 'toggle-pause\\ninner-lr 0.02\\ntoggle-pause\\nquit\\nend\\n') | \"$@\""
    )
    #expect(program.status == 0, "\(program.errors)")
    #expect(program.output.contains("run is under way"))
    #expect(program.output.unicodeScalars.allSatisfy { $0.isASCII })
    let run = try #require(try RecordedRun.all(under: folder / "runs").first)
    #expect(run.state["status"] == "stopped")
  }

  @Test("On a terminal nothing is drawn, and Ctrl-C asks first")
  func terminal() throws {
    let session = try DashboardSession(
      ["--plain", "--methods", "maml", "--threads", "1"],
      environment: ["TERM": "dumb"]
    )
    #expect(session.shows("type help for what can be typed"))
    session.send("state\n")
    #expect(session.shows("MAML: "))
    session.send("\u{3}")
    #expect(session.shows("end, test or stay?"))
    session.send("end\n")
    #expect(session.exitStatus() == 0)
    #expect(!session.terminal.screen.isAlternate)
    // But for the mark that the test itself puts behind everything.
    let said = String(decoding: session.terminal.transcript, as: UTF8.self)
      .replacing("\u{1B}]all is read\u{7}", with: "")
    #expect(!said.contains("\u{1B}"), "\(said)")
  }

  @Test("A pace that is none is refused", arguments: ["0", "-3", "nan"])
  func pace(_ text: String) throws {
    let folder = try TemporaryFolder()
    let program = try Program.run(["--plain", "--plain-every=\(text)"], in: folder)
    #expect(program.status == 64)
    #expect(program.complaints.count == 1, "\(program.errors)")
  }
}
