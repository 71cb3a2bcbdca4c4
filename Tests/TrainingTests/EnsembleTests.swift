import Events
import Files
import Foundation
import Kernels
import MetaLearning
import Models
import Testing

@testable import Training

/// A meta-test by the best validated parameters together.
@Suite struct EnsembleTests {
  private static let layout = ParameterLayout([ParameterSpecification("head.bias", [2], .zeros)])

  private func buffer(_ value: Float) -> AlignedBuffer {
    let buffer = AlignedBuffer(count: Self.layout.count)
    buffer.write([value, -value])
    return buffer
  }

  private func first(_ best: BestParameters) -> [Float] { best.parameters.map { $0[0] } }

  @Test func theBestStayInOrder() throws {
    let best = try #require(BestParameters(layout: Self.layout, size: 3))
    for loss: Float in [5, 3, 4, 6, .nan, 1, 2] {
      best.note(loss: loss, accuracy: nil, buffer(loss))
    }
    #expect(first(best) == [1, 2, 3])
    // By accuracy where there is one, and what is changed later changes no copy.
    let classes = try #require(BestParameters(layout: Self.layout, size: 2))
    let shared = buffer(7)
    classes.note(loss: 1, accuracy: 0.5, shared)
    shared.write([0, 0])
    classes.note(loss: 2, accuracy: 0.9, buffer(8))
    classes.note(loss: 3, accuracy: 0.1, buffer(9))
    #expect(first(classes) == [8, 7])
    #expect(BestParameters(layout: Self.layout, size: 1) == nil)
  }

  @Test func aCheckpointKeepsThem() throws {
    let best = try #require(BestParameters(layout: Self.layout, size: 3))
    for loss: Float in [5, 3, 4] { best.note(loss: loss, accuracy: nil, buffer(loss)) }
    var file = TensorFile()
    best.append(to: &file)
    let other = try #require(BestParameters(layout: Self.layout, size: 3))
    try other.restore(file)
    #expect(first(other) == [3, 4, 5])
    other.note(loss: 3.5, accuracy: nil, buffer(3.5))
    #expect(first(other) == [3, 3.5, 4])
    try other.restore(TensorFile())
    #expect(other.parameters.isEmpty)
    let damaged = file.renamed { $0.hasPrefix("optimizer.best2.") ? nil : $0 }
    #expect(throws: SafetensorsError.self) { try other.restore(damaged) }
  }

  @Test func scoresAreThoseOfTheFormulas() {
    let numbers = EnsembleScore([1, 3], [2, 1], columns: 1, isClassification: false)
    #expect(numbers.loss == 2.5)
    let classes = EnsembleScore(
      [0, log(3), 1000, 0],
      [1, 0, 1, 0],
      columns: 2,
      isClassification: true
    )
    // Softmax of (0, log 3) is (1/4, 3/4); the second row is certain.
    #expect(abs(classes.loss - log(4) / 2) < 1e-12 && classes.accuracy == 0.5)
  }

  private static let averaging = CatalogEntry.all.filter { $0.method.ensembleSize > 1 }

  /// Parameters that never moved are one network: together they score what it does alone.
  @Test(arguments: averaging)
  func equalMembersScoreWhatOneDoes(_ entry: CatalogEntry) throws {
    let log = EventLog()
    let run = try smallRun(entry.method, steps: 30, evaluateEvery: 10, ["outer-lr": 0])
    try Comparison([run], log: log).run()
    let test = try #require(log.validations.last { $0.isMetaTest })
    let session = try TrainingSession(
      id: RunID(0),
      configuration: run,
      team: WorkerTeam(count: 1),
      save: { _, _, _ in },
      post: { _ in }
    )
    let alone = try #require(session.report(isMetaTest: true))
    #expect(abs(test.loss - alone.loss) < 1e-5 * alone.loss)
    #expect(test.lossByInnerStep.count == alone.lossByInnerStep.count)
    let isSaid = log.all.contains {
      if case .note(_, let text) = $0 { text.contains("the 3 best validated") } else { false }
    }
    #expect(isSaid)
  }
}
