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
  _ settings: [String: Double] = [:]
) throws -> RunConfiguration {
  let model = MLP(inputs: 1, hidden: [8], outputs: 1)
  var values = HyperparameterValues(method.hyperparameters(for: model))
  // Planning a prediction of many draws takes longer than these runs.
  if values.descriptor("mc-samples") != nil { try values.set("mc-samples", to: 1) }
  for (id, value) in settings { try values.set(id, to: value) }
  return RunConfiguration(
    method: method,
    model: model,
    distribution: Sinusoid(),
    values: values,
    shot: 4,
    queryShot: 4,
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

  static let all = MethodCatalog.all.map { Self(method: $0) }
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
