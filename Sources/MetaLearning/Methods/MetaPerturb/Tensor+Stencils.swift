import Autodiff

/// Operations with 3×3 kernels that all channels share, on images `[batch, height, width,
/// channels]`; on features `[examples, channels]` too, which are maps of one pixel: there the centre
/// of a kernel acts alone, its border never meets a number.
extension Tensor {
  /// Offset of the centre in a kernel.
  private static let centre = 4

  /// The sum of the nine pixels around each, weighted with the nine numbers of `kernel`, row by row.
  package func stencil(_ kernel: Tensor) -> Tensor {
    guard shape.responses != nil else { return self * kernel.slice(from: Self.centre, as: .scalar) }
    return stencil(kernel, isTransposed: false)
  }

  /// Of four stencils, 4 · 9 numbers, what acts on maps of one pixel.
  var stencilCentres: [Tensor] {
    (0..<FusedMemory.stencilCount).map { slice(from: 9 * $0 + Self.centre, as: .scalar) }
  }

  /// What each of four stencils, `kernels` of 4 · 9 numbers, responds with on images: its rectified
  /// value's mean over the pixels, four times `[batch, channels]`.
  package func meanResponses(_ kernels: Tensor) -> [Tensor] {
    let stencils = 0..<FusedMemory.stencilCount
    let size = shape.dimensions
    let row: Shape = [size[0], size[3]]
    let sums = responses(kernels, responseChoice(kernels))
    let means = sums * (1 / Double(size[1] * size[2]))
    return stencils.map { means.slice(from: $0 * row.count, as: row) }
  }

  func stencil(_ kernel: Tensor, isTransposed: Bool) -> Tensor {
    fused(StencilOperation.stencil(isTransposed: isTransposed), [kernel], as: shape)
  }

  /// The kernel's gradient from the images, this tensor, and their stencil's gradient.
  func stencilKernelGradient(_ gradient: Tensor) -> Tensor {
    fused(StencilOperation.kernelGradient, [gradient], as: [9])
  }

  /// In which places each of four stencils of the images is positive.
  func responseChoice(_ kernels: Tensor) -> Tensor {
    fused(StencilOperation.choice, [kernels], as: shape)
  }

  /// The sums of four stencils over each image, where a choice says.
  func responses(_ kernels: Tensor, _ choice: Tensor) -> Tensor {
    guard let sums = shape.responses else {
      preconditionFailure("\(shape) are no images that could respond")
    }
    return fused(StencilOperation.responses, [kernels, choice], as: sums)
  }

  /// The images' gradient from that of the responses, this tensor.
  func responsesInputGradient(_ kernels: Tensor, _ choice: Tensor) -> Tensor {
    fused(StencilOperation.responsesInputGradient, [kernels, choice], as: choice.shape)
  }

  /// The kernels' gradient from the images, this tensor, and the responses' gradient.
  func responsesKernelGradient(_ gradient: Tensor, _ choice: Tensor) -> Tensor {
    fused(StencilOperation.responsesKernelGradient, [gradient, choice], as: .stencils)
  }
}
