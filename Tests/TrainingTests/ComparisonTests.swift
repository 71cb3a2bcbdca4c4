import Dispatch
import Events
import Kernels
import MetaLearning
import Synchronization
import Testing

@testable import Training

@Suite struct FairnessTests {
  @Test func runsWithEqualStepsEndTogether() throws {
    let log = EventLog()
    let comparison = try Comparison(try CatalogEntry.methods.map { try smallRun($0) }, log: log)
    comparison.run()
    #expect(comparison.sessions.allSatisfy { $0.step == 110 && $0.status == .finished })
    // A turn is at most 256 steps and ends where the run it catches up with stands.
    var made = [Int](repeating: 0, count: comparison.sessions.count)
    var turn = (run: -1, start: 0)
    for report in log.steps {
      if report.run.rawValue != turn.run {
        let least = made.min() ?? 0
        #expect(made[report.run.rawValue] == least, "the turn is the one's who has had least")
        turn = (report.run.rawValue, report.step - 1)
      }
      made[report.run.rawValue] = report.step
      #expect(report.step - turn.start <= 256)
    }
    #expect(made.allSatisfy { $0 == 110 })
  }

  /// With equal compute the next turn is that of the run that has computed least.
  @Test func runsWithEqualComputeShareTheSeconds() throws {
    let log = EventLog()
    let comparison = try Comparison(
      try CatalogEntry.methods.map { try smallRun($0) },
      fairness: .equalCompute,
      log: log
    )
    // A turn's time is added when it ends, so in a turn the sums are still those that decided it:
    // no clock of the test's own has to agree with them.
    let turns = Mutex<[(seconds: Double, least: Double)]>([])
    log.react { event in
      guard case .step(let report) = event else { return }
      let least = comparison.sessions.lazy.filter(\.isActive).map(\.seconds).min()
      let own = comparison.sessions[report.run.rawValue].seconds
      turns.withLock { $0.append((own, least ?? .nan)) }
    }
    comparison.run()
    #expect(log.all.contains(.fairnessChanged(.equalCompute)))
    #expect(comparison.sessions.allSatisfy { $0.status == .finished })
    let seen = turns.withLock { $0 }
    #expect(seen.count == CatalogEntry.methods.count * 110)
    #expect(seen.allSatisfy { $0.seconds == $0.least })
    #expect(seen.contains { $0.least > 0 }, "no run waited for another")
  }
}

@Suite struct CommandTests {
  /// A comparison on its own queue; waits are for what it posts.
  private struct Running {
    let log = EventLog()
    let comparison: Comparison
    private let ended = DispatchSemaphore(value: 0)

    init(_ configurations: [RunConfiguration]) throws {
      comparison = try Comparison(configurations, log: log)
    }

    func start() {
      DispatchQueue.global().async { [comparison, ended] in
        comparison.run()
        ended.signal()
      }
    }

    func waitForEnd() { ended.wait() }
  }

  private static func reached(_ event: RunEvent, _ step: Int) -> Bool {
    if case .step(let report) = event { return report.step == step && report.run == RunID(0) }
    return false
  }

  @Test func pauseStepAndResumeChangeNothing() throws {
    let running = try Running([try smallRun(MAML()), try smallRun(CML())])
    let (paused, stepped) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let mailbox = running.comparison.mailbox
    running.log.react { event in
      if Self.reached(event, 20) { mailbox.post(.pause) }
      switch event {
      case .statusChanged(RunID(1), .paused, _): paused.signal()
      case .fairnessChanged: stepped.signal()
      default: break
      }
    }
    running.start()
    paused.wait()
    let before = running.log.steps.count
    let positions = running.comparison.sessions.map(\.step)
    #expect(positions[0] == 20 && running.comparison.sessions.allSatisfy { $0.status == .paused })
    mailbox.post(.singleStep)
    // Commands are carried out in order: when this one is answered, the step is made.
    mailbox.post(.setFairness(.equalSteps))
    stepped.wait()
    #expect(running.log.steps.count == before + 2)
    #expect(running.comparison.sessions.map(\.step) == positions.map { $0 + 1 })
    #expect(running.log.steps.suffix(2).allSatisfy { $0.probes != nil })
    mailbox.post(.resume)
    running.waitForEnd()
    #expect(running.comparison.sessions.allSatisfy { $0.status == .finished && $0.step == 110 })
    let undisturbed = try Comparison([try smallRun(MAML()), try smallRun(CML())], log: EventLog())
    undisturbed.run()
    for run in 0..<2 { #expect(running.comparison.bits(run) == undisturbed.bits(run)) }
  }

  @Test func stepWithoutPauseIsRefused() throws {
    let running = try Running([try smallRun(MAML())])
    running.log.react { [mailbox = running.comparison.mailbox] event in
      if Self.reached(event, 5) { mailbox.post(.singleStep) }
    }
    running.start()
    running.waitForEnd()
    let refusals = running.log.all.filter {
      if case .commandRefused(nil, _, _) = $0 { return true }
      return false
    }
    #expect(refusals.count == 1)
    #expect(running.log.steps.count == 110)
  }

  @Test func stopEndsEveryRunAndKeepsItsParameters() throws {
    let running = try Running([try smallRun(MAML()), try smallRun(CML())])
    running.log.react { [mailbox = running.comparison.mailbox] event in
      if Self.reached(event, 10) { mailbox.post(.stop) }
    }
    running.start()
    running.waitForEnd()
    for session in running.comparison.sessions {
      #expect(session.status == .stopped && session.step <= 11)
      #expect(session.episodicState.parameters.isFinite(0..<session.episodicState.parameters.count))
    }
  }

  /// Path B: between two steps, answered with the step it takes effect from.
  @Test(arguments: [("inner-lr", 0.05), ("outer-lr", 0.01), ("inner-steps", 3), ("first-order", 1)])
  func hyperparameterChangesBetweenTwoSteps(_ id: String, _ value: Double) throws {
    let running = try Running([try smallRun(MAML()), try smallRun(MAML())])
    running.log.react { [mailbox = running.comparison.mailbox] event in
      if Self.reached(event, 30) {
        mailbox.post(.setHyperparameter(RunID(0), id: id, value: value))
      }
    }
    running.start()
    running.waitForEnd()
    #expect(
      running.log.all.contains(.hyperparameterChanged(RunID(0), id: id, value: value, step: 30))
    )
    let sessions = running.comparison.sessions
    #expect(sessions[0].trainee.values.number(id) == value)
    #expect(sessions[1].trainee.values.number(id) != value)
    // Equal until then, different from then on.
    let (changed, kept) = (running.log.steps(of: 0), running.log.steps(of: 1))
    #expect(changed.count == 110 && kept.count == 110)
    #expect(zip(changed[..<30], kept[..<30]).allSatisfy { $0.queryLoss == $1.queryLoss })
    #expect(changed[31].queryLoss != kept[31].queryLoss)
    let lengths = changed.compactMap { $0.probes?.queryLosses.count }
    #expect(lengths.first == 2 && lengths.last == (id == "inner-steps" ? 4 : 2))
  }

  @Test(arguments: [("no-such", 1.0), ("inner-lr", 11), ("inner-steps", 2.5), ("outer-lr", .nan)])
  func badHyperparameterIsRefusedAndTheOldKept(_ id: String, _ value: Double) throws {
    let running = try Running([try smallRun(MAML())])
    running.log.react { [mailbox = running.comparison.mailbox] event in
      if Self.reached(event, 30) {
        mailbox.post(.setHyperparameter(RunID(0), id: id, value: value))
        mailbox.post(.setHyperparameter(RunID(7), id: "inner-lr", value: 0.1))
      }
    }
    running.start()
    running.waitForEnd()
    var refused: [RunID?] = []
    for case .commandRefused(let run, let reason, _) in running.log.all {
      refused.append(run)
      #expect(run == RunID(7) || reason.hasPrefix(id), "\(reason)")
    }
    #expect(refused == [RunID(0), RunID(7)])
    let undisturbed = try Comparison([try smallRun(MAML())], log: EventLog())
    undisturbed.run()
    #expect(running.comparison.bits(0) == undisturbed.bits(0))
  }
}

@Suite struct DivergenceTests {
  @Test func divergedRunKeepsItsLastGoodParametersAndOthersFinish() throws {
    let log = EventLog()
    let wild = ["inner-lr": 10.0, "outer-lr": 1, "inner-steps": 20]
    let comparison = try Comparison(
      [try smallRun(MAML(), wild), try smallRun(MAML()), try smallRun(CML(), wild)],
      log: log
    )
    comparison.run()
    for (run, session) in comparison.sessions.enumerated() where run != 1 {
      #expect(session.status == .diverged, "run \(run) after \(session.step) steps")
      #expect(log.all.contains(.statusChanged(RunID(run), .diverged, step: session.step)))
      #expect(session.episodicState.parameters.isFinite(0..<session.episodicState.parameters.count))
      #expect(log.steps(of: run).count == session.step)
    }
    #expect(comparison.sessions[1].status == .finished && comparison.sessions[1].step == 110)
    let alone = try Comparison([try smallRun(MAML())], log: EventLog())
    alone.run()
    #expect(comparison.bits(1) == alone.bits(0))
  }
}
