import Autodiff
import Events
import Models
import Tasks

/// One traced and planned computation on an episode.
///
/// One object, because every replay is handed it.
package final class EpisodePlan: Sendable {
  package let plan: Plan
  /// Where each output begins in the results, and how many numbers it has.
  package let outputs: [Range<Int>]
  /// Random numbers of each episode.
  package let draws: EpisodeDraws
  /// Floats they take.
  package var noiseCount: Int { draws.count }
  /// What the last outputs are called: the method's own tensors for its probes.
  package let probeKeys: [String]

  /// Floats one replay writes.
  package var resultCount: Int { plan.program.resultCount }

  init(_ trace: EpisodeTrace, _ outputs: [Plan.Output], probeKeys: [String] = []) {
    self.probeKeys = probeKeys
    plan = Plan(trace.graph, outputs: outputs, convolutions: trace.values.convolutions)
    self.outputs = zip(outputs, plan.resultOffsets).map { output, offset in
      offset..<offset + output.tensor.shape.count
    }
    draws = trace.draws.draws
  }
}

/// What an adaptation moves: where it is unrolled, the plan of it; the names in the order of the outputs.
package struct AdaptedPlan: Sendable {
  package let plan: EpisodePlan
  package let names: [String]
  package let shapes: [Shape]
}

extension Method {
  /// How the outer loop moves each group of such parameters.
  package func rules(
    _ layout: ParameterLayout,
    _ values: HyperparameterValues,
    stage: Int = 0
  ) -> [UpdateRule] {
    layout.groups.map { group in
      if group.name == RunningStatistics.group {
        return .follow(share: Double(RunningStatistics.momentum))
      }
      let own = rule(for: group.name, values, stage: stage)
      return own == .adam() ? .adam(decay: values.graphDecay) : own
    }
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
    values: HyperparameterValues,
    isClassification: Bool = false
  ) {
    self.method = method
    self.model = model
    self.layout = layout
    self.isClassification = isClassification
    let shot = layout.supportCount / (isClassification ? max(model.outputCount, 1) : 1)
    parameters = ParameterLayout(method.metaParameters(for: model, shot: shot, values))
  }

  /// The same for episodes of another size or shape.
  package func with(_ layout: EpisodeLayout, _ values: HyperparameterValues) -> Self {
    Self(
      method: method,
      model: model,
      layout: layout,
      values: values,
      isClassification: isClassification
    )
  }

  func trace(
    _ values: HyperparameterValues,
    isTraining: Bool = true,
    stage: Int = 0,
    layout: EpisodeLayout? = nil,
    state: ParameterLayout? = nil,
    adjoint: ParameterLayout? = nil,
    draws: DrawLayout = DrawLayout()
  ) -> EpisodeTrace {
    EpisodeTrace(
      model: model,
      layout: layout ?? self.layout,
      parameters: parameters,
      values: values,
      isClassification: isClassification,
      isTraining: isTraining,
      stage: stage,
      derived: method.derivedSettings(values),
      state: state,
      adjoint: adjoint,
      method: method,
      draws: draws
    )
  }

  /// Floats of the settings space: hyperparameters, then what is derived from them.
  package func settingCount(_ values: HyperparameterValues) -> Int {
    values.derivedOffset(method.derivedSettings(values).count)
  }

  /// How the outer loop moves each of the parameters' groups.
  package func rules(_ values: HyperparameterValues, stage: Int = 0) -> [UpdateRule] {
    method.rules(parameters, values, stage: stage)
  }

  /// The meta-gradient of one episode, laid out like the parameters, then the query loss, the
  /// support loss before adaptation and, in classification, the query accuracy.
  ///
  /// Plans that share `draws` see the same random numbers under the same names.
  package func trainingPlan(
    _ values: HyperparameterValues,
    stage: Int = 0,
    draws: DrawLayout = DrawLayout()
  ) -> EpisodePlan {
    let trace = trace(values, stage: stage, draws: draws)
    let adaptation = adaptation(trace)
    let objective = method.outerObjective(trace, adaptation)
    let gradients = outerGradients(trace, adaptation, objective)
    var outputs = zip(gradients, parameters.offsets).map { Plan.Output($0, at: $1) }
    outputs.append(Plan.Output(objective.queryLoss))
    outputs.append(Plan.Output(adaptation.innerLosses[0]))
    if isClassification {
      outputs.append(Plan.Output(objective.queryOutput.accuracy(trace.queryTargets)))
    }
    return EpisodePlan(trace, outputs)
  }

  /// What one episode of meta-training draws.
  package func draws(_ values: HyperparameterValues, stage: Int = 0) -> EpisodeDraws {
    if let plans = trajectoryPlans(values, .losses, isTraining: true, stage: stage) {
      return plans.draws
    }
    let trace = trace(values, stage: stage)
    _ = method.outerObjective(trace, adaptation(trace))
    return trace.draws.draws
  }

  private func adaptation(_ trace: EpisodeTrace) -> Adaptation {
    method.adapt(
      trace,
      steps: method.adaptationSteps(trace.values),
      isFirstOrder: trace.values.isFirstOrder
    )
  }

  /// The objective's gradient where the method has no other; for running averages their distance
  /// to what the query set showed.
  private func outerGradients(
    _ trace: EpisodeTrace,
    _ adaptation: Adaptation,
    _ objective: OuterObjective
  ) -> [Tensor] {
    let all = trace.metaParameters
    let own = method.metaGradient(trace, adaptation, objective)
    let distances =
      method.runningStatistics(for: model)?.distances(from: objective.statistics, all) ?? [:]
    let rest = all.filter { own[$0] == nil }
    let gradients = trace.graph.gradient(of: objective.total, withRespectTo: rest.values)
    let byName = Dictionary(uniqueKeysWithValues: zip(rest.names, gradients))
    return all.names.compactMap { distances[$0] ?? own[$0] ?? byName[$0] }
  }

  /// The inner loop in detail and the method's own probes, in the order that `probes` reads.
  package func probePlan(
    _ values: HyperparameterValues,
    stage: Int = 0,
    draws: DrawLayout = DrawLayout()
  ) -> EpisodePlan {
    let trace = trace(values, stage: stage, draws: draws)
    let adaptation = adaptation(trace)
    // Before the last support loss, so that the query pass draws what the training plan's does.
    let queryLosses = adaptation.parameters.map { method.queryLoss(trace, $0) }
    let lastSupport = method.innerLoss(
      trace,
      adaptation.adapted,
      step: adaptation.innerLosses.count
    )
    let supportLosses = adaptation.innerLosses + [lastSupport]
    let norms = model.layers.map { layer in
      innerGradientSquare(layer, adaptation.firstGradients, trace.graph)
    }
    let own = method.allProbeTensors(trace, adaptation)
    let named = own.sorted { $0.key < $1.key }
    return EpisodePlan(
      trace,
      (supportLosses + queryLosses + norms + named.map(\.value)).map { Plan.Output($0) },
      probeKeys: named.map(\.key)
    )
  }

  /// ‖∇L_S(θ₀)‖² of one layer.
  func innerGradientSquare(
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
    let adaptation = method.adapt(trace, steps: steps, isFirstOrder: true)
    let outputs = adaptation.parameters.map { method.evaluationOutput(trace, $0) }
    let losses = outputs.map { trace.loss($0, trace.queryTargets) }
    let accuracies = isClassification ? outputs.map { $0.accuracy(trace.queryTargets) } : []
    return EpisodePlan(trace, (losses + accuracies).map { Plan.Output($0) })
  }

  /// The logits of the query set, `[examples, classes]`, before adaptation and after it.
  package func predictionPlan(_ values: HyperparameterValues) -> EpisodePlan {
    precondition(isClassification, "only classification predicts classes")
    let trace = trace(values, isTraining: false)
    let steps = method.adaptationSteps(values)
    let adaptation = method.adapt(trace, steps: steps, isFirstOrder: true)
    let ends = [trace.metaParameters, adaptation.adapted]
    return EpisodePlan(trace, ends.map { Plan.Output(method.evaluationOutput(trace, $0)) })
  }

  /// The query set's outputs, `[examples, numbers]`, after 0, 1, …, `steps` inner steps.
  package func outputsPlan(_ values: HyperparameterValues, steps: Int) -> EpisodePlan {
    let trace = trace(values, isTraining: false)
    let adaptation = method.adapt(trace, steps: steps, isFirstOrder: true)
    let outputs = adaptation.parameters.map { method.evaluationOutput(trace, $0) }
    return EpisodePlan(trace, outputs.map { Plan.Output($0) })
  }

  /// The query set's outputs, `[examples, numbers]`, after 0, 1, …, M inner steps, then the support
  /// loss at each of them.
  package func fitPlan(_ values: HyperparameterValues) -> EpisodePlan {
    let trace = trace(values, isTraining: false)
    let count = method.adaptationSteps(values)
    let adaptation = method.adapt(trace, steps: count, isFirstOrder: true)
    let fits = adaptation.parameters.map { method.evaluationOutput(trace, $0) }
    let last = method.innerLoss(trace, adaptation.adapted, step: count)
    return EpisodePlan(trace, (fits + adaptation.innerLosses + [last]).map { Plan.Output($0) })
  }

  /// What the run's own adaptation leaves of all that it moves.
  package func adaptedPlan(_ values: HyperparameterValues) -> AdaptedPlan {
    if let trajectory = trajectory(values) {
      let state = Set(trajectory.state.map(\.name))
      let moved = parameters.specifications.filter { state.contains(Trajectory.fast($0.name)) }
      let names = moved.map(\.name)
      let trace = trace(values, isTraining: false)
      let plan = EpisodePlan(trace, names.map { Plan.Output(trace.metaParameters[$0]) })
      return AdaptedPlan(plan: plan, names: names, shapes: moved.map(\.shape))
    }
    let trace = trace(values, isTraining: false)
    let steps = method.adaptationSteps(values)
    let adapted = method.adapt(trace, steps: steps, isFirstOrder: true).adapted
    let moved = adapted.filter { name in
      !trace.metaParameters.names.contains(name)
        || adapted[name].id != trace.metaParameters[name].id
    }
    return AdaptedPlan(
      plan: EpisodePlan(trace, moved.values.map { Plan.Output($0) }),
      names: moved.names,
      shapes: moved.values.map(\.shape)
    )
  }

  /// Where the method's own probes begin among the outputs.
  package func ownProbes(points: Int) -> Int { 2 * points + model.layers.count }

  /// Splits the averages of `probePlan`, of `points` points of the adaptation, into a report.
  package func probes(
    from averages: [[Float]],
    points: Int,
    _ values: HyperparameterValues,
    memory: (own: Double, exact: Double) = (0, 0),
    _ measured: ([[Float]]) -> MeasuredProbes
  ) -> StepProbes {
    let layers = model.layers.count
    let own = Array(averages[ownProbes(points: points)...])
    let measured = measured(own)
    var named = method.probeValues(measured, model: model)
    if isQualityMeasured(values) {
      named["exact_cosine"] = Float(measured.quality?.cosine ?? 0)
      named["exact_norm_ratio"] = Float(measured.quality?.normRatio ?? 0)
      named["curvature_products"] = Float(method.curvatureProducts(values))
      named["gradient_memory"] = Float(memory.own / 1024)
      named["exact_memory"] = Float(memory.exact / 1024)
    }
    return StepProbes(
      supportLosses: averages[..<points].map { $0[0] },
      queryLosses: averages[points..<2 * points].map { $0[0] },
      innerGradientNorms: averages[2 * points..<2 * points + layers].map { $0[0].squareRoot() },
      values: method.declaredProbes(for: model, values).map {
        named[$0.key] ?? measured.number($0.key) ?? .nan
      }
    )
  }
}
