/// What of a graph is asked for besides the outputs of its nodes.
package struct GraphRequest: OptionSet, Sendable, Hashable {
  package let rawValue: UInt8

  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The outputs of the nodes' neighbours, too.
  package static let neighbours = Self(rawValue: 1)
  /// The nodes' own features, X without Â.
  package static let attributes = Self(rawValue: 2)
  /// What each node sees in two steps as a graph of its own, whose mean is the node's output: Â is cut to its
  /// nodes, and its weights stay.
  package static let subgraphs = Self(rawValue: 4)
}

/// How a network reads a graph.
package struct GraphReading: Sendable, Hashable {
  /// D⁻½ (A + I) D⁻½ (Kipf and Welling 2017) instead of D⁻¹ (A + I).
  package var isSymmetric: Bool
  /// Each node's features divided by the sum of their sizes.
  package var hasRowFeatures: Bool
  package var parts: GraphRequest

  package init(
    isSymmetric: Bool = false,
    hasRowFeatures: Bool = false,
    parts: GraphRequest = []
  ) {
    self.isSymmetric = isSymmetric
    self.hasRowFeatures = hasRowFeatures
    self.parts = parts
  }

  var keepsNeighbours: Bool { parts.contains(.neighbours) }
  var isCut: Bool { parts.contains(.subgraphs) }
}
