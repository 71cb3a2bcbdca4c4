import Glibc

/// What a node sees in two steps, laid out in the plane: itself in the middle, its neighbours around it, and theirs
/// behind them.
package struct NodeSketch: Sendable, Equatable {
  /// What a node is to the one in the middle.
  package enum Kind: Int, Sendable {
    case middle
    case ownClass
    case otherClass
    case unlabelled
  }

  package struct Point: Sendable, Equatable {
    /// From the middle, at most `reach` in any direction.
    package let x: Double
    package let y: Double
    package let kind: Kind
  }

  /// Neighbours that are drawn, and of each of them.
  private static let inner = 12
  private static let outer = 3
  private static let radii = (inner: 8.0, outer: 14.0)
  private static let reach = 15.5

  /// The middle first.
  package private(set) var points: [Point] = []
  /// Pairs of points, by their places.
  package private(set) var links: [(Int, Int)] = []

  init(_ graph: FeatureGraph, _ node: Int) {
    add(graph, node, as: node, at: 0, 0)
    let near = graph.neighbours[graph.range(node)].prefix(Self.inner).map { Int($0) }
    for (index, neighbour) in near.enumerated() {
      let angle = 2 * Double.pi * Double(index) / Double(near.count)
      let place = add(graph, neighbour, as: node, at: Self.radii.inner, angle)
      links.append((0, place))
      let far = graph.neighbours[graph.range(neighbour)]
        .lazy.map { Int($0) }.filter { $0 != node && !near.contains($0) }.prefix(Self.outer)
      for (turn, beyond) in far.enumerated() {
        let share = Double(turn) - Double(far.count - 1) / 2
        let width = Double.pi / Double(max(near.count, 3)) * 0.7
        let end = add(graph, beyond, as: node, at: Self.radii.outer, angle + share * width)
        links.append((place, end))
      }
    }
  }

  /// The points in a square of side 1, and the numbers of their kinds.
  package var marks: [(x: Double, y: Double, mark: Int)] {
    func share(_ place: Double) -> Double { 0.5 + place / Self.reach / 2 }
    return points.map { (share($0.x), share($0.y), $0.kind.rawValue) }
  }

  /// Its place among the points.
  @discardableResult
  private mutating func add(
    _ graph: FeatureGraph,
    _ node: Int,
    as middle: Int,
    at radius: Double,
    _ angle: Double
  ) -> Int {
    let label = graph.labels[node]
    let kind: Kind =
      node == middle
      ? .middle
      : label < 0 ? .unlabelled : label == graph.labels[middle] ? .ownClass : .otherClass
    points.append(Point(x: radius * cos(angle), y: radius * sin(angle), kind: kind))
    return points.count - 1
  }

  package static func == (first: Self, second: Self) -> Bool {
    first.points == second.points
      && first.links.elementsEqual(second.links) { $0.0 == $1.0 && $0.1 == $1.1 }
  }
}
