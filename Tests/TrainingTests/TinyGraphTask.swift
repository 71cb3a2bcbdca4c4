import AutodiffOracle
import Kernels
import Tasks

/// Six classes of twenty nodes each, two in each part: the smallest task of nodes.
enum TinyGraphTask {
  static let task: any TaskDistribution = {
    var options = NodeOptions()
    options.train = .listed(["0", "1"])
    options.validation = .listed(["2", "3"])
    options.test = .listed(["4", "5"])
    options.testQuery = 2
    let stored = StoredGraph(
      graph: graph,
      path: "tiny",
      classNames: (0..<6).map { "class \($0)" }
    )
    guard let task = try? NodeTask(stored, name: "tiny", options: options) else {
      preconditionFailure("the tiny graph cannot be parted")
    }
    return task
  }()

  static let featureCount = 4

  /// Rings of the classes' nodes with a few edges between the classes; features about the class's mean.
  private static let graph: FeatureGraph = {
    var draws = RandomDraws(RandomStream(seed: 17))
    var edges: (from: [Int32], to: [Int32]) = ([], [])
    var features: [Float] = []
    for label in 0..<6 {
      let mean = (0..<featureCount).map { _ in draws.normal(1.5) }
      for place in 0..<20 {
        edges.from.append(Int32(20 * label + place))
        edges.to.append(Int32(20 * label + (place + 1) % 20))
        features += mean.map { $0 + draws.normal(0.5) }
      }
      edges.from.append(Int32(20 * label))
      edges.to.append(Int32(20 * ((label + 1) % 6) + 10))
    }
    return FeatureGraph(
      edges: edges,
      features: .dense(features),
      featureCount: featureCount,
      labels: (0..<120).map { Int32($0 / 20) }
    )
  }()
}
