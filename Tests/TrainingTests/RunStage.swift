import Events
import Foundation
import Kernels
import MetaLearning
import Models
import Synchronization
import Tasks
import Testing

@testable import Training

/// A small run of a method, quick enough for hundreds of steps in a debug build.
func smallRun(
  _ method: any Method,
  threads: Int = 1,
  steps: Int = 110,
  evaluateEvery: Int = 0,
  metaBatchSize: Int = 5,
  hidden: [Int] = [8],
  _ settings: [String: Double] = [:]
) throws -> RunConfiguration {
  let isRegression = method.tasks.contains(.regression)
  let isOfNodes = method.tasks == [.nodes]
  let model: any Model =
    isOfNodes
    ? GCN(inputs: TinyGraphTask.featureCount, width: 4, outputs: 2, style: method.modelDefaults)
    : MLP(
      inputs: isRegression ? 1 : 4,
      hidden: hidden,
      outputs: isRegression ? 1 : 3,
      style: method.modelDefaults
    )
  var values = HyperparameterValues(method.hyperparameters(for: model))
  let numbers: any TaskDistribution = isRegression ? Sinusoid() : Clusters()
  let task = isOfNodes ? TinyGraphTask.task : numbers
  // Twenty inner steps are many for a test.
  if isOfNodes { try values.set("inner-steps", to: 2) }
  // Planning a prediction of many draws takes longer than these runs.
  if values.descriptor("mc-samples") != nil { try values.set("mc-samples", to: 1) }
  for (id, value) in settings where values.descriptor(id) != nil { try values.set(id, to: value) }
  return RunConfiguration(
    method: method,
    model: model,
    distribution: task,
    values: values,
    shot: isRegression ? 4 : 2,
    queryShot: isRegression ? 4 : 2,
    totalSteps: steps,
    metaBatchSize: metaBatchSize,
    seed: 51,
    threads: threads,
    evaluateEvery: evaluateEvery,
    evaluationEpisodes: 7,
    testEpisodes: 5,
    probeEvery: 20
  )
}

extension EpisodeLayout {
  /// Of episodes in three classes.
  static func threeClasses(_ shot: Int, _ queryShot: Int, of inputShape: [Int]) -> Self {
    Self(
      supportCount: 3 * shot,
      queryCount: 3 * queryShot,
      inputShape: inputShape,
      targetCount: 3
    )
  }
}

/// Three classes of points about three centres, four numbers each: the smallest classification.
struct Clusters: TaskDistribution {
  let name = "clusters"
  let kind = TaskKind.numbers
  let isClassification = true
  let defaults = TaskDefaults.images(steps: 100, width: 8)

  func layout(shot: Int, queryShot: Int) -> EpisodeLayout {
    .threeClasses(shot, queryShot, of: [4])
  }

  func sample(
    _ split: MetaSplit,
    _ layout: EpisodeLayout,
    stream: RandomStream,
    into buffer: AlignedBuffer,
    at offset: Int
  ) {
    var draws = RandomDraws(stream.split(split.rawValue))
    let centres = (0..<3).map { _ in (0..<4).map { _ in draws.normal(1.5) } }
    for (inputs, targets, count) in [
      (layout.supportInputs, layout.supportTargets, layout.supportCount),
      (layout.queryInputs, layout.queryTargets, layout.queryCount),
    ] {
      for position in 0..<count {
        let label = position * 3 / count
        for axis in 0..<4 {
          buffer[offset + inputs + position * 4 + axis] = centres[label][axis] + draws.normal(0.4)
        }
        for other in 0..<3 {
          buffer[offset + targets + position * 3 + other] = other == label ? 1 : 0
        }
      }
    }
  }
}

/// The events of a comparison, and what to do when one of them is posted.
final class EventLog: Sendable {
  private let events = Mutex<[RunEvent]>([])
  private let reaction = Mutex<(@Sendable (RunEvent) -> Void)?>(nil)

  func post(_ event: RunEvent) {
    events.withLock { $0.append(event) }
    reaction.withLock { $0 }?(event)
  }

  /// Runs on the thread that posts, before it goes on.
  func react(_ action: @escaping @Sendable (RunEvent) -> Void) {
    reaction.withLock { $0 = action }
  }

  var all: [RunEvent] { events.withLock { $0 } }

  var steps: [StepReport] {
    all.compactMap { event in
      if case .step(let report) = event { return report }
      return nil
    }
  }

  func steps(of run: Int) -> [StepReport] { steps.filter { $0.run == RunID(run) } }

  var validations: [ValidationReport] {
    all.compactMap { event in
      if case .validation(let report) = event { return report }
      return nil
    }
  }
}

extension Comparison {
  convenience init(
    _ configurations: [RunConfiguration],
    fairness: Fairness = .equalSteps,
    log: EventLog
  ) throws {
    try self.init(configurations, fairness: fairness) { log.post($0) }
  }

  /// The bits of a run's meta-parameters.
  func bits(_ run: Int) -> [UInt32] { sessions[run].episodicState.bits }
}

extension ParameterState {
  var bits: [UInt32] { parameters.values(0..<parameters.count).map(\.bitPattern) }
}

/// A method as a test's argument.
struct CatalogEntry: CustomTestStringConvertible, Sendable {
  let method: any Method
  var testDescription: String { method.descriptor.name }

  /// Those that learn from episodes; what learns from batches has tests of its own.
  static let all = MethodCatalog.all.filter { !($0 is any BatchMethod) }.map { Self(method: $0) }
  static let methods = all.map(\.method)
}

extension TrainingSession {
  /// The parameters of a session that trains on episodes.
  var episodicState: ParameterState {
    guard let episodic = trainee as? EpisodicTrainee else {
      preconditionFailure("\(type(of: trainee)) does not train on episodes")
    }
    return episodic.state
  }
}
