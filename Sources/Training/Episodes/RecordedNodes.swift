import Files
import Kernels
import Tasks

/// The nodes of recorded episodes: `support.nodes` and `query.nodes`, `[steps, episodes, nodes]`.
struct RecordedNodes: Sendable {
  private let graph: FeatureGraph
  private let view: NodeView
  /// Of all episodes, one after the other.
  private let support: [[Int]]
  private let query: [[Int]]
  let steps: Int
  let episodes: Int
  let layout: EpisodeLayout

  /// Whether a file has nodes instead of inputs.
  static func areIn(_ file: TensorFile) -> Bool { file.shape(named: "support.nodes") != nil }

  init(_ file: TensorFile, _ graph: FeatureGraph, way: Int) throws(SafetensorsError) {
    let shape = try Self.shape("support", file)
    let other = try Self.shape("query", file)
    guard shape[..<2] == other[..<2] else {
      throw SafetensorsError(
        path: file.path,
        reason: "query.nodes has \(other[0]) steps of \(other[1]) episodes, but support.nodes "
          + "\(shape[0]) of \(shape[1]); they must agree"
      )
    }
    (steps, episodes) = (shape[0], shape[1])
    support = try Self.nodes("support", shape[2], file, graph)
    query = try Self.nodes("query", other[2], file, graph)
    for (index, (own, others)) in zip(support, query).enumerated() {
      guard let node = own.first(where: others.contains) else { continue }
      throw SafetensorsError(
        path: file.path,
        reason:
          "in step \(index / shape[1] + 1), episode \(index % shape[1] + 1), node \(node) is in "
          + "the support set and in the query set; the sets must have no node in common"
      )
    }
    self.graph = graph
    view = NodeView(graph, GraphReading())
    layout = Self.layout(view, support, query, way: way)
  }

  private init(_ other: Self, _ reading: GraphReading) {
    (graph, support, query) = (other.graph, other.support, other.query)
    (steps, episodes) = (other.steps, other.episodes)
    view = NodeView(graph, reading)
    layout = Self.layout(view, support, query, way: other.layout.targetCount)
  }

  func reading(_ reading: GraphReading) -> Self { Self(self, reading) }

  /// Why no memory holds its episodes where a network reads the graph so, or nil.
  func obstacle(_ reading: GraphReading) -> String? {
    let view = NodeView(graph, reading)
    return [support, query].lazy.compactMap { sets in
      Self.most(view, sets).obstacle(sets[0].count)
    }.first
  }

  private static func most(_ view: NodeView, _ sets: [[Int]]) -> NodeForm.Room {
    sets.map(view.room).reduce(NodeForm.Room()) { NodeForm.Room.max($0, $1) }
  }

  private static func shape(_ set: String, _ file: TensorFile) throws(SafetensorsError) -> [Int] {
    let shape = file.shape(named: "\(set).nodes") ?? []
    guard shape.count == 3, shape.allSatisfy({ $0 > 0 }) else {
      throw SafetensorsError(
        path: file.path,
        reason: "\(set).nodes has shape \(shape); it must be [steps, episodes, nodes], none 0"
      )
    }
    return shape
  }

  private static func nodes(
    _ set: String,
    _ count: Int,
    _ file: TensorFile,
    _ graph: FeatureGraph
  ) throws(SafetensorsError) -> [[Int]] {
    let all = try file.integers(named: "\(set).nodes")
    if let wrong = all.first(where: { !(0..<graph.nodeCount).contains($0) }) {
      throw SafetensorsError(
        path: file.path,
        reason: "\(set).nodes holds node \(wrong), and the graph has \(graph.nodeCount); use 0 to "
          + "\(graph.nodeCount - 1)"
      )
    }
    return stride(from: 0, to: all.count, by: count).map { Array(all[$0..<$0 + count]) }
  }

  /// Shapes that hold the largest of the file's episodes.
  private static func layout(
    _ view: NodeView,
    _ support: [[Int]],
    _ query: [[Int]],
    way: Int
  ) -> EpisodeLayout {
    let rooms = (support: most(view, support), query: most(view, query))
    return view.layout(
      way: way,
      counts: (support[0].count, query[0].count),
      rooms: rooms,
      seen: (rooms.support.seen, rooms.query.seen),
      near: (rooms.support.near, rooms.query.near)
    )
  }

  /// Writes the nodes of an episode, without its targets.
  func load(_ index: Int, into buffer: AlignedBuffer) {
    guard let forms = layout.nodes else { return }
    view.write(support[index], as: forms.support, into: buffer, at: layout.supportInputs)
    view.write(query[index], as: forms.query, into: buffer, at: layout.queryInputs)
  }

  /// The nodes that the rows of an episode's first layer are.
  func seen(_ index: Int) -> [Int] { view.seen(support[index]) }
}

extension RecordedDraws {
  static let maskName = "dropout"
  static let maskNodes = "draws.dropout.nodes"

  /// The same with the rows of dropout's masks in the order of an episode's rows, from those of the
  /// nodes that the file names; what it does not name stays.
  func placed(_ nodes: RecordedNodes, _ file: TensorFile) throws(SafetensorsError) -> Self {
    guard let named = file.shape(named: Self.maskNodes) else { return self }
    let all = try file.integers(named: Self.maskNodes)
    let rows = named.last ?? 0
    guard named.count == 3, rows > 0 else {
      throw SafetensorsError(
        path: file.path,
        reason: "\(Self.maskNodes) has shape \(named); it must be [steps, episodes, rows]"
      )
    }
    return placingRows(of: Self.maskName, rows: rows, count: nodes.layout.supportRows) { index in
      let own = all[index * rows..<(index + 1) * rows].enumerated()
      let places = Dictionary(own.map { ($1, $0) }) { first, _ in first }
      return nodes.seen(index).map { places[$0] }
    }
  }
}
