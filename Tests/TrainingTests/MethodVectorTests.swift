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

/// One reference trajectory of a method: `Tests/Vectors/<id>.json` says how it is run and what it
/// measures, and names the files with its weights and episodes.
///
/// The numbers are a float64 reference's. Where the files are not, the test says so and passes.
private struct Vector: Decodable, Sendable, CustomTestStringConvertible {
  struct File: Decodable {
    let method: String
    let cases: [Vector]
  }

  let name: String
  let folder: String
  let model: String
  let width: Int
  /// As `--set` takes them.
  let settings: [String: String]
  let steps: Int
  /// The weights after the last step.
  let final: String
  /// Ends of names of tensors that rounding noise alone moves.
  let skipped: [String]
  /// By key, where it is not the usual one.
  let tolerances: [String: Double]
  /// By key or tensor, where numbers are compared by their difference.
  let absolute: [String: Double]?
  /// The network's, where it is not the method's own.
  let activation: String?
  /// The file with the first weights.
  let initial: String?
  /// What each outer step measured.
  let rows: [[String: Double]]
  var method: String?

  var testDescription: String { name }

  static let all: [Self] = {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../Vectors")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasSuffix(".json") }.sorted().flatMap { name -> [Self] in
      guard let data = try? Data(contentsOf: folder.appending(path: name)),
        let file = try? JSONDecoder().decode(File.self, from: data)
      else { return [] }
      return file.cases.map { vector in
        var vector = vector
        vector.method = file.method
        return vector
      }
    }
  }()

  private static let shared =
    ProcessInfo.processInfo.environment["METATOP_SHARED"]
    ?? URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../shared").path

  func path(_ file: String) -> String { "\(Self.shared)/fixtures/methods/\(folder)/\(file)" }
  var start: String { path(initial ?? "initial.safetensors") }
  var isHere: Bool { FileManager.default.fileExists(atPath: path("episodes.safetensors")) }
}

@Suite struct MethodVectorTests {
  @Test func everyFileIsRead() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../Vectors")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".json") }
    let read = Set(Vector.all.compactMap(\.method).map { $0 + ".json" })
    #expect(read == Set(files))
    for vector in Vector.all {
      #expect(MethodCatalog.method(vector.method ?? "") != nil, "\(vector.name)")
      #expect(vector.rows.count == vector.steps && !vector.rows[0].isEmpty, "\(vector.name)")
    }
  }

  @Test(arguments: Vector.all)
  fileprivate func trajectoryAgrees(_ vector: Vector) throws {
    guard vector.isHere else { return print("skipped: the files of \(vector.name) are not here") }
    let method = try #require(MethodCatalog.method(vector.method ?? ""))
    let configuration = try configuration(vector, method)
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
    session.run(limit: vector.steps) { false }
    let steps = reports.withLock { $0 }
    #expect(steps.count == vector.steps)
    let keys = method.probes(for: configuration.model, configuration.values).map(\.key)
    for (row, report) in zip(vector.rows, steps) {
      var found = report.numbers
      for (key, value) in zip(keys, report.probes?.values ?? []) { found[key] = Double(value) }
      for (key, wanted) in row {
        let actual = try #require(found[key], "\(key) is not measured")
        let tolerance = vector.tolerances[key] ?? (key.hasSuffix("loss") ? 1e-4 : 1e-3)
        let allowed = vector.absolute?[key] ?? tolerance * max(abs(wanted), 1e-2)
        #expect(
          abs(actual - wanted) <= allowed,
          "step \(report.step), \(key): \(actual), wanted \(wanted)"
        )
      }
    }
    try compareWeights(vector, session)
  }

  private func configuration(_ vector: Vector, _ method: any Method) throws -> RunConfiguration {
    let file = try TensorFile(reading: vector.path("episodes.safetensors"))
    let task = try RecordedTask(file)
    let episodes = try RecordedEpisodes(file, for: task)
    let layout = episodes.layout
    var style = method.modelDefaults
    style.activation = vector.activation.flatMap(Activation.init) ?? style.activation
    let model: any Model =
      vector.model == "mlp"
      ? MLP(
        inputs: layout.inputShape[0],
        hidden: [vector.width, vector.width],
        outputs: layout.targetCount,
        style: style
      )
      : ConvNet(
        height: layout.inputShape[0],
        width: layout.inputShape[1],
        inputChannels: layout.inputShape[2],
        channels: vector.width,
        outputs: layout.targetCount,
        style: style
      )
    var values = HyperparameterValues(method.hyperparameters(for: model))
    for (id, text) in vector.settings {
      let descriptor = try #require(values.descriptor(id), "\(id) is no hyperparameter")
      try values.set(id, to: try descriptor.parse(text))
    }
    let classes = task.isClassification ? layout.targetCount : 1
    return RunConfiguration(
      method: method,
      model: model,
      distribution: task,
      values: values,
      shot: layout.supportCount / classes,
      queryShot: layout.queryCount / classes,
      totalSteps: vector.steps,
      metaBatchSize: episodes.metaBatchSize,
      seed: 0,
      threads: 2,
      evaluateEvery: 0,
      evaluationEpisodes: 1,
      testEpisodes: 1,
      probeEvery: 1,
      recorded: episodes,
      initial: try TensorFile(reading: vector.start)
    )
  }

  /// Every tensor against the way it went.
  private func compareWeights(_ vector: Vector, _ session: TrainingSession) throws {
    let wanted = try TensorFile(reading: vector.path(vector.final))
    let initial = try TensorFile(reading: vector.start)
    let final = session.episodicState.tensorFile(metadata: [:])
    for tensor in wanted.tensors where !vector.skipped.contains(where: tensor.name.hasSuffix) {
      #expect(final.shape(named: tensor.name) == tensor.shape, "\(tensor.name)")
      let end = try wanted.floats(named: tensor.name)
      let start = try initial.floats(named: tensor.name)
      let own = try final.floats(named: tensor.name)
      let way = zip(start, end).map { abs($0 - $1) }.max() ?? 0
      let error = zip(own, end).map { abs($0 - $1) }.max() ?? 0
      let allowed = Float(vector.absolute?[tensor.name] ?? 1e-2 * Double(max(way, 1e-4)))
      #expect(error <= allowed, "\(tensor.name): \(error) of \(way)")
    }
  }
}

extension StepReport {
  /// Under the keys of `metrics.jsonl`.
  fileprivate var numbers: [String: Double] {
    var all = [
      "query_loss": Double(queryLoss), "support_loss": Double(supportLoss),
      "meta_gradient_norm": Double(metaGradientNorm),
    ]
    all["query_accuracy"] = queryAccuracy.map(Double.init)
    all["query_loss_before"] = probes?.queryLosses.first.map(Double.init)
    return all
  }
}
