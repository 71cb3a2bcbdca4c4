import Events
import Kernels
import MetaLearning
import Tasks
import Testing

@testable import Training

@Suite struct ReproducibilityTests {
  private func trained(_ method: any Method, threads: Int, turn: Int) throws -> ParameterState {
    let configuration = try smallRun(method, threads: threads)
    let session = try TrainingSession(
      id: RunID(0),
      configuration: configuration,
      team: WorkerTeam(count: threads),
      save: { _, _, _ in },
      post: { _ in }
    )
    while session.isActive { session.run(limit: turn) { false } }
    #expect(session.step == configuration.totalSteps && session.status == .finished)
    return session.episodicState
  }

  /// 110 steps of five episodes, shared by one to three workers, in turns of any length.
  @Test(arguments: CatalogEntry.all)
  func bitsDoNotDependOnWorkersOrTurns(_ entry: CatalogEntry) throws {
    let alone = try trained(entry.method, threads: 1, turn: 1000).bits
    for (threads, turn) in [(2, 1000), (3, 1000), (1, 1), (2, 7), (3, 1)] {
      let state = try trained(entry.method, threads: threads, turn: turn)
      #expect(state.bits == alone, "\(threads) workers, turns of \(turn)")
      #expect(state.updates == 110)
    }
  }

  @Test func comparedRunsEqualRunsAlone() throws {
    let log = EventLog()
    let configurations = try CatalogEntry.methods.map { try smallRun($0, threads: 2) }
    let comparison = try Comparison(configurations, log: log)
    comparison.run()
    for (index, method) in CatalogEntry.methods.enumerated() {
      #expect(comparison.bits(index) == (try trained(method, threads: 1, turn: 13).bits))
    }
  }

  /// Common random numbers: MAML's and CML's support loss at step 1 is of the same episodes and the
  /// same initial body and head.
  @Test func methodsSeeTheSameEpisodes() throws {
    let log = EventLog()
    let settings = ["gamma": 0.0]
    let comparison = try Comparison(
      [try smallRun(MAML()), try smallRun(CML(), settings)],
      log: log
    )
    comparison.run()
    let (maml, cml) = (log.steps(of: 0), log.steps(of: 1))
    #expect(maml.count == 110 && cml.count == 110)
    for (a, b) in zip(maml, cml) {
      #expect(abs(a.supportLoss - b.supportLoss) < 1e-3 * max(a.supportLoss, 1), "\(a.step)")
    }
    #expect(maml[0].supportLoss == cml[0].supportLoss)
  }

  @Test func episodesDependOnStepAndNumberAlone() {
    let layout = Sinusoid().layout(shot: 4, queryShot: 4)
    let source = SampledEpisodes(Sinusoid(), split: .metaTrain, layouts: [layout], seed: 1)
    func episode(_ step: Int, _ number: Int) -> [Float] {
      let buffer = AlignedBuffer(count: layout.count)
      source.load(step: step, episode: number, into: buffer)
      return buffer.values(0..<layout.count)
    }
    #expect(episode(3, 2) == episode(3, 2))
    #expect(Set([episode(3, 2), episode(2, 3), episode(3, 1), episode(4, 2)]).count == 4)
  }
}
