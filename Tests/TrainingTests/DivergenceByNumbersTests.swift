import Events
import Files
import MetaLearning
import Synchronization
import Testing

@testable import Training

/// A run is never finished, nor a checkpoint of it written, with what is no finite number.
@Suite struct DivergenceByNumbersTests {
  private func outcome(
    steps: Int = 30,
    _ disturb: @escaping @Sendable (ParameterState, Int) -> Void
  ) throws -> (status: RunStatus, isFinite: Bool, last: TensorFile?, notes: [String]) {
    let log = EventLog()
    let files = Mutex<[TensorFile]>([])
    let comparison = try Comparison(
      [try smallRun(MAML(), steps: steps)],
      save: { _, kind, file in if kind == .last { files.withLock { $0.append(file) } } },
      post: { log.post($0) }
    )
    let state = comparison.sessions[0].episodicState
    disturb(state, 0)
    log.react { event in if case .step(let report) = event { disturb(state, report.step) } }
    comparison.run()
    let notes = log.all.compactMap { if case .note(_, let text) = $0 { text } else { nil } }
    return (comparison.sessions[0].status, state.isFinite, files.withLock { $0.last }, notes)
  }

  /// In the first layer, behind a rectifier that used to make it 0.
  @Test func aParameterThatIsNone() throws {
    let found = try outcome { state, step in if step == 5 { state.parameters[0] = .nan } }
    #expect(found.status == .diverged && found.isFinite)
    let last = try #require(found.last)
    for name in last.names { #expect(try last.floats(named: name).allSatisfy(\.isFinite)) }
  }

  /// After the last step there is no loss any more that could tell.
  @Test(arguments: [Float.nan, .infinity])
  func theLastUpdate(_ bad: Float) throws {
    let found = try outcome { state, step in if step == 30 { state.parameters[3] = bad } }
    #expect(found.status == .diverged && found.isFinite)
    #expect(found.notes.contains { $0.hasPrefix("an update left") })
  }

  @Test func whatItBeginsWith() throws {
    let found = try outcome { state, step in if step == 0 { state.secondMoment[7] = .nan } }
    #expect(found.status == .diverged && found.last?.metadata["step"] == "0")
    #expect(found.notes.contains { $0.hasPrefix("it begins with") })
  }

  @Test func soundNumbersDisturbNothing() throws {
    let found = try outcome { _, _ in }
    #expect(found.status == .finished && found.isFinite && found.notes.isEmpty)
  }
}
