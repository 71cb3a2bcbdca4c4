/// What a network is made of: which hyperparameters it has, and their defaults, depend on it.
package enum ModelFamily: Sendable, Equatable, CaseIterable {
  /// Linear maps and rectifiers, on numbers.
  case dense
  /// Convolutions with batch normalisation, on images.
  case convolutional
}

extension MLP {
  package var family: ModelFamily { .dense }
}

extension ConvNet {
  /// Four pools leave a pixel of this many.
  package static let smallestSide = 16
  /// Channels of a layer that the kernels are made for.
  package static let widths = stride(from: 8, through: 128, by: 8)

  package var family: ModelFamily { .convolutional }
}

extension ResNet20 {
  /// Two halvings must leave whole pixels.
  package static let sideUnit = 4
  package static let smallestSide = 8
  /// Channels of the first stage; the last has four times as many.
  package static let widths = stride(from: 8, through: 64, by: 8)
  package static let usualWidth = 16

  package var family: ModelFamily { .convolutional }
}
