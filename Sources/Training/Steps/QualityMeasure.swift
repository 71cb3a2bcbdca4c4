import Kernels
import MetaLearning

/// The exact meta-gradients of a meta-batch, beside which the method's own is held.
///
/// `@unchecked Sendable`: each worker writes the slots of the episodes it claims.
final class QualityMeasure: @unchecked Sendable {
  /// Gives an exact gradient laid out like the parameters: from the episode, or from the adjoint at the
  /// beginning of replayed steps.
  let plan: EpisodePlan
  let slots: AlignedBuffer
  let stride: Int
  /// Bytes that an episode's gradient takes.
  let memory: (own: Double, exact: Double)

  /// Whose gradient is measured.
  struct Subject {
    let setup: EpisodeSetup
    let values: HyperparameterValues
    let stage: Int
    let draws: DrawLayout
  }

  /// Nil where nothing is measured.
  init?(
    _ subject: Subject,
    _ trajectory: TrajectoryPlans?,
    training: EpisodePlan,
    metaBatchSize: Int
  ) {
    guard subject.setup.isQualityMeasured(subject.values) else { return nil }
    func floats(_ plans: [EpisodePlan]) -> Int {
      plans.map { $0.plan.program.arenaCount }.max() ?? 0
    }
    if let trajectory {
      guard let exact = trajectory.exact, let arrive = exact.arrive else { return nil }
      plan = arrive
      let kept =
        trajectory.state.count * (trajectory.trajectory.longest ?? trajectory.trajectory.steps)
      let step = floats([trajectory.step, training]) + 2 * trajectory.state.count
      let own = trajectory.backward.map { floats($0.all) + 2 * $0.adjoint.count + kept } ?? 0
      let all = floats(exact.all) + 2 * exact.adjoint.count + kept
      // What goes side by side needs no way back but for a fit.
      let isOnline = trajectory.online != nil
      memory = (
        4 * Double(step + (isOnline ? 0 : own)), 4 * Double(step + all)
      )
    } else {
      plan = subject.setup.qualityPlan(
        subject.values,
        stage: subject.stage,
        draws: subject.draws
      )
      memory = (4 * Double(floats([training])), 4 * Double(floats([plan])))
    }
    stride = max(plan.resultCount, 1)
    slots = AlignedBuffer(count: stride * metaBatchSize)
  }
}

extension OuterStep {
  var qualityMemory: (own: Double, exact: Double) { quality?.memory ?? (0, 0) }

  /// The averaged meta-gradient against the exact one's mean, over the groups that move by a gradient.
  func measured(_ quality: QualityMeasure?) -> GradientQuality? {
    guard let quality else { return nil }
    let places = comparedPlaces
    return GradientQuality(
      own: places.map { Double(state.gradient[$0]) },
      exact: means(quality.slots, quality.stride, places)
    )
  }

  /// Where the numbers lie that are compared: of the online groups, where there are such.
  var comparedPlaces: [Int] {
    state.layout.specifications.indices.flatMap { index -> [Int] in
      let group = state.layout.specifications[index].group
      guard let place = groupNames.firstIndex(of: group), rules[place].isGradient,
        lockstep?.isOnline[place] ?? true
      else { return [] }
      return Array(state.layout.range(index))
    }
  }

  func means(_ slots: AlignedBuffer, _ stride: Int, _ places: [Int]) -> [Double] {
    places.map { place in
      let sum = (0..<metaBatchSize).reduce(0.0) { $0 + Double(slots[$1 * stride + place]) }
      return sum / Double(metaBatchSize)
    }
  }
}
