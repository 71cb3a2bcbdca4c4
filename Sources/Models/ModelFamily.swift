/// What a network is made of: which hyperparameters it has, and their defaults, depend on it.
package enum ModelFamily: Sendable, Equatable, CaseIterable {
  /// Linear maps and rectifiers, on numbers.
  case dense
  /// Convolutions with batch normalisation, on images.
  case convolutional
  /// Sums over a graph's edges, on its nodes.
  case graph
}

extension MLP {
  package var family: ModelFamily { .dense }
}

extension ConvNet {
  /// Four pools leave a pixel of this many.
  package static let smallestSide = 16
  /// Channels of a layer; in multiples of 16 the kernels are fastest.
  package static let widths = stride(from: 4, through: 128, by: 1)
  /// Blocks: three are pooled in the body, and the head pools the last.
  package static let depths = 4...12

  package var family: ModelFamily { .convolutional }
}

extension ResNet20 {
  /// Two halvings must leave whole pixels.
  package static let sideUnit = 4
  package static let smallestSide = 8
  /// Channels of the first stage; the last has four times as many.
  package static let widths = stride(from: 4, through: 64, by: 4)
  package static let usualWidth = 16

  package var family: ModelFamily { .convolutional }
}
