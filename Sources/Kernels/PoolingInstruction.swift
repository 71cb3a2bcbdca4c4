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
