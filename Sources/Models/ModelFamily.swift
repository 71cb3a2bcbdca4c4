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

extension Conv4 {
  package var family: ModelFamily { .convolutional }
}
