/// What outer updates other than Adam's need; none of it lies in the usual path of a step.
extension AlignedBuffer {
  /// Copies `count` floats of `other` from `start` on to `target`.
  package func copy(from other: AlignedBuffer, at offset: Int, count: Int, to target: Int) {
    precondition(
      offset >= 0 && target >= 0 && offset + count <= other.count && target + count <= self.count,
      "\(count) floats from \(offset) to \(target)"
    )
    (start + target).update(from: other.start + offset, count: count)
  }

  /// Makes a range of `self` a range of equal length of `other` that begins at `offset`.
  package func copy(from other: AlignedBuffer, at offset: Int, range: Range<Int>) {
    copy(from: other, at: offset, count: range.count, to: range.lowerBound)
  }

  /// Σ `self[first + i] · self[second + i]`, in double precision and in order.
  package func product(at first: Int, and second: Int, count: Int) -> Double {
    precondition(max(first, second) + count <= self.count, "\(count) floats at \(second)")
    var sum = 0.0
    for index in 0..<count { sum += Double(start[first + index]) * Double(start[second + index]) }
    return sum
  }

  /// `self[i] *= factor` over a range.
  package func scale(_ range: Range<Int>, by factor: Float) {
    precondition(range.upperBound <= count, "\(range)")
    for index in range { start[index] *= factor }
  }

  /// Cuts a range off at ± `bound`; NaN stays.
  package func clamp(_ range: Range<Int>, to bound: Float) {
    precondition(range.upperBound <= count, "\(range)")
    for index in range {
      if start[index] > bound { start[index] = bound }
      if start[index] < -bound { start[index] = -bound }
    }
  }
}

/// Stochastic gradient descent with momentum for a range of parameters, as PyTorch has it:
/// d = g + decay·θ; m = momentum·m + d; θ −= rate·m, or rate·(d + momentum·m) with Nesterov's.
package struct MomentumUpdate: Sendable {
  package var learningRate: Float
  package var momentum: Float
  package var isNesterov: Bool
  package var weightDecay: Float

  package init(
    learningRate: Float,
    momentum: Float = 0,
    isNesterov: Bool = false,
    weightDecay: Float = 0
  ) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.isNesterov = isNesterov
    self.weightDecay = weightDecay
  }

  package func apply(
    to parameters: AlignedBuffer,
    gradient: AlignedBuffer,
    moment: AlignedBuffer,
    range: Range<Int>
  ) {
    precondition(range.upperBound <= min(parameters.count, gradient.count, moment.count))
    for index in range {
      let slope = gradient.start[index] + weightDecay * parameters.start[index]
      moment.start[index] = momentum * moment.start[index] + slope
      let step = isNesterov ? slope + momentum * moment.start[index] : moment.start[index]
      parameters.start[index] -= learningRate * step
    }
  }
}
