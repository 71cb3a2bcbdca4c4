/// What happened while a data set was read: told by `metatop data check`.
package struct LoadReport: Sendable, Equatable {
  package var imageCount = 0
  /// Pictures that could not be used; the set goes on without them.
  package var badImages: [DatasetError] = []
  /// Anything else a person should know, in sentences.
  package var notes: [String] = []

  package init() {}
}

/// How pictures are brought into one shape.
package struct ImageOptions: Sendable, Equatable {
  /// Height and width; nil for those of the first picture, up to 84.
  package var size: Int?
  package var resize: Resize = .area
  /// 1 or 3; nil for colour where the first picture of some class has it.
  package var channels: Int?
  /// Dark strokes on light paper become bright ones on a dark ground.
  package var isInverted = false
  /// For a split of the classes by lot.
  package var seed: UInt64 = 0

  package init() {}
}
