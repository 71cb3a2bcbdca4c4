import Glibc
import Kernels

/// What a node sees in two steps as a small picture.
///
/// It is in the middle, its neighbours around it, and theirs behind them. Bright marks are of its own
/// class, dim ones of others or of none.
struct NodePicture {
  static let side = 32
  static var shape: ImageShape { ImageShape(height: side, width: side, channels: 1) }
  /// Neighbours that are drawn, and of each of them.
  private static let inner = 12
  private static let outer = 3
  private static let radii = (inner: 8.0, outer: 14.0)
  private static let (own, other, none, edge): (UInt8, UInt8, UInt8, UInt8) = (255, 150, 110, 70)

  /// Rows first.
  private(set) var pixels = [UInt8](repeating: 0, count: side * side)
  private let graph: FeatureGraph
  private let node: Int

  init(_ graph: FeatureGraph, _ node: Int) {
    (self.graph, self.node) = (graph, node)
    let middle = place(0, 0)
    let near = graph.neighbours[graph.range(node)].prefix(Self.inner).map { Int($0) }
    var marks = [(middle, node)]
    for (index, neighbour) in near.enumerated() {
      let angle = 2 * Double.pi * Double(index) / Double(near.count)
      let spot = place(Self.radii.inner, angle)
      line(middle, spot)
      marks.append((spot, neighbour))
      let far = graph.neighbours[graph.range(neighbour)]
        .lazy.map { Int($0) }.filter { $0 != node && !near.contains($0) }.prefix(Self.outer)
      for (turn, beyond) in far.enumerated() {
        let share = Double(turn) - Double(far.count - 1) / 2
        let width = Double.pi / Double(max(near.count, 3)) * 0.7
        let end = place(Self.radii.outer, angle + share * width)
        line(spot, end)
        marks.append((end, beyond))
      }
    }
    for (spot, seen) in marks { mark(spot, seen) }
  }

  private func place(_ radius: Double, _ angle: Double) -> (x: Int, y: Int) {
    let middle = Double(Self.side - 1) / 2
    return (
      Int((middle + radius * cos(angle)).rounded()), Int((middle + radius * sin(angle)).rounded())
    )
  }

  private mutating func set(_ x: Int, _ y: Int, _ value: UInt8) {
    guard (0..<Self.side).contains(x), (0..<Self.side).contains(y) else { return }
    pixels[y * Self.side + x] = max(pixels[y * Self.side + x], value)
  }

  private mutating func line(_ from: (x: Int, y: Int), _ to: (x: Int, y: Int)) {
    let steps = max(abs(to.x - from.x), abs(to.y - from.y), 1)
    for step in 0...steps {
      let share = Double(step) / Double(steps)
      let x = Double(from.x) + share * Double(to.x - from.x)
      let y = Double(from.y) + share * Double(to.y - from.y)
      set(Int(x.rounded()), Int(y.rounded()), Self.edge)
    }
  }

  private mutating func mark(_ spot: (x: Int, y: Int), _ seen: Int) {
    let label = graph.labels[seen]
    let value = label < 0 ? Self.none : label == graph.labels[node] ? Self.own : Self.other
    let size = seen == node ? 2 : 1
    for y in 0...size { for x in 0...size { set(spot.x + x - 1, spot.y + y - 1, value) } }
  }
}

extension NodeEpisode {
  /// Classes by name, nodes by number, and what each node sees.
  func shown(_ graph: FeatureGraph, _ className: (Int) -> String) -> EpisodeImages {
    func named(_ nodes: [Int]) -> [EpisodeImages.Image] {
      nodes.enumerated().map { position, node in
        EpisodeImages.Image(
          label: position * classes.count / max(nodes.count, 1),
          name: "node \(node)"
        )
      }
    }
    return EpisodeImages(
      classNames: classes.map(className),
      support: named(support),
      query: named(query),
      drawn: EpisodeImages.Drawn(
        shape: NodePicture.shape,
        support: support.map { NodePicture(graph, $0).pixels },
        query: query.map { NodePicture(graph, $0).pixels }
      )
    )
  }
}
