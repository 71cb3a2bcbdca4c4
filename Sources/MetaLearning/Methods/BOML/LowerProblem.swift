import Autodiff
import Models

/// The lower problem of one episode: a linear head on features that do not move.
struct LowerProblem {
  let trace: EpisodeTrace
  /// Of the head's parameters.
  let names: [String]
  let start: [Tensor]
  let rate: Tensor
  private let decay: Tensor
  private let isAggregated: Bool
  private let share: Tensor
  private let support: Part
  private let query: Part

  /// Features as the head reads them, and targets.
  private struct Part {
    let features: Tensor
    let rows: Tensor
    let targets: Tensor
  }

  init(_ method: BOML, _ trace: EpisodeTrace, isAggregated: Bool) {
    self.trace = trace
    self.isAggregated = isAggregated
    let parameters = trace.metaParameters
    names = parameters.names.filter { $0.hasPrefix("head.") }
    start = names.map { parameters[$0] }
    rate = trace.setting(StandardHyperparameters.innerLearningRate.id)
    decay = trace.setting(BOML.decay.id)
    share = parameters[BOML.aggregation.id].reshaped(to: .scalar)
    func part(_ inputs: Tensor, _ targets: Tensor, _ pass: Pass) -> Part {
      let statistics = method.statistics(trace, parameters, pass: pass)
      let features = trace.features(of: inputs, parameters, statistics, pass: pass)
      return Part(
        features: features,
        rows: trace.model.headInputs(features),
        targets: targets
      )
    }
    support = part(trace.supportInputs, trace.supportTargets, .support(step: 0))
    query = part(trace.queryInputs, trace.queryTargets, .query)
  }

  func named(_ head: [Tensor]) -> [String: Tensor] {
    Dictionary(uniqueKeysWithValues: zip(names, head))
  }

  private func plainLoss(_ part: Part, _ head: [Tensor]) -> Tensor {
    let parameters = trace.metaParameters.replacing(named(head))
    return trace.loss(trace.model.head(part.features, parameters), part.targets)
  }

  /// f, with its pull towards 0.
  func loss(_ head: [Tensor]) -> Tensor {
    let square = ConjugateGradients.product(head, head)
    return plainLoss(support, head) + square * (decay * 0.5)
  }

  /// What the first lower step descends.
  func firstLoss(_ head: [Tensor]) -> Tensor {
    guard isAggregated else { return loss(head) }
    return loss(head) * (1 - share) + plainLoss(query, head) * share
  }

  /// The plain loss's gradient by weight and, where there is one, bias.
  private func plainSlope(_ part: Part, _ head: [Tensor]) -> [Tensor] {
    let parameters = trace.metaParameters.replacing(named(head))
    let output = trace.model.head(part.features, parameters)
    let residual =
      trace.isClassification
      ? (output.logSoftmax().exp() - part.targets) * (1 / Double(output.shape.rows))
      : (output - part.targets) * (2 / Double(output.shape.count))
    return names.map { name in
      name == "head.weight"
        ? part.rows.transposedMatmul(residual)
        : residual.sumOverRows().reshaped(to: trace.metaParameters[name].shape)
    }
  }

  /// ∇f by the head.
  func slope(_ head: [Tensor]) -> [Tensor] {
    zip(plainSlope(support, head), head).map { $0 + $1 * decay }
  }

  /// The heads y₀ … y_T; derivatives flow through the last `differentiated` steps alone.
  func path(steps: Int, differentiated: Int) -> [[Tensor]] {
    var path = [start]
    for step in 1...max(steps, 1) where step <= steps {
      let head = path[step - 1]
      var direction = slope(head)
      if isAggregated {
        let part = share * (1 / Double(step))
        direction = zip(direction, plainSlope(query, head)).map { $0 * (1 - part) + $1 * part }
      }
      let next = zip(head, direction).map { $0 - $1 * rate }
      let isHeld = step <= steps - differentiated
      path.append(isHeld ? next.map { $0.stoppingGradient() } : next)
    }
    return path
  }
}
