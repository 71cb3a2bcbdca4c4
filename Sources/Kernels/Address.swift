/// The memories a program reads and writes; each replay binds them to buffers.
package enum Space: UInt32, CaseIterable, Sendable {
  /// Intermediate values of one replay; owned by the worker.
  case arena
  /// Meta-parameters; shared, read only during a replay.
  case parameters
  /// Support and query set of the episode.
  case episode
  /// Hyperparameters that are inputs of the graph.
  case settings
  /// Numbers written in the graph; owned by the program.
  case constants
  /// Random draws of the episode.
  case noise
  /// What the replay is for: gradients and losses.
  case results
  /// What a replay goes on from: fast weights of a step that is replayed, state that lasts.
  case state
  /// Meta-parameters as they were before the last update.
  case previous
  /// What goes backwards over replayed steps.
  case adjoint
}

/// A place in one of the spaces, counted in floats from its start.
package struct Address: Hashable, Sendable {
  package let bits: UInt32

  /// Offsets reach to 2^28 floats (1 GiB) in each space.
  package init(_ space: Space, _ offset: Int) {
    precondition(offset >= 0 && offset < 1 << 28, "offset \(offset) exceeds 2^28 floats")
    bits = space.rawValue << 28 | UInt32(offset)
  }

  package var space: Space {
    guard let space = Space(rawValue: bits >> 28) else {
      preconditionFailure("no space \(bits >> 28)")
    }
    return space
  }

  package func advanced(by floats: Int) -> Self {
    Self(bits: bits + UInt32(floats))
  }

  private init(bits: UInt32) { self.bits = bits }
}

/// Floats a cache line holds; every tensor starts on such a boundary.
package let cacheLineFloats = 16

/// Rounds a number of floats up to whole cache lines.
package func paddedCount(_ floats: Int) -> Int {
  (floats + cacheLineFloats - 1) / cacheLineFloats * cacheLineFloats
}
