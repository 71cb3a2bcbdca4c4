import Kernels

/// A sketch of what a node sees as a small picture: bright marks are of its own class, dim ones of others or of
/// none.
struct NodePicture {
  static let side = 32
  static var shape: ImageShape { ImageShape(height: side, width: side, channels: 1) }
  private static let (own, other, none, edge): (UInt8, UInt8, UInt8, UInt8) = (255, 150, 110, 70)

  /// Rows first.
  private(set) var pixels = [UInt8](repeating: 0, count: side * side)

  init(_ sketch: NodeSketch) {
    let spots = sketch.points.map { point -> (x: Int, y: Int) in
      let middle = Double(Self.side - 1) / 2
      return (Int((middle + point.x).rounded()), Int((middle + point.y).rounded()))
    }
    for (from, to) in sketch.links { line(spots[from], spots[to]) }
    for (spot, point) in zip(spots, sketch.points) { mark(spot, point.kind) }
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

  private mutating func mark(_ spot: (x: Int, y: Int), _ kind: NodeSketch.Kind) {
    let value =
      switch kind {
      case .middle, .ownClass: Self.own
      case .otherClass: Self.other
      case .unlabelled: Self.none
      }
    let size = kind == .middle ? 2 : 1
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
    let sketches = [support, query].map { nodes in nodes.map { NodeSketch(graph, $0) } }
    return EpisodeImages(
      classNames: classes.map(className),
      support: named(support),
      query: named(query),
      drawn: EpisodeImages.Drawn(
        shape: NodePicture.shape,
        support: sketches[0].map { NodePicture($0).pixels },
        query: sketches[1].map { NodePicture($0).pixels },
        sketches: (sketches[0], sketches[1])
      )
    )
  }
}
