/// A task of two parameters seen from above.
package struct SurfaceMap: Sendable {
  package struct Place: Sendable {
    package let label: String
    package let x: Float
    package let y: Float
  }

  package let x: ClosedRange<Float>
  package let y: ClosedRange<Float>
  /// The logarithm of the mean loss, rows by rising y, in a row by rising x, ends included.
  package let heights: [[Float]]
  /// Where a task's loss vanishes.
  package let minima: [Place]
}
