import Kernels
import Testing

@testable import Tasks

@Suite struct NodeSketchTests {
  /// A chain of four nodes and one alone: classes 0, 0, 1 and none.
  private let graph = FeatureGraph(
    edges: ([0, 1, 2], [1, 2, 3]),
    features: .dense([1, 1, 1, 1, 1]),
    featureCount: 1,
    labels: [0, 0, 1, -1, 1]
  )

  @Test func theNodeIsInTheMiddleAndWhatItSeesAroundIt() {
    let sketch = NodeSketch(graph, 1)
    #expect(sketch.points.map(\.kind) == [.middle, .ownClass, .otherClass, .unlabelled])
    #expect(sketch.links.map { [$0.0, $0.1] } == [[0, 1], [0, 2], [2, 3]])
    #expect(sketch.points[0].x == 0 && sketch.points[0].y == 0)
    #expect(sketch.marks.allSatisfy { (0...1).contains($0.x) && (0...1).contains($0.y) })
    let alone = NodeSketch(graph, 4)
    #expect(alone.points.count == 1 && alone.links.isEmpty)
    #expect(NodePicture(alone).pixels.contains(255) && NodePicture(sketch).pixels.contains(70))
  }
}
