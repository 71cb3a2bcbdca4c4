import Testing

@testable import Tasks

@Suite struct GraphStatisticsTests {
  /// Worked out by hand: a chain of four nodes and one alone, of classes 0, 0, 1, none and 1.
  @Test func aChainAndOneAlone() {
    let graph = FeatureGraph(
      edges: ([0, 1, 2], [1, 2, 3]),
      features: .dense([1, 1, 1, 1, 1]),
      featureCount: 1,
      labels: [0, 0, 1, -1, 1]
    )
    #expect(graph.edgeCounts() == [1, 2, 2, 1, 0])
    let components = graph.components()
    #expect(components.count == 2 && components.largest == 4)
    // Of two edges between labelled nodes one stays in its class.
    #expect(graph.homophily() == 0.5)
  }
}
