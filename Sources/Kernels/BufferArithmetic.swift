import CKernels

extension AlignedBuffer {
  /// `self[i] = scale · Σ_s slots[s · stride + i]` for `i` in `range`, `s` ascending.
  ///
  /// The order is fixed, so the sum does not depend on how many workers share the ranges.
  /// - Returns: the sum of squares of the range's results.
  package func sumSlots(
    of slots: AlignedBuffer,
    stride: Int,
    slotCount: Int,
    range: Range<Int>,
    scale: Float
  ) -> Double {
    precondition(
      range.upperBound <= count && (slotCount - 1) * stride + range.upperBound <= slots.count
    )
    return KernelTable.forThisMachine.table.pointee.sum_slots(
      slots.start + range.lowerBound,
      stride,
      slotCount,
      start + range.lowerBound,
      range.count,
      scale
    )
  }

  /// `self[i] = amplitude · sin(inputs[i] − phase)` over ranges of equal length.
  package func fillSinusoid(
    at offset: Int,
    inputsAt inputOffset: Int,
    count: Int,
    amplitude: Float,
    phase: Float
  ) {
    precondition(offset + count <= self.count && inputOffset + count <= self.count)
    KernelTable.forThisMachine.table.pointee.sinusoid(
      start + inputOffset,
      start + offset,
      count,
      amplitude,
      phase
    )
  }

  /// Maps uniform numbers of a range to `[lower, upper)` in place.
  package func rescale(at offset: Int, count: Int, lower: Float, upper: Float) {
    precondition(offset >= 0 && offset + count <= self.count, "\(count) floats at \(offset)")
    for index in offset..<offset + count { start[index] = lower + (upper - lower) * start[index] }
  }
}

extension AlignedBuffer {
  /// Numbers of a range become 1 from `bound` on, and 0 below.
  package func keep(_ range: Range<Int>, above bound: Float) {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "\(range) outside \(count)")
    for index in range { start[index] = start[index] < bound ? 0 : 1 }
  }

  /// Whether every number of a range is finite.
  package func isFinite(_ range: Range<Int>) -> Bool {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "\(range) outside \(count)")
    let kernels = KernelTable.forThisMachine.table.pointee
    return kernels.all_finite(start + range.lowerBound, range.count) != 0
  }

  /// `self[i] -= scale · other[i]` over a range.
  package func subtract(_ other: AlignedBuffer, range: Range<Int>, scale: Float) {
    precondition(range.upperBound <= count && range.upperBound <= other.count, "\(range)")
    for index in range { start[index] -= scale * other.start[index] }
  }
}

/// Adam's moments for a range of parameters (Kingma and Ba 2015), β₁ 0.9, β₂ 0.999, ε 1e-8.
package struct AdamUpdate: Sendable {
  package var learningRate: Float
  /// L2 penalty added to the gradient, as the methods' published code has it.
  package var weightDecay: Float

  package init(learningRate: Float, weightDecay: Float = 0) {
    self.learningRate = learningRate
    self.weightDecay = weightDecay
  }

  /// Applies the update number `step` (1, 2, …) to `range`.
  package func apply(
    to parameters: AlignedBuffer,
    gradient: AlignedBuffer,
    firstMoment: AlignedBuffer,
    secondMoment: AlignedBuffer,
    range: Range<Int>,
    step: Int
  ) {
    precondition(range.upperBound <= parameters.count && range.upperBound <= gradient.count)
    let (beta1, beta2) = (0.9, 0.999)
    let correction1 = 1 - power(beta1, step)
    let correction2 = 1 - power(beta2, step)
    let start = range.lowerBound
    KernelTable.forThisMachine.table.pointee.adam(
      parameters.start + start,
      gradient.start + start,
      firstMoment.start + start,
      secondMoment.start + start,
      range.count,
      Float(Double(learningRate) / correction1),
      Float(beta1),
      Float(beta2),
      Float(1 / correction2.squareRoot()),
      1e-8,
      weightDecay
    )
  }

  private func power(_ base: Double, _ exponent: Int) -> Double {
    var (result, factor, rest) = (1.0, base, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= factor }
      factor *= factor
      rest >>= 1
    }
    return result
  }
}
