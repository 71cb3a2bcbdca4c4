/// A 3×3 convolution with padding 1, or one of its two gradients; images are channels last.
package struct Convolution: Sendable, Equatable {
  package enum Direction: Sendable {
    /// `target[b, h, w, out]` from `a`, the input, and `b`, the weights.
    case output
    /// `target[b, h, w, in]` from `a`, the output's gradient, and `b`, the weights.
    case inputGradient
    /// `target[3, 3, in, out]` from `a`, the input, and `b`, the output's gradient.
    case weightGradient
  }

  package let direction: Direction
  package let a: Address
  package let b: Address
  package let target: Address
  package let shape: ConvolutionShape

  package init(
    _ direction: Direction,
    a: Address,
    b: Address,
    target: Address,
    shape: ConvolutionShape
  ) {
    self.direction = direction
    self.a = a
    self.b = b
    self.target = target
    self.shape = shape
  }
}

/// 2×2 windows, stride 2: a choice of one number of each, or the numbers by a choice.
package struct Pooling: Sendable, Equatable {
  package enum Operation: Sendable {
    /// `target` = which of each window's four numbers of `source` is largest, as 0, 1, 2 or 3.
    case choose
    /// `target` = the numbers of `source` that `choice` names.
    case gather
    /// `target` = zeros but for `source` at the places that `choice` names.
    case scatter
  }

  package let operation: Operation
  package let source: Address
  package let choice: Address
  package let target: Address
  /// Of the images before pooling.
  package let batch: Int
  package let height: Int
  package let width: Int
  package let channels: Int

  package init(
    _ operation: Operation,
    source: Address,
    choice: Address,
    target: Address,
    images: (batch: Int, height: Int, width: Int, channels: Int)
  ) {
    self.operation = operation
    self.source = source
    self.choice = choice
    self.target = target
    (batch, height, width, channels) = images
  }
}
