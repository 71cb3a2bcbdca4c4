/// Operations on images `[batch, height, width, channels]`, and on logits.
extension Tensor {
  /// 3×3 convolution with padding 1; `weight` is `[3, 3, in, out]`.
  package func convolution(_ weight: Tensor) -> Tensor {
    let output = Array(shape.dimensions[..<3]) + [weight.shape.columns]
    return graph.append(.convolution, [self, weight], Shape(output))
  }

  /// The input's gradient from an output's, this tensor.
  func convolutionInputGradient(_ weight: Tensor, input: Shape) -> Tensor {
    graph.append(.convolutionInputGradient, [self, weight], input)
  }

  /// The weights' gradient from the input, this tensor, and the output's gradient.
  func convolutionWeightGradient(_ gradient: Tensor, weight: Shape) -> Tensor {
    graph.append(.convolutionWeightGradient, [self, gradient], weight)
  }

  /// 2×2 maximum, stride 2, an odd last row or column left out.
  package func maxPooled() -> Tensor {
    pooled(poolingChoice(direction: graph.constant(1, [shape.columns])))
  }

  /// Where the largest number of each 2×2 window is; the smallest in channels where `direction`, a
  /// row, is negative.
  package func poolingChoice(direction: Tensor) -> Tensor {
    guard let pooled = shape.pooled else {
      preconditionFailure("images of shape \(shape) cannot be pooled")
    }
    return graph.append(.poolingChoice, [self, direction], pooled)
  }

  package func pooled(_ choice: Tensor) -> Tensor {
    graph.append(.pool, [self, choice], choice.shape)
  }

  /// Every second pixel of every second row, from the first on.
  ///
  /// A convolution with padding 1 and stride 2 is one of stride 1, subsampled. Sides are even: of an
  /// odd one a stride would keep the last pixel, a window leaves it out.
  package func subsampled() -> Tensor {
    guard let half = shape.pooled, shape.dimensions[1...2].allSatisfy({ $0 % 2 == 0 }) else {
      preconditionFailure("images of shape \(shape) cannot be halved")
    }
    return pooled(graph.append(.cornerChoice, [], half))
  }

  /// Sums over the pixels of each image, `[batch, channels]`.
  func spatialSum() -> Tensor {
    let size = shape.dimensions
    return graph.append(.spatialSum, [self], [size[0], size[size.count - 1]])
  }

  /// Numbers `[batch, channels]` at each pixel of images of `shape`.
  func spatialBroadcast(to shape: Shape) -> Tensor {
    graph.append(.spatialBroadcast, [self], shape)
  }

  /// Means over the pixels of each image, `[batch, channels]`.
  package func spatialMean() -> Tensor {
    spatialSum() * (1 / Double(shape.count / shape.dimensions[0] / shape.columns))
  }

  func unpooled(_ choice: Tensor, to shape: Shape) -> Tensor {
    graph.append(.unpool, [self, choice], shape)
  }

  /// Mean and biased variance over all axes but the last, each `[channels]`.
  package func moments() -> (mean: Tensor, variance: Tensor) {
    let row: Shape = [shape.columns]
    let both = graph.append(.moments, [self], [2, shape.columns])
    return (both.slice(from: 0, as: row), both.slice(from: row.count, as: row))
  }

  /// Logarithms of the softmax of each row.
  package func logSoftmax() -> Tensor {
    let largest = graph.append(.rowMaximum, [self], [shape.rows])
    let shifted = self - largest.broadcast(.column, to: shape)
    let total = shifted.exp().sumOverColumns().log()
    return shifted - total.broadcast(.column, to: shape)
  }

  /// Mean cross-entropy of logits `[examples, classes]` against one-hot targets.
  package func crossEntropy(_ targets: Tensor) -> Tensor {
    -(logSoftmax() * targets).sum() * (1 / Double(shape.rows))
  }

  /// Share of rows whose largest logit is the target's; not a number when a logit is not one.
  package func accuracy(_ targets: Tensor) -> Tensor {
    let largest = graph.append(.rowMaximum, [self], [shape.rows])
    let lead = (self * targets).sumOverColumns() - largest
    // The lead is 0 exactly where the target wins, negative elsewhere; its rectifier adds nothing
    // but what is not a number.
    let wins = graph.constant(1, lead.shape).gated(by: lead + 1e-30) + lead.relu()
    return wins.sum() * (1 / Double(shape.rows))
  }
}
