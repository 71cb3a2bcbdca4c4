import Kernels

/// Pictures in classes, all of one shape, ready to be copied into an episode.
package protocol ImageCollection: Sendable {
  var shape: ImageShape { get }
  var classes: [ImageClass] { get }
  /// Bytes of memory that the pictures take; 0 where they are drawn on demand.
  var byteCount: Int { get }

  /// The digest of the classes' names and their pixels, in order; nil where pictures are drawn on demand.
  var sha256: String? { get }

  /// 64 bits that differ where a class's decoded pictures do, or their order; nil where they are
  /// drawn on demand.
  func digest(ofClass index: Int) -> UInt64?

  /// What a person would call a picture: a file's name, or its number.
  func name(of image: ImageReference) -> String

  /// Writes pictures one after the other as numbers in [0, 1]; opens no file.
  func write(_ images: [ImageReference], into buffer: AlignedBuffer, at offset: Int)
}

extension ImageCollection {
  package func digest(ofClass index: Int) -> UInt64? { nil }
}

/// A class as it is stored.
package struct ImageClass: Sendable, Equatable {
  package let name: String
  /// What it belongs to, for tasks within one group: the alphabet of a character.
  package let group: String
  package let imageCount: Int

  package init(name: String, group: String = "", imageCount: Int) {
    self.name = name
    self.group = group
    self.imageCount = imageCount
  }
}

/// A class as episodes draw it: a stored one, perhaps turned, which makes it another class.
package struct EpisodeClass: Sendable, Hashable {
  package let index: Int
  package let quarterTurns: Int

  package init(_ index: Int, quarterTurns: Int = 0) {
    self.index = index
    self.quarterTurns = quarterTurns
  }
}

/// One picture of a collection.
package struct ImageReference: Sendable, Hashable {
  package let classIndex: Int
  package let example: Int
  package let quarterTurns: Int

  package init(classIndex: Int, example: Int, quarterTurns: Int = 0) {
    self.classIndex = classIndex
    self.example = example
    self.quarterTurns = quarterTurns
  }
}
