import Events
import Files
import Foundation
import Kernels
import MetaLearning
import Models
import Synchronization
import Tasks
import Testing

@testable import Experiments
@testable import Training

/// One reference trajectory on the nodes of a graph, of a file in `Tests/Vectors/nodes`.
private struct NodeVector: Decodable, Sendable, CustomTestStringConvertible {
  struct File: Decodable { let cases: [NodeVector] }

  let name: String
  let folder: String
  /// Whether the folder is beside the file.
  let isLocal: Bool?
  let task: String
  let method: String
  let settings: [String: String]
  let steps: Int
  let final: String?
  /// Of every tensor, after the last step.
  let norms: [String: Double]
  /// `support_loss/K` is the mean support loss before inner step K.
  let rows: [[String: Double]]

  var testDescription: String { name }

  private static let tests = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "..")

  static let all: [Self] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: local)) ?? []
    return names.filter { $0.hasSuffix(".json") }.sorted().flatMap { name -> [Self] in
      guard let bytes = try? SystemFile.read("\(local)/\(name)"),
        let file = try? JSONDecoder().decode(File.self, from: Data(bytes))
      else { return [] }
      return file.cases
    }
  }()

  private static let local = tests.appending(path: "Vectors/nodes").path

  static let shared =
    ProcessInfo.processInfo.environment["METATOP_SHARED"]
    ?? tests.appending(path: "../../shared").path

  func path(_ file: String) -> String {
    (isLocal == true ? Self.local : "\(Self.shared)/fixtures/methods") + "/\(folder)/\(file)"
  }

  var isHere: Bool {
    FileManager.default.fileExists(atPath: path("episodes.safetensors"))
      && (task == "episodes" || FileManager.default.fileExists(atPath: "\(Self.shared)/data/cora"))
  }

  /// The run that the command line makes of it.
  func configuration(threads: Int = 2) throws -> RunConfiguration {
    let given: [OptionName: String] = [
      .methods: method, .task: task, .threads: String(threads), .evaluateEvery: "0",
      .episodes: path("episodes.safetensors"), .initial: path("initial.safetensors"),
    ]
    var run = try VectorSession.configuration(given, settings, roots: ["\(Self.shared)/data"])
    run.probeEvery = 1
    run.keepEvery = 0
    return run
  }
}

@Suite("Reference trajectories on nodes")
struct NodeVectorTests {
  @Test func everyCaseIsRead() {
    #expect(NodeVector.all.count == 23)
    for vector in NodeVector.all { #expect(vector.rows.count == vector.steps) }
  }

  /// Losses to 1e-4 of themselves, norms and cosines to 1e-3, parameters to 2e-5.
  @Test(arguments: NodeVector.all)
  fileprivate func trajectoryAgrees(_ vector: NodeVector) throws {
    guard vector.isHere else { return print("skipped: the files of \(vector.name) are not here") }
    let reports = Mutex<[StepReport]>([])
    let session = try VectorSession.make(try vector.configuration()) { event in
      if case .step(let report) = event { reports.withLock { $0.append(report) } }
    }
    for _ in 0..<vector.steps { session.run(limit: 1) { false } }
    let keys = session.description.probes.map(\.key)
    let steps = reports.withLock { $0 }
    #expect(steps.count == vector.steps)
    for (row, report) in zip(vector.rows, steps) {
      let found = report.found(keys)
      for (key, wanted) in row {
        let actual = try #require(found[key], "\(key) is not measured")
        let tolerance = key.contains("loss") ? 1e-4 : 1e-3
        #expect(
          abs(actual - wanted) <= tolerance * max(abs(wanted), 1e-2),
          "step \(report.step), \(key): \(actual), wanted \(wanted)"
        )
      }
      #expect(found["rows_seen"] ?? 0 > 0)
    }
    try compareTensors(vector, session)
  }

  private func compareTensors(_ vector: NodeVector, _ session: TrainingSession) throws {
    let own = session.trainee.tensorFile(metadata: [:])
    for (name, wanted) in vector.norms {
      let numbers = try own.floats(named: name).map(Double.init)
      let norm = numbers.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let allowed = 2e-5 * Double(numbers.count).squareRoot()
      #expect(abs(norm - wanted) <= allowed, "\(name): \(norm), wanted \(wanted)")
    }
    guard let final = vector.final else { return }
    let wanted = try TensorFile(reading: vector.path(final))
    for tensor in wanted.tensors {
      #expect(own.shape(named: tensor.name) == tensor.shape, "\(tensor.name)")
      let pairs = zip(
        try own.floats(named: tensor.name),
        try wanted.floats(named: tensor.name)
      )
      let error = pairs.map { abs($0 - $1) }.max() ?? .infinity
      #expect(error <= 2e-5, "\(tensor.name): \(error)")
    }
  }

  /// A network's numbers do not depend on who computes them.
  @Test func oneThreadHasTheSameBits() throws {
    guard let vector = NodeVector.all.first(where: { $0.name == "nodes-small maml-dropout" }),
      vector.isHere
    else { return print("skipped: the files are not here") }
    let files = try [1, 2].map { threads in
      let session = try VectorSession.make(try vector.configuration(threads: threads))
      for _ in 0..<vector.steps { session.run(limit: 1) { false } }
      return session.trainee.tensorFile(metadata: [:])
    }
    #expect(files[0] == files[1])
  }
}

extension StepReport {
  /// Under the keys of the vectors.
  fileprivate func found(_ keys: [String]) -> [String: Double] {
    var found = [
      "query_loss": Double(queryLoss), "support_loss": Double(supportLoss),
      "meta_gradient_norm": Double(metaGradientNorm),
    ]
    found["query_accuracy"] = queryAccuracy.map(Double.init)
    for (key, value) in zip(keys, probes?.values ?? []) { found[key] = Double(value) }
    for (step, loss) in (probes?.supportLosses ?? []).enumerated() {
      found["support_loss/\(step)"] = Double(loss)
    }
    return found
  }
}
