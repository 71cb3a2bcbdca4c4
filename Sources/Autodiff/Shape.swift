import Kernels

/// The extent of a tensor along each axis; `[]` is a single number.
///
/// Kernels see every tensor as a matrix: the last axis is the columns, all others together the
/// rows. Images are stored channels last, so a channel is a column.
package struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
  package let dimensions: [Int]

  package init(_ dimensions: [Int]) {
    precondition(dimensions.allSatisfy { $0 > 0 }, "shape \(dimensions) has an empty axis")
    self.dimensions = dimensions
  }

  package init(arrayLiteral elements: Int...) { self.init(elements) }

  package static let scalar: Self = []

  package var count: Int { dimensions.reduce(1, *) }
  /// Floats of memory the tensor takes: whole cache lines.
  package var paddedCount: Int { Kernels.paddedCount(count) }
  package var columns: Int { dimensions.last ?? 1 }
  package var rows: Int { count / columns }
  package var description: String { "\(dimensions)" }
}
