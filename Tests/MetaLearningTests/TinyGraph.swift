import AutodiffOracle
import Kernels
import Models
import Tasks

@testable import MetaLearning

/// A graph of eleven nodes, one of them alone, for methods that learn nothing but nodes.
enum TinyGraph {
  static let graph = FeatureGraph(
    edges: ([0, 1, 2, 3, 4, 5, 6, 7, 0, 2], [1, 2, 3, 4, 5, 6, 7, 8, 9, 6]),
    features: .dense(features),
    featureCount: 3,
    labels: (0..<11).map { Int32($0 % 2) }
  )

  private static let features: [Float] = {
    var numbers = SeededNumbers(seed: 9)
    return numbers.normal(33).map { Float($0) }
  }()

  /// 2-way 2-shot with two queries a class, as a method reads them.
  static func layout(_ reading: GraphReading) -> EpisodeLayout {
    NodeView(graph, reading).layout(way: 2, shot: 2, queryShot: 2)
  }

  /// The numbers of an episode's two sets.
  static func inputs(_ reading: GraphReading, _ layout: EpisodeLayout) -> [(Int, [Float])] {
    guard let forms = layout.nodes else { return [] }
    let (view, buffer) = (NodeView(graph, reading), AlignedBuffer(count: layout.count))
    view.write([0, 4, 1, 7], as: forms.support, into: buffer, at: layout.supportInputs)
    view.write([2, 10, 3, 5], as: forms.query, into: buffer, at: layout.queryInputs)
    return [(layout.supportInputs, forms.support.count), (layout.queryInputs, forms.query.count)]
      .map { ($0, buffer.values($0..<$0 + $1)) }
  }

  /// Such a network, small enough for reference computations.
  static func model(_ style: ModelStyle) -> any Model {
    GCN(inputs: 3, width: 3, outputs: 2, style: style)
  }
}
