import Events
import Files
import Foundation
import Kernels
import MetaLearning
import Models
import Recording
import Synchronization
import Testing

@testable import Experiments
@testable import Training

/// One reference trajectory of networks that share φ: `Tests/Vectors/joint/<id>.json`.
private struct JointVector: Decodable, Sendable, CustomTestStringConvertible {
  struct File: Decodable {
    let method: String
    let cases: [JointVector]
  }

  let name: String
  let folder: String
  let model: String
  let width: Int
  let settings: [String: String]
  let steps: Int
  let final: String
  let skipped: [String]
  /// Of tensors, by how their names begin.
  let tolerances: [String: Double]
  let rows: [[String: Double]]
  var method: String?

  var testDescription: String { name }

  private static let tests = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "..")

  static let all: [Self] = {
    let folder = tests.appending(path: "Vectors/joint").path
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.sorted().flatMap { name -> [Self] in
      guard let bytes = try? SystemFile.read(folder + "/" + name),
        let file = try? JSONDecoder().decode(File.self, from: Data(bytes))
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
    ?? tests.appending(path: "../../shared").path

  func path(_ file: String) -> String { "\(Self.shared)/fixtures/methods/\(folder)/\(file)" }
  var isHere: Bool { FileManager.default.fileExists(atPath: path("episodes.safetensors")) }

  /// The run that the command line makes of it; the width is the file's.
  func configuration(threads: Int = 2) throws -> RunConfiguration {
    let given: [OptionName: String] = [
      .methods: method ?? "", .model: model, .threads: String(threads),
      .episodes: path("episodes.safetensors"), .initial: path("initial.safetensors"),
    ]
    return try VectorSession.configuration(given, settings)
  }
}

@Suite("Reference trajectories of joint training")
struct JointVectorTests {
  @Test func everyCaseIsRead() {
    #expect(JointVector.all.count == 2)
    for vector in JointVector.all { #expect(vector.rows.count == vector.steps) }
  }

  /// Losses to 1e-4 of themselves, norms and what sites do to 1e-3.
  @Test(arguments: JointVector.all)
  fileprivate func trajectoryAgrees(_ vector: JointVector) throws {
    guard vector.isHere else { return print("skipped: the files of \(vector.name) are not here") }
    let configuration = try vector.configuration()
    #expect(configuration.totalSteps == vector.steps)
    #expect(configuration.model.option?.width == vector.width)
    let reports = Mutex<[StepReport]>([])
    let session = try VectorSession.make(configuration) { event in
      if case .step(let report) = event { reports.withLock { $0.append(report) } }
    }
    let keys = session.description.probes.map(\.key)
    let trainee = try #require(session.trainee as? SupervisedTrainee)
    for (step, row) in vector.rows.enumerated() {
      session.run(limit: 1) { false }
      let report = try #require(reports.withLock { $0.last })
      #expect(report.step == step + 1)
      var found = trainee.gradientNorms
      for (key, value) in zip(keys, report.probes?.values ?? []) { found[key] = Double(value) }
      found["query_loss"] = Double(report.queryLoss)
      found["support_loss"] = Double(report.supportLoss)
      found["meta_gradient_norm"] = Double(report.metaGradientNorm)
      found["query_accuracy"] = report.queryAccuracy.map(Double.init)
      for (key, wanted) in row {
        let actual = try #require(found[key], "\(key) is not measured")
        let tolerance = key.contains("loss") ? 1e-4 : 1e-3
        #expect(
          abs(actual - wanted) <= tolerance * max(abs(wanted), 1e-4),
          "step \(report.step), \(key): \(actual), wanted \(wanted)"
        )
      }
      if step == 0 { try compareGradients(vector, trainee) }
    }
    try compareTensors(vector, session)
  }

  /// Each task's own gradients in the first step, where the reference has them.
  private func compareGradients(_ vector: JointVector, _ trainee: SupervisedTrainee) throws {
    let wanted = try TensorFile(reading: vector.path(vector.final))
    var count = 0
    for (task, network) in trainee.networks.enumerated() {
      let layout = network.state.layout
      for (index, specification) in layout.specifications.enumerated() {
        let name = "gradient.step1.task\(task + 1).\(specification.storedName)"
        guard wanted.shape(named: name) == specification.storedShape,
          !vector.skipped.contains(where: name.hasSuffix)
        else { continue }
        let isShared = specification.group == "perturbation"
        let results = isShared ? network.shared : network.own
        let own = specification.reordered(results.values(layout.range(index)), toStored: true)
        let reference = try wanted.floats(named: name)
        let size = reference.map(abs).max() ?? 0
        let error = zip(own, reference).map { abs($0 - $1) }.max() ?? .infinity
        #expect(error <= 1e-3 * size, "\(name): \(error) of \(size)")
        count += 1
      }
    }
    #expect(count >= 15, "φ of both tasks, and θ's first block and head of the first")
  }

  /// Every tensor of the checkpoint that the reference has, running averages too.
  private func compareTensors(_ vector: JointVector, _ session: TrainingSession) throws {
    let wanted = try TensorFile(reading: vector.path(vector.final))
    let own = session.trainee.tensorFile(metadata: [:])
    for tensor in wanted.tensors where !tensor.name.hasPrefix("gradient.") {
      guard !vector.skipped.contains(where: tensor.name.hasSuffix),
        // The published code's own factor, which the page leaves out.
        !tensor.name.hasSuffix("_published")
      else { continue }
      let tolerance = try #require(
        vector.tolerances.first { tensor.name.hasPrefix($0.key) }?.value
      )
      #expect(own.shape(named: tensor.name) == tensor.shape, "\(tensor.name)")
      let pairs = zip(
        try own.floats(named: tensor.name),
        try wanted.floats(named: tensor.name)
      )
      let error = pairs.map { Double(abs($0 - $1) / max(abs($1), 1)) }.max() ?? .infinity
      #expect(error <= tolerance, "\(tensor.name): \(error)")
    }
  }

  /// A file's batches and noise follow from the step, whoever makes it.
  @Test(arguments: JointVector.all)
  fileprivate func oneThreadHasTheSameBits(_ vector: JointVector) throws {
    guard vector.isHere else { return print("skipped: the files of \(vector.name) are not here") }
    let files = try [1, 2].map { threads in
      let session = try VectorSession.make(try vector.configuration(threads: threads))
      session.run(limit: vector.steps) { false }
      return session.trainee.tensorFile(metadata: [:])
    }
    #expect(files[0] == files[1])
  }
}

extension SupervisedTrainee {
  /// Each task's, under the keys of the vectors.
  fileprivate var gradientNorms: [String: Double] {
    var norms: [String: Double] = [:]
    for (task, network) in networks.enumerated() {
      norms["theta_gradient_norm/\(task + 1)"] = network.gradientSquare(nil).squareRoot()
      let phi = network.sharedRange.map { network.shared.values($0) } ?? []
      let square = phi.reduce(0.0) { $0 + Double($1) * Double($1) }
      norms["phi_gradient_norm/\(task + 1)"] = square.squareRoot()
    }
    return norms
  }
}
