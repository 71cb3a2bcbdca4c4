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

/// One reference trajectory of networks that learn from batches: `Tests/Vectors/batches/<id>.json`.
private struct BatchVector: Decodable, Sendable, CustomTestStringConvertible {
  struct Member: Decodable {
    let rows: [[String: Double]]
    /// Of each episode: plain prototypes, soft, transport.
    let accuracies: [[Double]]
    let transport: [[Int]]
    let entropies: [[Double]]
    /// The first episode's answers at the first pass and the last.
    let first: [[[Double]]]
  }

  let method: String
  let folder: String
  let final: String
  let steps: Int
  let settings: [String: String]
  let members: [Member]
  let held: [String: Double]
  let chosen: String
  let heldLogits: [[Double]]

  var testDescription: String { method }

  private static let tests = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "..")

  static let all: [Self] = {
    let folder = tests.appending(path: "Vectors/batches").path
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.sorted().compactMap { name in
      (try? SystemFile.read(folder + "/" + name)).flatMap {
        try? JSONDecoder().decode(Self.self, from: Data($0))
      }
    }
  }()

  private static let shared =
    ProcessInfo.processInfo.environment["METATOP_SHARED"]
    ?? tests.appending(path: "../../shared").path

  func path(_ file: String) -> String { "\(Self.shared)/fixtures/methods/\(folder)/\(file)" }
  var isHere: Bool { FileManager.default.fileExists(atPath: path("episodes.safetensors")) }

  /// The run that the command line makes of it.
  func configuration(threads: Int = 2, _ more: [String: String] = [:]) throws -> RunConfiguration {
    let given: [OptionName: String] = [
      .methods: method, .threads: String(threads), .episodes: path("episodes.safetensors"),
      .initial: path("initial.safetensors"),
    ]
    return try VectorSession.configuration(given, settings.merging(more, uniquingKeysWith: { $1 }))
  }
}

@Suite("Reference trajectories of learning from batches")
struct BatchVectorTests {
  /// A turn ends where a checkpoint is kept.
  private static func train(_ session: TrainingSession, to step: Int) {
    while session.isActive, session.step < step {
      session.run(limit: step - session.step) { false }
    }
  }

  @Test func everyCaseIsRead() {
    #expect(BatchVector.all.count == 1)
    for vector in BatchVector.all {
      #expect(vector.members.allSatisfy { $0.rows.count == vector.steps })
    }
  }

  /// Losses to 1e-4 of themselves, norms to 1e-3; tensors to a hundredth of their way.
  @Test(arguments: BatchVector.all)
  fileprivate func trajectoryAgrees(_ vector: BatchVector) throws {
    guard vector.isHere else { return print("skipped: the files of \(vector.method) are not here") }
    let configuration = try vector.configuration()
    let session = try VectorSession.make(configuration)
    let trainee = try #require(session.trainee as? BatchTrainee)
    for step in 0..<vector.steps {
      session.run(limit: 1) { false }
      for (index, member) in vector.members.enumerated() {
        let found = trainee.members[index].numbers
        for (key, wanted) in member.rows[step] {
          let actual = Double(try #require(found[key], "\(key) is not measured"))
          let tolerance = key.hasSuffix("loss") ? 1e-4 : 1e-3
          #expect(
            abs(actual - wanted) <= tolerance * max(abs(wanted), 1e-3),
            "step \(step + 1), member \(index + 1), \(key): \(actual), wanted \(wanted)"
          )
        }
      }
    }
    #expect(session.status == .finished)
    session.concludeTurn()
    let wanted = try TensorFile(reading: vector.path(vector.final))
    let initial = try TensorFile(reading: vector.path("initial.safetensors"))
    let own = trainee.tensorFile(metadata: [:])
    for tensor in wanted.tensors where !tensor.name.hasSuffix("conv.bias") {
      #expect(own.shape(named: tensor.name) == tensor.shape, "\(tensor.name)")
      let (a, b) = (try own.floats(named: tensor.name), try wanted.floats(named: tensor.name))
      let error = zip(a, b).map { abs($0 - $1) }.max() ?? .infinity
      guard !tensor.name.hasPrefix("stacker.") else {
        #expect(error <= 2e-2, "\(tensor.name): \(error)")
        continue
      }
      let start = try initial.floats(named: tensor.name)
      let way = zip(start, b).map { abs($0 - $1) }.max() ?? 0
      #expect(error <= 1e-2 * max(way, 1e-4), "\(tensor.name): \(error) of \(way)")
    }
    let combination = try #require(trainee.combination)
    let names = vector.members.indices.map { "member\($0 + 1)" } + ["mean", "stacker"]
    for (name, accuracy) in zip(names, combination.accuracies) {
      #expect(accuracy == vector.held[name], "\(name)")
    }
    #expect(names[combination.choice] == vector.chosen)
    try checkStacker(combination, trainee, vector)
  }

  /// The stacker's answers to the episodes that chose: log-odds to 2e-2.
  private func checkStacker(
    _ fitted: MemberCombination,
    _ trainee: BatchTrainee,
    _ vector: BatchVector
  ) throws {
    var combination = fitted
    combination.choice = vector.members.count + 1
    let count = vector.members[0].accuracies.count
    let found = try #require(trainee.decoded(.metaValidation, 0..<count) { false })
    let answers = found.episodes.flatMap { combination.answers($0.map(\.answers)) }
    #expect(!vector.heldLogits.isEmpty)
    for (own, wanted) in zip(answers.suffix(vector.heldLogits.count), vector.heldLogits) {
      for label in wanted.indices {
        let odds = log(own[label] / own[0])
        #expect(abs(odds - (wanted[label] - wanted[0])) <= 2e-2)
      }
    }
  }

  @Test(arguments: BatchVector.all, ["prototype", "soft", "transport"])
  fileprivate func decodersAgree(_ vector: BatchVector, _ decoder: String) throws {
    guard vector.isHere else { return print("skipped: the files of \(vector.method) are not here") }
    let configuration = try vector.configuration(["decoder": decoder])
    let session = try VectorSession.make(configuration)
    Self.train(session, to: vector.steps)
    let trainee = try #require(session.trainee as? BatchTrainee)
    let count = vector.members[0].accuracies.count
    let found = try #require(trainee.decoded(.metaValidation, 0..<count) { false })
    let place = try #require(["prototype", "soft", "transport"].firstIndex(of: decoder))
    for (index, member) in vector.members.enumerated() {
      for episode in 0..<count {
        let decoded = found.episodes[episode][index]
        let right = zip(decoded.answers, found.targets[episode]).count { row, target in
          row.indices.max { row[$0] < row[$1] } == target
        }
        let accuracy = Double(right) / Double(decoded.answers.count)
        #expect(abs(accuracy - member.accuracies[episode][place]) < 1e-9)
        guard decoder == "transport" else { continue }
        let classes = decoded.answers.map { row in row.firstIndex(of: 1) ?? -1 }
        #expect(classes == member.transport[episode], "member \(index + 1), episode \(episode + 1)")
      }
      guard decoder == "soft" else { continue }
      for (own, wanted) in [
        (found.episodes[0][index].first, member.first[0]),
        (found.episodes[0][index].answers, member.first[1]),
      ] {
        let error = zip(own.flatMap(\.self), wanted.flatMap(\.self)).map { abs($0 - $1) }.max()
        #expect(try #require(error) < 1e-5)
      }
      let entropies = found.episodes[0][index].entropies
      for (own, wanted) in zip(entropies, member.entropies[0]) { #expect(abs(own - wanted) < 1e-4) }
    }
  }

  /// The same bits with any number of threads, and stopped and resumed.
  @Test(arguments: BatchVector.all)
  fileprivate func bitsDependOnNothingElse(_ vector: BatchVector) throws {
    guard vector.isHere else { return print("skipped: the files of \(vector.method) are not here") }
    let files = try [1, 3].map { threads in
      let session = try VectorSession.make(try vector.configuration(threads: threads))
      Self.train(session, to: vector.steps)
      session.concludeTurn()
      return session.trainee.tensorFile(metadata: [:])
    }
    let isSame = files[0] == files[1]
    #expect(isSame, "one thread and three differ")
    let first = try VectorSession.make(try vector.configuration())
    Self.train(first, to: 2)
    let stored = first.trainee.tensorFile(metadata: [:])
    let second = try VectorSession.make(try vector.configuration())
    try second.trainee.restore(stored, updates: first.trainee.updates)
    second.trainee.takeWorkspaces()
    second.writeSettings(at: 2)
    _ = second.trainee.makeStep(2, withProbes: false, team: WorkerTeam(count: 2))
    second.trainee.conclude(shouldStop: { false }, tell: { _ in })
    let resumed = second.trainee.tensorFile(metadata: [:])
    // Whole files would be told byte by byte.
    for (own, wanted) in zip(resumed.tensors, files[0].tensors) {
      #expect(own.name == wanted.name)
      let isSame = own == wanted
      #expect(isSame, "\(own.name)")
    }
    #expect(resumed.tensors.count == files[0].tensors.count)
  }
}
