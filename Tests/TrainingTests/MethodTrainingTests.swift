import Events
import Files
import Foundation
import Kernels
import MetaLearning
import Models
import Synchronization
import Testing

@testable import Training

/// What every method must keep when it is trained; it asks for abilities and never names a method.
@Suite struct MethodTrainingTests {
  private static let seed: UInt64 = 51

  private func session(
    _ configuration: RunConfiguration,
    _ team: WorkerTeam? = nil
  ) throws -> TrainingSession {
    try TrainingSession(
      id: RunID(0),
      configuration: configuration,
      team: team ?? WorkerTeam(count: configuration.threads),
      save: { _, _, _ in },
      post: { _ in }
    )
  }

  /// Held-out episodes before and after training.
  @Test(arguments: CatalogEntry.all)
  func lossOfUnseenEpisodesFalls(_ entry: CatalogEntry) throws {
    // Enough examples for those that learn from minibatches of a few of them.
    // Smoothed labels are another loss than the one that is scored.
    var configuration = try smallRun(
      entry.method,
      threads: 2,
      steps: 500,
      hidden: [40, 40],
      ["label-smoothing": 0]
    )
    let isOfNodes = entry.method.tasks == [.nodes]
    configuration.shot = isOfNodes ? 2 : 10
    configuration.queryShot = isOfNodes ? 2 : 10
    configuration.evaluationEpisodes = 60
    let session = try session(configuration)
    let before = try #require(session.report(isMetaTest: false)).loss
    while session.isActive { session.run(limit: 1000) { false } }
    let after = try #require(session.report(isMetaTest: false)).loss
    #expect(session.status == .finished)
    #expect(after < 0.97 * before, "\(before) to \(after), seed \(Self.seed)")
  }

  /// Everything that can be set, at both ends: a run learns, or says that it diverged, and its
  /// parameters are numbers.
  @Test(arguments: CatalogEntry.all)
  func extremeHyperparametersNeverLeaveBadParameters(_ entry: CatalogEntry) throws {
    let descriptors = try smallRun(entry.method).values.descriptors
    for parameter in descriptors {
      for value in Self.ends(of: parameter) {
        let configuration = try smallRun(entry.method, steps: 4, [parameter.id: value])
        if configuration.refusal != nil { continue }
        let session = try session(configuration)
        while session.isActive { session.run(limit: 10) { false } }
        #expect(session.step > 0, "\(parameter.id) = \(value)")
        #expect(session.trainee.isFinite, "\(parameter.id) = \(value)")
      }
    }
  }

  private static func ends(of parameter: HyperparameterDescriptor) -> [Double] {
    switch parameter.kind {
    case .logarithmic(let range), .linear(let range, _): [range.lowerBound, range.upperBound]
    // A graph of a hundred unrolled steps is planned for minutes.
    case .integer(let range): [Double(range.lowerBound), Double(min(range.upperBound, 20))]
    case .flag: [0, 1]
    case .choice(let names): names.indices.map { Double($0) }
    }
  }

  /// A step that is given up between two episodes leaves parameters, optimizer and state as they
  /// were, and made again it is the same step.
  @Test(arguments: CatalogEntry.all)
  func aStepGivenUpLeavesNoTrace(_ entry: CatalogEntry) throws {
    let configuration = try smallRun(entry.method, threads: 2, steps: 12)
    let whole = try session(configuration)
    while whole.isActive { whole.run(limit: 100) { false } }
    let asked = Asked()
    let team = WorkerTeam(count: 2, isStopRequested: { asked.isTooOften })
    let session = try session(configuration, team)
    session.run(limit: 5) { false }
    let before = session.trainee.tensorFile(metadata: [:])
    asked.allow(1)
    session.run(limit: 3) { false }
    // Where state lasts, a step is made whole.
    if session.step == 5 {
      #expect(session.isActive && session.trainee.tensorFile(metadata: [:]).bits == before.bits)
    } else {
      #expect(asked.count == 0, "nobody asked, so \(session.step) steps were made")
    }
    asked.allow(nil)
    while session.isActive { session.run(limit: 100) { false } }
    #expect(session.step == whole.step)
    let end = session.trainee.tensorFile(metadata: [:])
    #expect(end.bits == whole.trainee.tensorFile(metadata: [:]).bits)
  }

  /// How often the workers asked whether to stop, and from when on they should.
  private final class Asked: Sendable {
    private let state = Mutex<(count: Int, rest: Int?)>((0, nil))

    var count: Int { state.withLock { $0.count } }

    func allow(_ rest: Int?) { state.withLock { $0.rest = rest } }

    var isTooOften: Bool {
      state.withLock { state in
        state.count += 1
        guard let rest = state.rest else { return false }
        state.rest = rest - 1
        return rest <= 0
      }
    }
  }

  /// A run stopped half-way and resumed from its checkpoint has the bits of one that went on: its
  /// parameters, its optimizer, and whatever state outlives a step.
  @Test(arguments: CatalogEntry.all)
  func resumedRunsHaveTheSameBits(_ entry: CatalogEntry) throws {
    for settings in Self.choices(of: entry.method) {
      let configuration = try smallRun(entry.method, threads: 2, steps: 40, settings)
      let whole = try session(configuration)
      while whole.isActive { whole.run(limit: 100) { false } }
      let first = try session(configuration)
      first.run(limit: 17) { false }
      let stored = first.trainee.tensorFile(metadata: [:])
      let team = WorkerTeam(count: 2)
      let second = try session(configuration, team)
      second.trainee.takeWorkspaces()
      try second.trainee.restore(stored, updates: first.trainee.updates)
      for step in 17..<40 {
        second.writeSettings(at: step)
        _ = second.trainee.makeStep(step, withProbes: false, team: team)
      }
      let (a, b) = (
        whole.trainee.tensorFile(metadata: [:]), second.trainee.tensorFile(metadata: [:])
      )
      #expect(a.names == b.names)
      for name in a.names {
        let (x, y) = (try a.floats(named: name), try b.floats(named: name))
        #expect(x.map(\.bitPattern) == y.map(\.bitPattern), "\(settings): \(name)")
      }
    }
  }

  /// One of each choice that changes the graph.
  private static func choices(of method: any Method) -> [[String: Double]] {
    let own = method.ownHyperparameters(for: .dense)
    return [[:]]
      + own.flatMap { parameter -> [[String: Double]] in
        guard case .choice(let names) = parameter.kind else { return [] }
        return names.indices.map { [parameter.id: Double($0)] }
      }
  }

  /// A checkpoint without the state that the run goes on from is refused by the tensor's name.
  @Test(arguments: CatalogEntry.all)
  func missingStateIsRefused(_ entry: CatalogEntry) throws {
    let configuration = try smallRun(entry.method, steps: 5)
    let run = try session(configuration)
    while run.isActive { run.run(limit: 100) { false } }
    guard let lasting = run.episodicState.lasting else { return }
    #expect(lasting.isStarted && lasting.isFinite)
    let stored = run.trainee.tensorFile(metadata: [:])
    let plain = ParameterState(layout: run.episodicState.layout, seed: 1).tensorFile(metadata: [:])
    let lost = try #require(stored.names.first { !plain.names.contains($0) })
    let file = stored.renamed { $0 == lost ? nil : $0 }
    let other = try session(configuration)
    #expect(throws: SafetensorsError.self) { try other.trainee.restore(file, updates: 5) }
  }

  /// What is scored says at how many inner steps, also where a long way is scored at some of them.
  @Test(arguments: CatalogEntry.all)
  func scoresNameTheirInnerSteps(_ entry: CatalogEntry) throws {
    let configuration = try smallRun(entry.method)
    let checkpoint = try session(configuration).trainee.tensorFile(metadata: [:])
    let scores = try CheckpointScores(
      configuration,
      checkpoint,
      episodes: 3,
      steps: nil,
      seed: 4
    )
    #expect(scores.points.count == scores.losses.count && scores.points.first == 0)
    #expect(scores.points == scores.points.sorted())
    let method = entry.method as? any TrajectoryMethod
    let trajectory = method?.trajectory(for: configuration.model, configuration.values)
    let own = trajectory?.evaluationSteps ?? entry.method.adaptationSteps(configuration.values)
    #expect(scores.points[scores.reported] == own)
  }

  /// A method whose tasks are drawn once says that its episodes are not the others'.
  @Test(arguments: CatalogEntry.all)
  func keptTasksAreSaid(_ entry: CatalogEntry) throws {
    let log = EventLog()
    try Comparison([smallRun(entry.method, steps: 2)], log: log).run()
    let isSaid = log.all.contains {
      if case .note(_, let text) = $0 { text.contains("drawn once") } else { false }
    }
    #expect(isSaid == entry.method.keepsTasks)
  }
}

extension TensorFile {
  /// Every tensor's numbers, bit for bit.
  fileprivate var bits: [String: [UInt32]] {
    Dictionary(
      uniqueKeysWithValues: names.map { ($0, ((try? floats(named: $0)) ?? []).map(\.bitPattern)) }
    )
  }
}
