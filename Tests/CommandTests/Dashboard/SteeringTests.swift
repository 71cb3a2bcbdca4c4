import CellGrid
import Files
import Testing
import VirtualTerminal

@Suite("Keys steer the dashboard and its runs", .serialized)
struct SteeringTests {
  @Test("A change by key comes back from the engine: as the value, on the chart, in the log")
  func change() throws {
    let session = try DashboardSession(["--methods", "maml,cml"])
    #expect(session.shows("inner-lr        0.01"))
    session.send("\u{1B}OC")
    #expect(session.shows("inner-lr        0.02  "), "\(session.text)")
    #expect(session.shows("┊"), "a mark on the chart")
    #expect(session.shows("● inner-lr 0.01 → 0.02"), "\(session.text)")
    session.send("=0.3\r")
    #expect(session.shows("inner-lr        0.3  "))
    session.send("=99\r")
    #expect(session.shows("99 is not allowed; use a number from 0 to 10"))
    session.send("\u{1B}")
    #expect(session.hides("is not allowed"))
    session.leave()
    #expect(session.exitStatus() == 0)
    let changes = try session.runs().map { run in
      run.events.filter { $0["event"] == "hyperparameter" }.compactMap { $0["value"]?.double }
    }
    #expect(changes == [[], [0.02, 0.3]], "of CML none, of MAML both")
  }

  @Test("Pausing stops the steps, a single step makes one of each, resuming goes on")
  func pause() throws {
    let session = try DashboardSession(["--methods", "maml"])
    #expect(session.shows(" 1 / 1 "))
    session.send("s")
    #expect(session.shows("pause first (space)"))
    session.send(" ")
    #expect(session.shows("PAUSED") && session.shows("space resume"))
    #expect(session.shows("paused"))
    let step = try #require(outerStep(session))
    session.send("s")
    #expect(
      session.terminal.waitForScreen { _ in outerStep(session) == step + 1 },
      "from \(step): \(session.text)"
    )
    #expect(session.text.contains("PAUSED"))
    session.send(" ")
    #expect(session.hides("PAUSED"))
    #expect(
      session.terminal.waitForScreen { _ in (outerStep(session) ?? 0) > step + 1 }
    )
    session.leave()
    #expect(session.exitStatus() == 0)
    session.expectRestored()
  }

  @Test("Help lies over the screen and goes again; every panel and view answers its key")
  func views() throws {
    let session = try DashboardSession([])
    #expect(session.shows("▲ MetaPerturb"))
    session.send("?")
    #expect(session.shows("one outer step while paused"))
    session.send("?")
    #expect(session.hides("one outer step while paused"))
    session.send("v")
    for (key, title) in [
      ("gl", "query loss after adaptation"), ("gh", "─ hyperparameters ●"),
      ("ga", "─ adaptation ●"), ("gv", "meta-validation loss"), ("gc", "─ co-learner ■"),
      ("gp", "─ perturbation ▲"), ("gm", "─ layers over time"), ("ge", "─ events by outer step"),
      ("2", "layout: compare"),
    ] {
      session.send(key)
      #expect(session.shows(title), "\(key): \(session.text)")
    }
    session.send("vgll")
    #expect(session.shows("linear · smoothed"))
    session.send("zzz")
    #expect(session.shows("linear · smoothed 0.9 "))
    session.send("f")
    #expect(session.shows("fairness: equal compute"))
    session.send("t")
    #expect(session.shows("theme: "))
    session.send("ghm")
    #expect(session.shows("─ hyperparameters ■ CML"))
    session.send("M")
    #expect(session.shows("─ hyperparameters ● MAML"))
    session.send("\u{c}q\r")
    #expect(session.exitStatus() == 0)
    session.expectRestored()
  }

  @Test("The form ends a comparison and starts another in the same terminal")
  func newComparison() throws {
    let session = try DashboardSession(["--steps", "100000"])
    #expect(session.shows("▲ MetaPerturb"))
    session.send("n")
    #expect(session.shows("─ new comparison"))
    session.send("metap \r\r")
    #expect(session.shows("2 runs, 200,000 outer steps in all"))
    session.send("\r")
    #expect(session.hides("─ new comparison"))
    #expect(session.hides("▲ MetaPerturb"))
    #expect(session.shows("■ CML"))
    session.leave()
    #expect(session.exitStatus() == 0)
    session.expectRestored()
  }

  @Test("One key sweeps around a value, and the league table fills")
  func sweep() throws {
    let session = try DashboardSession(["--methods", "maml", "--steps", "30", "--meta-batch", "2"])
    #expect(session.shows("metatop · ended"))
    session.send("r")
    #expect(session.shows("─ sweep"))
    session.send("\u{1B}[D")
    #expect(session.shows("inner-lr=0.005,0.01,0.02"))
    session.send("\r")
    #expect(session.shows("9 runs: 3 combinations × 3 seeds, 270 outer steps in all"))
    session.send("\r")
    #expect(session.shows("─ league table"))
    #expect(session.shows("9 of 9 runs · ended"))
    session.leave()
    #expect(session.exitStatus() == 0)
    session.expectRestored()
    #expect(session.text.contains("best of 3:"))
  }

  @Test("A run branches into another beside its own curve")
  func branch() throws {
    let session = try DashboardSession(["--methods", "maml", "--steps", "40"])
    #expect(session.shows("metatop · ended"))
    session.send("b")
    #expect(session.shows("─ branch of a run"))
    // Two to the left of the last one stands the oldest but one of those that were kept.
    session.send("\u{1B}[B\u{1B}[D\u{1B}[D")
    #expect(session.shows("checkpoint      8▏"), "\(session.text)")
    session.send("\u{1B}[B\u{1B}[Binner-lr=0.05\r")
    #expect(session.shows("1 run, 80 outer steps in all"))
    session.send("\r")
    #expect(session.shows("MAML (parent)"))
    #expect(session.shows("0.05"))
    #expect(session.shows("80 / 80"))
    session.leave()
    #expect(session.exitStatus() == 0)
    session.expectRestored()
    let branch = try #require(try session.runs().first { $0.configuration["branched_from"] != nil })
    let fork = branch.configuration["branched_from"]?.array?.first
    #expect(fork?["after_step"]?.integer == 8)
  }

  @Test("After the last step the screen stays, and keys answer with a reason")
  func end() throws {
    let session = try DashboardSession(["--methods", "maml,cml", "--steps", "3"])
    #expect(session.shows("metatop · ended"))
    #expect(session.hides("under way"))
    for key in ["s", " ", "f"] {
      session.send(key + "?")
      #expect(session.shows("this help"))
      session.send("?")
      #expect(session.hides("this help"))
      session.send(key)
      #expect(session.shows("all runs have ended"), "\(key): \(session.text)")
    }
    session.send("+")
    #expect(session.shows("MAML has ended (finished)"))
    session.leave()
    #expect(session.exitStatus() == 0)
    for run in try session.runs() {
      #expect(run.state["status"] == "finished" && run.state["step"] == 3)
      #expect(run.summary["test_episodes"] == 2000)
    }
  }

  @Test("A run that turns infinite is marked and keeps its parameters; the other goes on")
  func divergence() throws {
    let wild = [
      "--set", "maml.inner-lr=10", "--set", "maml.outer-lr=1", "--on-divergence", "stop",
    ]
    let session = try DashboardSession(["--methods", "maml,cml", "--steps", "40"] + wild)
    #expect(session.shows("diverged ─╮"))
    #expect(session.shows("finished ─╮"))
    #expect(!session.text.contains("e+ ┤"), "axis labels are whole: \(session.text)")
    session.leave()
    #expect(session.exitStatus() == 0)
    let runs = try session.runs()
    #expect(runs.map { $0.summary["diverged"] } == [false, true])
    let weights = try runs[1].last.floats(named: "body.layer1.weight")
    #expect(weights.allSatisfy { $0.isFinite })
    #expect(runs[1].metrics.last?["nan"] != nil)
  }

  /// The number before the slash in the first card's line of outer steps.
  private func outerStep(_ session: DashboardSession) -> Int? {
    let line = session.text.split(separator: "\n").first { $0.contains(" outer ") }
    let words = line?.split(separator: " ") ?? []
    return words.firstIndex(of: "outer").flatMap {
      Int(words[$0 + 1].filter { $0 != "," })
    }
  }
}
