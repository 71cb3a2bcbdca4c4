import Kernels
import MetaLearning

extension ParameterState {
  /// Moves a range of one group by the group's rule; `gradient` is laid out like the parameters, and a
  /// gradient, a distance or a value, as the rule takes it.
  func move(
    _ range: Range<Int>,
    of group: Int,
    by rule: UpdateRule,
    rate: Float,
    along gradient: AlignedBuffer
  ) {
    switch rule {
    case .adam(let decay):
      guard rate > 0 else { return }
      AdamUpdate(learningRate: rate, weightDecay: Float(decay)).apply(
        to: parameters,
        gradient: gradient,
        firstMoment: firstMoment,
        secondMoment: secondMoment,
        range: range,
        step: groupUpdates[group] + 1
      )
    case .sgd(let momentum, let isNesterov, let decay):
      guard rate > 0 else { return }
      MomentumUpdate(
        learningRate: rate,
        momentum: Float(momentum),
        isNesterov: isNesterov,
        weightDecay: Float(decay)
      ).apply(to: parameters, gradient: gradient, moment: firstMoment, range: range)
    case .follow(let share): parameters.subtract(gradient, range: range, scale: Float(share))
    case .interpolate: parameters.subtract(gradient, range: range, scale: rate)
    case .assign: parameters.copy(from: gradient, range: range)
    case .frozen: break
    }
  }

  /// The same for a whole group, which has one more update then.
  func move(_ group: Int, by rule: UpdateRule, rate: Float, along gradient: AlignedBuffer) {
    move(layout.groups[group].range, of: group, by: rule, rate: rate, along: gradient)
    if rule != .frozen { groupUpdates[group] += 1 }
  }
}
