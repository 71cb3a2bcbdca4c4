import Autodiff
import Events
import Models
import Tasks

/// One traced and planned computation on an episode.
package struct EpisodePlan: Sendable {
  package let plan: Plan
  /// Where each output begins in the results, and how many numbers it has.
  package let outputs: [Range<Int>]
  /// Standard normal numbers to draw for each episode.
  package let noiseCount: Int

  /// Floats one replay writes.
  package var resultCount: Int { plan.program.resultCount }

  init(_ trace: EpisodeTrace, _ outputs: [Plan.Output]) {
    plan = Plan(trace.graph, outputs: outputs, convolutions: trace.values.convolutions)
    self.outputs = zip(outputs, plan.resultOffsets).map { output, offset in
      offset..<offset + output.tensor.shape.count
    }
    noiseCount = trace.noiseCount
  }
}

/// What a run needs to know to trace a method on its episodes.
package struct EpisodeSetup: Sendable {
  package let method: any Method
  package let model: any Model
  package let layout: EpisodeLayout
  package let isClassification: Bool
  package let parameters: ParameterLayout

  package init(
    method: any Method,
    model: any Model,
    layout: EpisodeLayout,
    isClassification: Bool = false
  ) {
    self.method = method
    self.model = model
    self.layout = layout
    self.isClassification = isClassification
    parameters = ParameterLayout(method.metaParameters(for: model))
  }

  func trace(_ values: HyperparameterValues, isTraining: Bool = true) -> EpisodeTrace {
    EpisodeTrace(
      model: model,
      layout: layout,
      parameters: parameters,
      values: values,
      isClassification: isClassification,
      isTraining: isTraining
    )
  }

  /// Whether the outer optimizer updates each of the parameters' groups.
  package func trainedGroups(_ values: HyperparameterValues) -> [Bool] {
    parameters.groups.map { method.isTrained(group: $0.name, values) }
  }

  private func steps(_ values: HyperparameterValues) -> Int {
    values.integer(StandardHyperparameters.innerSteps.id)
  }

  private func isFirstOrder(_ values: HyperparameterValues) -> Bool {
    values.isOn(StandardHyperparameters.firstOrder.id)
  }

  /// The meta-gradient of one episode, laid out like the parameters, then the query loss, the
  /// support loss before adaptation and, in classification, the query accuracy.
  package func trainingPlan(_ values: HyperparameterValues) -> EpisodePlan {
    let trace = trace(values)
    let adaptation = trace.adapt(method, steps: steps(values), isFirstOrder: isFirstOrder(values))
    let objective = method.outerObjective(trace, adaptation)
    let gradients = outerGradients(trace, objective)
    var outputs = zip(gradients, parameters.offsets).map { Plan.Output($0, at: $1) }
    outputs.append(Plan.Output(objective.queryLoss))
    outputs.append(Plan.Output(adaptation.innerLosses[0]))
    if isClassification {
      outputs.append(Plan.Output(objective.queryOutput.accuracy(trace.queryTargets)))
    }
    return EpisodePlan(trace, outputs)
  }

  /// The objective's gradient; for running averages their distance to what the query set showed.
  private func outerGradients(_ trace: EpisodeTrace, _ objective: OuterObjective) -> [Tensor] {
    let all = trace.metaParameters
    let distances =
      method.runningStatistics(for: model)?.distances(from: objective.statistics, all) ?? [:]
    let gradients = trace.graph.gradient(of: objective.total, withRespectTo: all.values)
    return zip(all.names, gradients).map { distances[$0] ?? $1 }
  }

  /// The inner loop in detail and the method's own probes, in the order that `probes` reads.
  package func probePlan(_ values: HyperparameterValues) -> EpisodePlan {
    let trace = trace(values)
    let count = steps(values)
    let adaptation = trace.adapt(method, steps: count, isFirstOrder: isFirstOrder(values))
    // Before the last support loss, so that the query pass draws what the training plan's does.
    let queryLosses = adaptation.parameters.map { trace.queryLoss(method, $0) }
    let lastSupport = method.innerLoss(trace, adaptation.adapted, step: count)
    let supportLosses = adaptation.innerLosses + [lastSupport]
    let norms = model.layers.map { layer in
      innerGradientSquare(layer, adaptation.firstGradients, trace.graph)
    }
    let own = method.probeTensors(trace, adaptation)
    return EpisodePlan(
      trace,
      (supportLosses + queryLosses + norms + own).map { Plan.Output($0) }
    )
  }

  /// ‖∇L_S(θ₀)‖² of one layer.
  private func innerGradientSquare(
    _ layer: String,
    _ gradients: ParameterTree<Tensor>,
    _ graph: Graph
  ) -> Tensor {
    let own = parameters.specifications.filter {
      $0.layer == layer && ($0.group == "body" || $0.group == "head")
    }
    return own.filter { gradients.names.contains($0.name) }
      .map { (gradients[$0.name] * gradients[$0.name]).sum() }
      .reduce(graph.constant(0), +)
  }

  /// The query loss after 0, 1, …, `steps` inner steps, without any meta-gradient; then, in
  /// classification, the accuracies.
  package func evaluationPlan(_ values: HyperparameterValues, steps: Int) -> EpisodePlan {
    let trace = trace(values, isTraining: false)
    let adaptation = trace.adapt(method, steps: steps, isFirstOrder: true)
    let outputs = adaptation.parameters.map { method.evaluationOutput(trace, $0) }
    let losses = outputs.map { trace.loss($0, trace.queryTargets) }
    let accuracies = isClassification ? outputs.map { $0.accuracy(trace.queryTargets) } : []
    return EpisodePlan(trace, (losses + accuracies).map { Plan.Output($0) })
  }

  /// The logits of the query set, `[examples, classes]`, before adaptation and after it.
  package func predictionPlan(_ values: HyperparameterValues) -> EpisodePlan {
    precondition(isClassification, "only classification predicts classes")
    let trace = trace(values, isTraining: false)
    let adaptation = trace.adapt(method, steps: steps(values), isFirstOrder: true)
    let ends = [trace.metaParameters, adaptation.adapted]
    return EpisodePlan(trace, ends.map { Plan.Output(method.evaluationOutput(trace, $0)) })
  }

  /// The query set's outputs, `[examples, numbers]`, after 0, 1, …, M inner steps, then the support
  /// loss at each of them.
  package func fitPlan(_ values: HyperparameterValues) -> EpisodePlan {
    let trace = trace(values, isTraining: false)
    let count = steps(values)
    let adaptation = trace.adapt(method, steps: count, isFirstOrder: true)
    let fits = adaptation.parameters.map { method.evaluationOutput(trace, $0) }
    let last = method.innerLoss(trace, adaptation.adapted, step: count)
    return EpisodePlan(trace, (fits + adaptation.innerLosses + [last]).map { Plan.Output($0) })
  }

  /// Splits the averages of `probePlan` into a report.
  package func probes(
    from averages: [[Float]],
    _ values: HyperparameterValues,
    settings: [String: Double]
  ) -> StepProbes {
    let count = steps(values) + 1
    let layers = model.layers.count
    let own = Array(averages[(2 * count + layers)...])
    return StepProbes(
      supportLosses: averages[..<count].map { $0[0] },
      queryLosses: averages[count..<2 * count].map { $0[0] },
      innerGradientNorms: averages[2 * count..<2 * count + layers].map { $0[0].squareRoot() },
      values: method.probeValues(own, model: model, settings)
    )
  }
}
