import CKernels

/// Sums over the pixels of each image, `[batch, channels]` of `[batch, height, width, channels]`, or
/// their transpose, which repeats an image's numbers at each of its pixels.
package struct SpatialSum: Sendable, Equatable {
  package let isTransposed: Bool
  package let source: Address
  package let target: Address
  /// Of the images.
  package let map: ImageMap

  package init(isTransposed: Bool, source: Address, target: Address, map: ImageMap) {
    self.isTransposed = isTransposed
    self.source = source
    self.target = target
    self.map = map
  }
}

extension KernelTable {
  /// All images, or some of them.
  func run(_ sum: SpatialSum, _ bases: Bases, _ part: Part) {
    let kernels = table.pointee.pooling
    let images = part.range(of: sum.map.batch)
    let (whole, sums) = (
      images.lowerBound * sum.map.imageCount, images.lowerBound * sum.map.channels
    )
    withUnsafePointer(to: sum.map.with(batch: images.count).description) { map in
      if sum.isTransposed {
        kernels.repeat_pixels(map, bases[sum.source] + sums, bases[sum.target] + whole)
      } else {
        kernels.sum_pixels(map, bases[sum.source] + whole, bases[sum.target] + sums)
      }
    }
  }
}
