import Events
import MetaLearning
import Testing

@testable import Training

@Suite struct EvaluationTests {
  @Test func meanAndIntervalAreThoseOfTheFormula() {
    let losses: [Float] = [1, 2, 4, 9]
    let scores = Evaluation.Scores(
      losses: [[8, 8, 8, 8], losses],
      accuracies: [],
      points: [],
      reported: 0
    )
    #expect(scores.loss(after: 0).mean == 8 && scores.loss(after: 0).confidence95 == 0)
    #expect(scores.loss(after: 1).mean == 4)
    // Sample variance (9 + 4 + 0 + 25) / 3, over four episodes.
    let exact = 1.96 * (38.0 / 3 / 4).squareRoot()
    #expect(abs(scores.loss(after: 1).confidence95 - exact) < 1e-6)
    #expect(scores.accuracy(after: 1) == nil)
    let images = Evaluation.Scores(
      losses: [losses],
      accuracies: [[0.5, 1, 0.75, 0.75]],
      points: [],
      reported: 0
    )
    #expect(images.accuracy(after: 0)?.mean == 0.75)
    // Sample variance (0.0625 + 0.0625) / 3, over four episodes; the loss keeps its own interval.
    let ofAccuracy = 1.96 * (0.125 / 3 / 4).squareRoot()
    #expect(abs((images.accuracy(after: 0)?.confidence95 ?? 0) - ofAccuracy) < 1e-6)
    #expect(abs(images.loss(after: 0).confidence95 - exact) < 1e-6)
    #expect(scores.accuracy(after: 0) == nil)
    #expect(scores.loss(after: 5).mean == 4, "the last step stands for later ones")
    #expect(
      Evaluation.Scores(losses: [[3]], accuracies: [], points: [], reported: 0)
        .loss(after: 0).confidence95 == .infinity
    )
  }

  /// Without an update nothing changes, so each validation must find the same.
  @Test(arguments: CatalogEntry.all)
  func validationUsesTheSameEpisodesEachTime(_ entry: CatalogEntry) throws {
    var reports: [ValidationReport] = []
    for threads in [1, 3] {
      let log = EventLog()
      // Nothing that an outer step moves, whatever a method calls its rates.
      let frozen = entry.method.ownHyperparameters(for: .dense).map(\.id)
        .filter { ["kappa-anneal", "hyper-lr", "reptile-lr"].contains($0) }
      let configuration = try smallRun(
        entry.method,
        threads: threads,
        steps: 30,
        evaluateEvery: 10,
        Dictionary(uniqueKeysWithValues: (["outer-lr"] + frozen).map { ($0, 0) })
      )
      try Comparison([configuration], log: log).run()
      let validations = log.validations.filter { !$0.isMetaTest }
      #expect(validations.map(\.step) == [10, 20, 30])
      #expect(log.validations.count { $0.isMetaTest } == 1)
      reports += validations
    }
    for report in reports {
      #expect(report.loss == reports[0].loss && report.confidence95 == reports[0].confidence95)
      #expect(report.lossByInnerStep == reports[0].lossByInnerStep)
      #expect(report.episodes == 7 && report.lossByInnerStep.count > 1)
      #expect(report.lossByInnerStep.dropFirst().contains(report.loss))
    }
  }

  @Test func theBestIsTheMostAccurateAndInRegressionTheLeastWrong() {
    func report(_ loss: Float, _ accuracy: Float?) -> ValidationReport {
      ValidationReport(
        run: RunID(0),
        step: 1,
        loss: loss,
        lossConfidence95: 0,
        accuracy: accuracy,
        lossByInnerStep: [],
        episodes: 1
      )
    }
    #expect(report(2, 0.9).isBetter(than: (1, 0.8)))
    #expect(!report(1, 0.8).isBetter(than: (2, 0.9)))
    #expect(report(1, 0.8).isBetter(than: (2, 0.8)))
    #expect(report(1, nil).isBetter(than: (2, nil)))
    #expect(!report(2, nil).isBetter(than: (2, nil)))
  }
}
