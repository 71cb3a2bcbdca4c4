import Events
import MetaLearning
import Testing

@testable import Training

@Suite("Values that change on the way")
struct ChangesTests {
  @Test("A change that was declared gives the bits of one that somebody made at that step")
  func declared() throws {
    let live = EventLog()
    let steered = try Comparison([try smallRun(MAML()), try smallRun(CML())], log: live)
    live.react { [mailbox = steered.mailbox] event in
      guard case .step(let report) = event, report.run == RunID(1), report.step == 30 else {
        return
      }
      mailbox.post(.setHyperparameter(RunID(1), id: "inner-lr", value: 0.05))
      mailbox.post(.setHyperparameter(RunID(1), id: "first-order", value: 1))
    }
    steered.run()
    var runs = [try smallRun(MAML()), try smallRun(CML())]
    runs[1].changes = [
      .init(step: 30, id: "inner-lr", value: 0.05), .init(step: 30, id: "first-order", value: 1),
    ]
    let told = EventLog()
    let declared = try Comparison(runs, log: told)
    declared.run()
    for run in 0..<2 { #expect(steered.bits(run) == declared.bits(run)) }
    let plain = try Comparison([try smallRun(MAML()), try smallRun(CML())], log: EventLog())
    plain.run()
    #expect(plain.bits(1) != declared.bits(1) && plain.bits(0) == declared.bits(0))
    func changes(_ log: EventLog) -> [RunEvent] {
      log.all.filter { if case .hyperparameterChanged = $0 { true } else { false } }
    }
    #expect(changes(told) == changes(live) && changes(told).count == 2)
    // Somebody is there: the angle between both meta-gradients is told, and what they began from is kept.
    let notes = live.all.compactMap { event in
      if case .note(RunID(1), let text) = event { text } else { nil }
    }
    let angle = try #require(notes.first { $0.hasPrefix("first order is ") })
    let cosine = try #require(angle.firstMatch(of: /cosine (-?\d\.\d+)/).flatMap { Double($0.1) })
    #expect(cosine > 0 && cosine < 1, "\(angle)")
    #expect(!told.all.contains { if case .note(_, let text) = $0 { text == angle } else { false } })
    #expect(
      changes(told).first
        == .hyperparameterChanged(RunID(1), id: "inner-lr", value: 0.05, step: 30)
    )
  }

  @Test("With equal steps a pause finds all runs at the same outer step")
  func pause() throws {
    let log = EventLog()
    let comparison = try Comparison(
      [try smallRun(MAML()), try smallRun(CML()), try smallRun(MetaPerturb())],
      log: log
    )
    log.react { [mailbox = comparison.mailbox] event in
      switch event {
      case .step(let report) where report.run == RunID(0) && report.step == 17:
        mailbox.post(.pause)
      case .statusChanged(RunID(2), .paused, _): mailbox.post(.stop)
      default: break
      }
    }
    comparison.run()
    let paused = log.all.compactMap { event -> Int? in
      if case .statusChanged(_, .paused, let step) = event { return step }
      return nil
    }
    #expect(paused == [17, 17, 17])
  }
}
