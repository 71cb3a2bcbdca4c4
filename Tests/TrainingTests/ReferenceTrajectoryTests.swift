import Events
import Files
import Foundation
import Kernels
import MetaLearning
import Models
import Synchronization
import Tasks
import Testing

@testable import Training

/// Trajectories of the published CML training loop in PyTorch: four blocks of width 6, 3-way
/// 2-shot, two episodes a step, three outer steps.
struct ReferenceTrajectory {
  let initial: TensorFile
  let episodes: RecordedEpisodes
  let expected: JSONValue
  let folder: String

  /// Nil where the reference files are not.
  init?() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let shared =
      ProcessInfo.processInfo.environment["METATOP_SHARED"] ?? root.path + "/../shared"
    folder = shared + "/fixtures"
    guard FileManager.default.fileExists(atPath: folder + "/conv4-initial.safetensors") else {
      return nil
    }
    initial = try TensorFile(reading: folder + "/conv4-initial.safetensors")
    episodes = try RecordedEpisodes(
      try TensorFile(reading: folder + "/conv4-episodes.safetensors"),
      for: RecordedImages()
    )
    expected = try JSONValue(
      parsing: Array(try Data(contentsOf: URL(fileURLWithPath: folder + "/conv4-expected.json")))
    )
  }

  func final(_ name: String) throws -> TensorFile {
    try TensorFile(reading: folder + "/conv4-final-\(name).safetensors")
  }
}

/// 28×28 grey images in three classes, known from a file alone.
struct RecordedImages: TaskDistribution {
  let name = "recorded"
  let kind = TaskKind.pictures
  let isClassification = true
  let defaults = TaskDefaults.images(steps: 3, width: 6)

  func layout(shot: Int, queryShot: Int) -> EpisodeLayout {
    .threeClasses(shot, queryShot, of: [28, 28, 1])
  }

  func sample(
    _ split: MetaSplit,
    _ layout: EpisodeLayout,
    stream: RandomStream,
    into buffer: AlignedBuffer,
    at offset: Int
  ) {}
}

@Suite struct ReferenceTrajectoryTests {
  @Test(arguments: [("maml", "maml", false), ("fomaml", "maml", true), ("cml", "cml", false)])
  func lossesGradientsAndParametersAgree(name: String, methodID: String, isFirstOrder: Bool) throws
  {
    guard let reference = try ReferenceTrajectory() else {
      print("skipped: the reference trajectories are not here")
      return
    }
    let method = try #require(MethodCatalog.method(methodID))
    let model = ConvNet(height: 28, width: 28, inputChannels: 1, channels: 6, outputs: 3)
    var values = HyperparameterValues(method.hyperparameters(for: model))
    try values.set("inner-lr", to: 0.1)
    try values.set("first-order", to: isFirstOrder ? 1 : 0)
    if methodID == "cml" { try values.set("gamma", to: 0.5) }
    let configuration = RunConfiguration(
      method: method,
      model: model,
      distribution: RecordedImages(),
      values: values,
      shot: 2,
      queryShot: 2,
      totalSteps: 3,
      metaBatchSize: reference.episodes.metaBatchSize,
      seed: 0,
      threads: 2,
      evaluateEvery: 0,
      evaluationEpisodes: 1,
      testEpisodes: 1,
      probeEvery: 1,
      recorded: reference.episodes,
      initial: reference.initial
    )
    let reports = Mutex<[StepReport]>([])
    let session = try TrainingSession(
      id: RunID(0),
      configuration: configuration,
      team: WorkerTeam(count: 2),
      save: { _, _, _ in },
      post: { event in
        if case .step(let report) = event { reports.withLock { $0.append(report) } }
      }
    )
    session.run(limit: 3) { false }

    let rows = try #require(reference.expected["rows"]?[name]?.array)
    let steps = reports.withLock { $0 }
    #expect(steps.count == rows.count)
    for (row, report) in zip(rows, steps) {
      let loss = try #require(row["query_loss"]?.double)
      let norm = try #require(row["meta_gradient_norm"]?.double)
      let accuracy = try #require(row["query_accuracy"]?.double)
      #expect(abs(Double(report.queryLoss) - loss) < 1e-4 * loss)
      #expect(abs(Double(report.metaGradientNorm) - norm) < 1e-3 * norm)
      #expect(abs(Double(report.queryAccuracy ?? 0) - accuracy) < 1e-6)
      if let coLearnerLoss = row["colearner_loss"]?.double {
        let own = Double(try #require(report.probes?.values.first))
        #expect(abs(own - coLearnerLoss) < 1e-4 * coLearnerLoss)
      }
    }
    let final = session.episodicState.tensorFile(metadata: [:])
    for tensor in try reference.final(name).tensors where !tensor.name.hasSuffix("conv.bias") {
      let wanted = try reference.final(name).floats(named: tensor.name)
      let actual = try final.floats(named: tensor.name)
      #expect(final.shape(named: tensor.name) == tensor.shape)
      for (w, a) in zip(wanted, actual) { #expect(abs(w - a) < 1e-4, "\(tensor.name)") }
    }
  }
}
