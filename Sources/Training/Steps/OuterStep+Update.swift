import Kernels
import MetaLearning

/// The update of the meta-parameters, each group by its own rule and rate.
extension OuterStep {
  /// The update of outer step `step`, each group by its own rule and rate.
  func update(step: Int, totalSteps: Int, team: WorkerTeam) {
    prepareRates(step: step, totalSteps: totalSteps)
    limitNorm()
    team.share(state.chunks.count, updateJob)
    state.updates += 1
    for index in rules.indices where rules[index] != .frozen {
      state.groupUpdates[index] += 1
    }
  }

  /// Every group's rate at an outer step.
  func prepareRates(step: Int, totalSteps: Int) {
    for (index, name) in groupNames.enumerated() {
      let rate = setup.method.outerRate(of: name, values, step: step, totalSteps: totalSteps)
      rates[index] = Float(rate)
    }
  }

  private func limitNorm() {
    gradientScale = 1
    guard case .norm(let bound) = limit else { return }
    var square = 0.0
    for (index, chunk) in state.chunks.enumerated() where rules[chunk.group].isGradient {
      square += chunkNorms[index]
    }
    let norm = square.squareRoot()
    if norm > bound { gradientScale = Float(bound / norm) }
  }

  func updateChunk(_ index: Int) {
    let chunk = state.chunks[index]
    guard isMoving[chunk.group] else { return }
    state.lastGood.copy(from: state.parameters, range: chunk.range)
    let rule = rules[chunk.group]
    if rule.isGradient { limit(chunk.range, of: chunk.group) }
    state.move(
      chunk.range,
      of: chunk.group,
      by: rule,
      rate: rates[chunk.group],
      along: state.gradient
    )
  }

  private func limit(_ range: Range<Int>, of group: Int) {
    switch limit {
    case .none: break
    case .norm: if gradientScale != 1 { state.gradient.scale(range, by: gradientScale) }
    case .value(let bound, let groups):
      if groups.contains(groupNames[group]) { state.gradient.clamp(range, to: Float(bound)) }
    }
  }
}

extension UpdateRule {
  /// Whether what it takes is a gradient, not a value or the distance to one.
  var isGradient: Bool {
    switch self {
    case .adam, .sgd, .interpolate: true
    case .follow, .assign, .frozen: false
    }
  }
}
