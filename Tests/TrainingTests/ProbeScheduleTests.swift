import Events
import MetaLearning
import Testing

@testable import Training

@Suite struct ProbeScheduleTests {
  /// A schedule that has learned what a measurement costs, in ordinary steps, without a clock.
  private func schedule(_ cost: Double, every: Int = 50, totalSteps: Int) -> ProbeSchedule {
    var schedule = ProbeSchedule(every: every, totalSteps: totalSteps, share: 0.03)
    for step in 1...20 {
      let hasProbes = schedule.isDue(step, isWatched: true)
      let pace = schedule.note(step, seconds: hasProbes ? 2 + 2 * cost : 2, hasProbes: hasProbes)
      #expect((pace != nil) == (step == 20))
    }
    return schedule
  }

  private func due(_ schedule: ProbeSchedule, _ totalSteps: Int) -> [Int] {
    [1, 10, 20] + (21...totalSteps).filter { schedule.isDue($0) }
  }

  /// However dear they are, probes take no more than 3 % of a run.
  @Test(arguments: [0.1, 0.7, 1, 2, 3.5, 8, 20], [400, 2_000, 30_000])
  func probesStayWithinTheirShare(_ cost: Double, _ totalSteps: Int) {
    let schedule = schedule(cost, totalSteps: totalSteps)
    #expect(abs((schedule.pace?.cost ?? 0) - cost) < 1e-9)
    let taken = due(schedule, totalSteps)
    // The first steps measure in any case.
    let allowed = max(0.03 * Double(totalSteps) / cost, 3)
    #expect(Double(taken.count) <= allowed + 1, "\(taken.count) of \(allowed)")
    #expect(Double(taken.count) >= min(allowed / 3, Double(totalSteps) / 50), "\(taken.count)")
  }

  /// The first 220 steps have 95 % of the later pace, though the cost is found in them.
  @Test(arguments: [0.1, 1, 1.8, 2.5, 3], [20, 50])
  func theBeginningIsNoSlower(_ cost: Double, _ every: Int) {
    let schedule = schedule(cost, every: every, totalSteps: 30_000)
    let taken = due(schedule, 30_000)
    func pace(_ steps: ClosedRange<Int>) -> Double {
      let probes = Double(taken.count { steps.contains($0) })
      return Double(steps.count) / (Double(steps.count) + probes * cost)
    }
    #expect(pace(1...220) >= 0.95 * pace(20_001...30_000))
  }

  @Test func theBeginningIsDenser() {
    let taken = due(schedule(2, totalSteps: 30_000), 30_000)
    #expect(taken.prefix(6) == [1, 10, 20, 50, 100, 150])
    #expect(taken.suffix(3) == [29_840, 29_920, 30_000])
  }

  @Test func whoLooksSeesMore() {
    let schedule = schedule(2, totalSteps: 30_000)
    let alone = (20_001...30_000).count { schedule.isDue($0) }
    let watched = (20_001...30_000).count { schedule.isDue($0, isWatched: true) }
    #expect(watched > 4 * alone)
    #expect(Double(watched) * 2 <= 0.15 * 10_000 + 2 * Double(alone))
  }

  /// Without a share the distance is as given, and nothing is timed.
  @Test func aGivenDistanceStays() {
    var schedule = ProbeSchedule(every: 20, totalSteps: 1000)
    #expect(!schedule.isTrying)
    #expect(schedule.note(30, seconds: 100, hasProbes: true) == nil && schedule.pace == nil)
    let taken = (1...1000).filter { schedule.isDue($0, isWatched: true) }
    let early = (1...1000).filter { $0 <= 10 || $0 % 20 == 0 || ($0 <= 200 && $0 % 2 == 0) }
    #expect(taken == early)
    #expect(!ProbeSchedule(every: 0, totalSteps: 9, share: 0.03).isDue(1))
  }

  /// One that was stopped before anything was known measures at once what it costs.
  @Test func aRunThatGoesOnKeepsWhatItKnows() {
    let known = ProbeSchedule(every: 50, totalSteps: 30_000, share: 0.03, cost: 2)
    #expect(!known.isTrying && known.pace == schedule(2, totalSteps: 30_000).pace)
    var unknown = ProbeSchedule(every: 50, totalSteps: 30_000, share: 0.03)
    #expect(unknown.isTrying && unknown.isDue(400))
    #expect(unknown.note(399, seconds: 1, hasProbes: false) == nil)
    #expect(unknown.note(400, seconds: 3, hasProbes: true)?.cost == 2)
  }

  /// A checkpoint holds the cost, it is said once, and the probes are at the steps that follow from it.
  @Test func theCostIsKept() throws {
    var run = try smallRun(MAML(), steps: 60)
    run.probeShare = ProbePace.share
    let log = EventLog()
    let session = try TrainingSession(
      id: RunID(0),
      configuration: run,
      team: WorkerTeam(count: 1),
      save: { _, _, file in #expect(file.metadata["probe_cost"] != nil) },
      post: { log.post($0) }
    )
    while session.isActive { session.run(limit: 60) { false } }
    session.concludeTurn()
    let steps = log.steps.filter { $0.probes != nil }.map(\.step)
    #expect(steps.starts(with: [1, 10, 20]))
    let paces = log.all.compactMap { if case .probesPaced(_, let pace) = $0 { pace } else { nil } }
    #expect(paces.count == 1)
    var schedule = ProbeSchedule(every: 20, totalSteps: 60, share: 0.03, cost: paces.first?.cost)
    #expect(steps == [1, 10, 20] + (21...60).filter { schedule.isDue($0) })
    #expect(schedule.note(1, seconds: 1, hasProbes: true) == nil)
  }

  /// What somebody looks at is measured more often, as soon as its cost is known.
  @Test func aLookMakesProbesDenser() throws {
    var run = try smallRun(MAML(), steps: 200)
    run.probeShare = ProbePace.share
    let (log, mailbox) = (EventLog(), Mailbox())
    mailbox.watch(true)
    let comparison = try Comparison([run], mailbox: mailbox, post: { log.post($0) })
    comparison.run()
    let pace = try #require(
      log.all.compactMap { if case .probesPaced(_, let pace) = $0 { pace } else { nil } }.first
    )
    let steps = Set(log.steps.filter { $0.probes != nil }.map(\.step))
    for step in 21...200 where step % pace.watchedEvery == 0 { #expect(steps.contains(step)) }
  }
}
