import Files
import Kernels
import MetaLearning
import Models
import Tasks

/// One network of a method that learns from batches: its parameters, its plans, and what the last step
/// found.
///
/// `@unchecked Sendable`: a step of it is made by one worker; the leader reads it between phases, and
/// evaluations read its parameters alone.
final class BatchMember: @unchecked Sendable {
  let setup: BatchSetup
  let state: ParameterState
  private(set) var plan: EpisodePlan
  private(set) var names: [String]
  private let batch: Int
  private var results: AlignedBuffer
  /// ‖g‖ before it is shrunk.
  private(set) var gradientNorm = 0.0

  init(_ setup: BatchSetup, batch: Int, seed: UInt64) {
    self.setup = setup
    self.batch = batch
    (plan, names) = setup.trainingPlan(batch: batch)
    results = AlignedBuffer(count: plan.resultCount)
    state = ParameterState(layout: setup.parameters, seed: seed)
  }

  /// Makes the gradient on the batch that the worker's memory has, and the update where all is finite.
  func step(
    rate: Float,
    rules: [UpdateRule],
    limit: Double?,
    _ memory: WorkerMemory
  ) {
    state.lastGood.copy(from: state.parameters)
    memory.workspace.bind(.parameters, to: state.parameters)
    memory.workspace.bind(.results, to: results)
    plan.plan.program.replay(in: memory.workspace)
    gradientNorm = square(nil).squareRoot()
    guard isFinite else { return }
    let groups = state.layout.groups
    if let limit, gradientNorm > limit {
      // PyTorch's, to the last digit.
      let share = Float(limit / (gradientNorm + 1e-6))
      for (group, rule) in zip(groups, rules) where rule.isGradient {
        results.scale(group.range, by: share)
      }
    }
    state.updates += 1
    for index in groups.indices {
      state.move(index, by: rules[index], rate: rate, along: results)
    }
  }

  var isFinite: Bool { loss.isFinite && gradientNorm.isFinite }

  var loss: Float { number(0) }

  private func number(_ place: Int) -> Float {
    let outputs = plan.outputs.suffix(names.count + 1)
    return results[outputs[outputs.startIndex + place].lowerBound]
  }

  /// The last step's numbers by name.
  var numbers: [String: Float] {
    var all = ["loss": loss, "gradient_norm": Float(gradientNorm)]
    for (index, name) in names.enumerated() { all[name] = number(index + 1) }
    return all
  }

  /// ‖g‖² of one layer, or of all that moves by a gradient.
  func square(_ layer: String?) -> Double {
    var sum = 0.0
    for (index, specification) in state.layout.specifications.enumerated()
    where specification.group != RunningStatistics.group {
      guard layer == nil || specification.layer == layer else { continue }
      for place in state.layout.range(index) {
        sum += Double(results[place]) * Double(results[place])
      }
    }
    return sum
  }
}
