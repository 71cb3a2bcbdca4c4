import Events
import Kernels
import MetaLearning
import Models
import Tasks
import Testing

@testable import Training

@Suite struct ShownEpisodeTests {
  private static let model =
    ConvNet(height: 28, width: 28, inputChannels: 1, channels: 8, outputs: 6)
  private static let entries = CatalogEntry.all.filter { $0.method.refusal(of: model) == nil }

  /// A few steps on generated glyphs, small enough for a debug build.
  private func run(
    _ method: any Method,
    threads: Int = 1,
    outerRate: Double = 0.01
  ) throws -> EventLog {
    let task = try ImageTask(glyphs: GlyphParameters(), way: 6, name: "glyphs")
    let model = Self.model
    var values = HyperparameterValues(method.hyperparameters(for: model))
    if values.descriptor("mc-samples") != nil { try values.set("mc-samples", to: 1) }
    // Methods whose rates have other names move by those.
    let rates = ["outer-lr"] + (outerRate == 0 ? ["hyper-lr", "reptile-lr"] : [])
    for id in rates where values.descriptor(id) != nil { try values.set(id, to: outerRate) }
    let configuration = RunConfiguration(
      method: method,
      model: model,
      distribution: task,
      values: values,
      shot: 2,
      queryShot: 5,
      totalSteps: 2,
      metaBatchSize: 1,
      seed: 3,
      threads: threads,
      evaluateEvery: 1,
      evaluationEpisodes: 1,
      testEpisodes: 1,
      probeEvery: 10
    )
    let log = EventLog()
    try Comparison([configuration], log: log).run()
    return log
  }

  @Test(arguments: entries)
  func everyMethodShowsTheSameEpisodeAtEachValidation(_ entry: CatalogEntry) throws {
    let shown = try run(entry.method).snapshots
    #expect(shown.map(\.step) == [0, 1, 2])
    let names = try run(MethodCatalog.all[0]).snapshots[0].classNames
    for snapshot in shown {
      #expect(snapshot.run == RunID(0) && snapshot.innerSteps > 0)
      #expect(snapshot.classNames == names && names.count == EpisodeSnapshot.classLimit)
      #expect(snapshot.support == shown[0].support)
      #expect(snapshot.query.map(\.pixels) == shown[0].query.map(\.pixels))
      #expect(snapshot.support.map(\.label) == [0, 1, 2, 3, 4])
      #expect(snapshot.query.map(\.label) == [0, 1, 2, 3, 4].flatMap { [$0, $0, $0, $0] })
      for pixels in snapshot.support.map(\.pixels) + snapshot.query.map(\.pixels) {
        #expect(pixels.count == 28 * 28 && pixels.contains { $0 > 128 } && pixels.contains(0))
      }
      for prediction in snapshot.query.flatMap({ [$0.before, $0.after] }) {
        #expect((0..<6).contains(prediction.label))
        #expect(prediction.probability > 1 / 6.001 && prediction.probability <= 1)
      }
    }
    #expect(shown[2].query != shown[0].query, "two outer steps change what the model says")
  }

  /// One validation episode is the shown one, so its accuracy bounds what the pictures can say.
  @Test func predictionsAreThoseOfTheValidation() throws {
    for method in Self.entries.map(\.method) {
      let log = try run(method, outerRate: 0)
      let report = try #require(log.validations.first)
      #expect(report.accuracyByInnerStep.count == report.lossByInnerStep.count)
      let adapted = try #require(report.accuracy)
      #expect(report.accuracyByInnerStep.dropFirst().contains(adapted))
      let snapshot = try #require(log.snapshots.last)
      for (accuracy, predicted) in [
        (report.accuracyByInnerStep[0], snapshot.query.map(\.before)),
        (adapted, snapshot.query.map(\.after)),
      ] {
        let right = zip(snapshot.query, predicted).count { $0.label == $1.label }
        let all = (accuracy * 30).rounded()
        // 20 of the 30 query examples are shown.
        #expect(Float(right) <= all && Float(right) >= all - 10, "\(method.descriptor.name)")
      }
    }
  }

  @Test func regressionShowsNone() throws {
    let log = EventLog()
    try Comparison([smallRun(MethodCatalog.all[0], steps: 4, evaluateEvery: 2)], log: log).run()
    #expect(log.snapshots.isEmpty)
    #expect(log.validations.allSatisfy { $0.accuracy == nil && $0.accuracyByInnerStep.isEmpty })
  }

  @Test func probabilitiesAreTheSoftmaxAtItsGreatest() {
    let even = EpisodeSnapshot.Prediction(logits: [2, 2, 2, 2])
    #expect(even == .init(label: 0, probability: 0.25))
    let sure = EpisodeSnapshot.Prediction(logits: [-1000, 1000, 0])
    #expect(sure == .init(label: 1, probability: 1))
    let third = EpisodeSnapshot.Prediction(logits: [0, 1, 3])
    #expect(third.label == 2 && abs(third.probability - 0.843_794_7) < 1e-6)
    #expect(EpisodeSnapshot.Prediction(logits: [.nan, .nan]).probability.isNaN)
  }

  @Test func largePicturesShrinkAndKeepTheirShape() {
    #expect(ImageShape(height: 84, width: 84, channels: 3).fitted(32).count == 32 * 32 * 3)
    let wide = ImageShape(height: 20, width: 80, channels: 1).fitted(32)
    #expect(wide == ImageShape(height: 8, width: 32, channels: 1))
    #expect(ImageShape(height: 1, width: 500, channels: 1).fitted(32).height == 1)
    #expect(ImageShape(height: 28, width: 28, channels: 1).fitted(32).height == 28)
    let bytes =
      EpisodeSnapshot.classLimit
      * (EpisodeSnapshot.supportLimit + EpisodeSnapshot.queryLimit)
      * EpisodeSnapshot.sideLimit * EpisodeSnapshot.sideLimit * 3
    #expect(bytes < 100_000)
  }
}

extension EventLog {
  var snapshots: [EpisodeSnapshot] {
    all.compactMap { event in
      if case .episode(let snapshot) = event { return snapshot }
      return nil
    }
  }
}
