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
  func run(_ sum: SpatialSum, _ bases: Bases) {
    let kernels = table.pointee.pooling
    withUnsafePointer(to: sum.map.description) { map in
      if sum.isTransposed {
        kernels.repeat_pixels(map, bases[sum.source], bases[sum.target])
      } else {
        kernels.sum_pixels(map, bases[sum.source], bases[sum.target])
      }
    }
  }
}
