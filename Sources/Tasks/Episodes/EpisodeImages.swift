import Files
import Kernels

/// What an episode shows, in words: for a panel, or a listing.
package struct EpisodeImages: Sendable, Equatable {
  /// A picture's place among the classes, and what a person would call it.
  package struct Image: Sendable, Equatable {
    package let label: Int
    package let name: String

    package init(label: Int, name: String) {
      self.label = label
      self.name = name
    }
  }

  /// By label.
  package let classNames: [String]
  /// In the order of the episode's positions.
  package let support: [Image]
  package let query: [Image]

  /// Pictures of examples that are none themselves, in the same order.
  package struct Drawn: Sendable, Equatable {
    package let shape: ImageShape
    package let support: [[UInt8]]
    package let query: [[UInt8]]
    /// What the pictures were drawn from.
    package let sketches: (support: [NodeSketch], query: [NodeSketch])

    package static func == (first: Self, second: Self) -> Bool {
      first.shape == second.shape && first.support == second.support && first.query == second.query
        && first.sketches == second.sketches
    }
  }

  /// Nil where the examples are pictures.
  package let drawn: Drawn?

  package init(classNames: [String], support: [Image], query: [Image], drawn: Drawn? = nil) {
    self.drawn = drawn
    self.classNames = classNames
    self.support = support
    self.query = query
  }
}
