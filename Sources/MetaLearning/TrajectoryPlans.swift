import Autodiff
import Models
import Tasks

/// The plans of a method whose inner loop is replayed; the state lies in all of them alike.
package struct TrajectoryPlans: Sendable {
  package let trajectory: Trajectory
  package let state: ParameterLayout
  /// Of the minibatch that stands in the episode's place during a step; nil where there is none.
  package let minibatch: EpisodeLayout?
  package let start: EpisodePlan
  package let begin: EpisodePlan
  package let step: EpisodePlan
  /// Meta-gradient, query loss, support loss of the meta-parameters, accuracy.
  ///
  /// As the training plan of an unrolled inner loop has them; absent in evaluations.
  package let end: EpisodePlan?
  /// Nil where no state belongs to tasks.
  package let follow: EpisodePlan?
  /// What is found at a point of the way, from the state there.
  package let score: EpisodePlan
  /// The method's own probes at the end of the way; absent in evaluations.
  package let probe: EpisodePlan?
  /// The way back that the method goes in training; nil where it goes none.
  package let backward: BackwardPlans?
  /// That of the exact derivative, where the method's gradient is measured against it.
  package let exact: BackwardPlans?
  /// Nil where no meta-parameter moves after every inner step.
  package let online: OnlinePlans?
  /// What the plans together draw of an episode.
  package let draws: EpisodeDraws

  package var all: [EpisodePlan] {
    [start, begin, step, score] + [end, follow, probe].compactMap { $0 } + (backward?.all ?? [])
      + (exact?.all ?? []) + (online?.all ?? [])
  }
  /// Floats of a buffer that holds the state or anything else a replay of it writes.
  package var stateCount: Int {
    max([start, begin, step].map(\.resultCount).max() ?? 0, follow?.resultCount ?? 0, 1)
  }
}

extension EpisodeSetup {
  /// What `TrajectoryPlans.score` gives.
  package enum Score {
    /// The support loss and the query loss.
    case losses
    /// The query loss, and in classification the accuracy.
    case evaluation
    /// The query set's outputs, and the support loss.
    case outputs
    /// What the inner loop moves, by `AdaptedPlan.names`.
    case weights
  }

  /// The replayed inner loop; nil for methods that unroll theirs.
  package func trajectory(_ values: HyperparameterValues) -> Trajectory? {
    (method as? any TrajectoryMethod)?.trajectory(for: model, values)
  }

  /// The plans of a replayed inner loop; nil for methods that unroll theirs.
  ///
  /// `minibatchSize` is the examples of a minibatch where a file of episodes decides it.
  package func trajectoryPlans(
    _ values: HyperparameterValues,
    _ score: Score,
    isTraining: Bool,
    stage: Int = 0,
    minibatchSize: Int? = nil
  ) -> TrajectoryPlans? {
    guard let method = method as? any TrajectoryMethod else { return nil }
    let trajectory = method.trajectory(for: model, values)
    let state = ParameterLayout(trajectory.state)
    let draws = DrawLayout()
    func planned(
      _ layout: EpisodeLayout? = nil,
      _ adjoint: ParameterLayout? = nil,
      _ outputs: (EpisodeTrace) -> (outputs: [Plan.Output], probeKeys: [String])
    ) -> EpisodePlan {
      let trace = trace(
        values,
        isTraining: isTraining,
        stage: stage,
        layout: layout,
        state: state,
        adjoint: adjoint,
        draws: draws
      )
      let made = outputs(trace)
      return EpisodePlan(trace, made.outputs, probeKeys: made.probeKeys)
    }
    func traced(
      _ layout: EpisodeLayout? = nil,
      _ adjoint: ParameterLayout? = nil,
      _ outputs: (EpisodeTrace) -> [Plan.Output]
    ) -> EpisodePlan { planned(layout, adjoint) { (outputs($0), []) } }
    func moved(_ trace: EpisodeTrace, _ values: [String: Tensor]) -> [Plan.Output] {
      zip(state.specifications, state.offsets).map { specification, offset in
        Plan.Output(values[specification.name] ?? trace.state[specification.name], at: offset)
      }
    }
    let minibatch = minibatchLayout(trajectory, isTraining: isTraining, size: minibatchSize)
    let ways =
      isTraining ? self.ways(method, state, values, minibatch: minibatch, traced) : WaysBack()
    return TrajectoryPlans(
      trajectory: trajectory,
      state: state,
      minibatch: minibatch,
      start: traced { moved($0, method.start($0)) },
      begin: traced { moved($0, isTraining ? method.begin($0) : method.start($0)) },
      step: traced(minibatch) { moved($0, method.step($0)) },
      end: isTraining ? traced(nil, ways.own?.adjoint) { end(method, $0) } : nil,
      follow: isTraining && trajectory.lasting == .task
        ? traced { moved($0, method.follow($0)) } : nil,
      score: traced { scored(method, $0, score) },
      probe: isTraining ? planned(nil, ways.own?.adjoint) { probed(method, $0) } : nil,
      backward: ways.own,
      exact: ways.exact,
      online: ways.online,
      // Arguments are made in order, so all have asked by now.
      draws: draws.draws
    )
  }

  /// The same for training.
  package func trainingPlans(
    _ values: HyperparameterValues,
    stage: Int,
    minibatchSize: Int?
  ) -> TrajectoryPlans? {
    trajectoryPlans(
      values,
      .losses,
      isTraining: true,
      stage: stage,
      minibatchSize: minibatchSize
    )
  }

  private func minibatchLayout(
    _ trajectory: Trajectory,
    isTraining: Bool,
    size: Int?
  ) -> EpisodeLayout? {
    guard let minibatches = trajectory.minibatches else { return nil }
    let usesQuery = minibatches.usesQuery && isTraining
    let pool = layout.supportCount + (usesQuery ? layout.queryCount : 0)
    let wanted = size ?? minibatches.size
    guard wanted > 0 || usesQuery || (minibatches.hasTail && isTraining) else { return nil }
    return EpisodeLayout(
      supportCount: wanted > 0 ? min(wanted, pool) : pool,
      queryCount: 1,
      inputShape: layout.inputShape,
      targetCount: layout.targetCount
    )
  }

  private func end(_ method: any TrajectoryMethod, _ trace: EpisodeTrace) -> [Plan.Output] {
    let end = method.end(trace)
    let all = trace.metaParameters
    let distances =
      method.runningStatistics(for: model)?.distances(from: end.statistics, all) ?? [:]
    var outputs = zip(all.names, parameters.offsets).map { name, offset in
      let value =
        distances[name] ?? end.metaGradient[name] ?? trace.graph.constant(0, all[name].shape)
      return Plan.Output(value, at: offset)
    }
    outputs.append(Plan.Output(end.queryLoss))
    outputs.append(Plan.Output(method.innerLoss(trace, all, step: 0)))
    if isClassification {
      outputs.append(Plan.Output(end.queryOutput.accuracy(trace.queryTargets)))
    }
    return outputs
  }

  private func scored(
    _ method: any TrajectoryMethod,
    _ trace: EpisodeTrace,
    _ score: Score
  ) -> [Plan.Output] {
    let fast = trace.fastParameters
    switch score {
    case .losses:
      return [method.innerLoss(trace, fast, step: 0), method.queryLoss(trace, fast)]
        .map { Plan.Output($0) }
    case .evaluation:
      let output = method.evaluationOutput(trace, fast)
      let loss = trace.loss(output, trace.queryTargets)
      let accuracies = isClassification ? [output.accuracy(trace.queryTargets)] : []
      return ([loss] + accuracies).map { Plan.Output($0) }
    case .outputs:
      return [method.evaluationOutput(trace, fast), method.innerLoss(trace, fast, step: 0)]
        .map { Plan.Output($0) }
    case .weights: return trace.fastNames.map { Plan.Output(fast[$0]) }
    }
  }

  /// The squared inner gradient by layer at the meta-parameters, then the method's own probes.
  private func probed(
    _ method: any TrajectoryMethod,
    _ trace: EpisodeTrace
  ) -> (outputs: [Plan.Output], probeKeys: [String]) {
    let fast = trace.fastParameters
    let names = trace.fastNames
    let loss = method.innerLoss(trace, trace.metaParameters, step: 0)
    let gradients = trace.graph.gradient(
      of: loss,
      withRespectTo: names.map { trace.metaParameters[$0] }
    )
    let adaptation = Adaptation(
      parameters: [trace.metaParameters, fast],
      innerLosses: [loss],
      firstGradients: ParameterTree(zip(names, gradients).map { (name: $0, value: $1) })
    )
    let norms = model.layers.map { innerGradientSquare($0, adaptation.firstGradients, trace.graph) }
    let own: [String: Tensor] = method.allProbeTensors(trace, adaptation)
    let named = own.sorted { $0.key < $1.key }
    return ((norms + named.map(\.value)).map { Plan.Output($0) }, named.map(\.key))
  }
}
