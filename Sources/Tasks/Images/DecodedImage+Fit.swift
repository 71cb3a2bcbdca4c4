import Kernels

extension DecodedImage {
  /// The picture as a set stores it, of the set's shape; `conversions` says what that took.
  func fitted(_ shape: ImageShape, _ options: ImageOptions) -> Self {
    var conversions = self.conversions
    if shape.channels < self.shape.channels { conversions.insert(.coloursToGrey) }
    if shape.channels > self.shape.channels { conversions.insert(.greyToColours) }
    if shape.height != self.shape.height || shape.width != self.shape.width {
      conversions.insert(.resized)
    }
    if options.isInverted { conversions.insert(.inverted) }
    let fitted = with(channels: shape.channels)
      .resized(height: shape.height, width: shape.width, options.resize)
    return Self(
      shape: shape,
      bytes: (options.isInverted ? fitted.inverted : fitted).bytes,
      conversions: conversions
    )
  }
}
