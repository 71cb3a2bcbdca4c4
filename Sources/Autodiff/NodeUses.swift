import Kernels

/// Which nodes a plan needs, whose memory holds each value, and who reads it.
struct NodeUses {
  let graph: Graph
  /// Needed by an output.
  private(set) var isLive: [Bool]
  /// Live nodes that read a node's value, aliases looked through.
  private(set) var readers: [[Int]]
  /// The value, or an alias of it, is asked for by the caller.
  private(set) var isOutput: [Bool]
  /// Read under another shape or in part, so it must lie in memory.
  private(set) var isReadThroughAlias: [Bool]
  /// Found once: a setting may have thousands of readers.
  private var isVirtualNode: [Bool] = []

  init(graph: Graph, outputs: [Int]) {
    self.graph = graph
    let count = graph.nodes.count
    isLive = Array(repeating: false, count: count)
    readers = Array(repeating: [], count: count)
    isOutput = Array(repeating: false, count: count)
    isReadThroughAlias = Array(repeating: false, count: count)
    for output in outputs {
      isLive[output] = true
      isOutput[root(output).id] = true
    }
    for id in graph.nodes.indices.reversed() where isLive[id] {
      for operand in graph.nodes[id].operands { isLive[operand] = true }
    }
    for id in graph.nodes.indices where isLive[id] && !isAlias(id) {
      for operand in graph.nodes[id].operands { noteRead(of: operand, by: id) }
    }
    isVirtualNode = graph.nodes.indices.map { canBeVirtual($0) }
  }

  private mutating func noteRead(of operand: Int, by reader: Int) {
    let root = root(operand).id
    readers[root].append(reader)
    if graph.nodes[root].shape != graph.nodes[operand].shape { isReadThroughAlias[root] = true }
  }

  /// Nodes that are another node's memory under another shape.
  func isAlias(_ id: Int) -> Bool {
    switch graph.nodes[id].primitive {
    case .reshape, .slice, .stopGradient: true
    default: false
    }
  }

  /// The node whose memory holds this one's value, and where in it.
  func root(_ id: Int) -> (id: Int, offset: Int) {
    var (id, offset) = (id, 0)
    while isAlias(id) {
      if case .slice(let start) = graph.nodes[id].primitive { offset += start }
      id = graph.nodes[id].operands[0]
    }
    return (id, offset)
  }

  /// The roots of a node's operands.
  func values(of id: Int) -> [Int] { graph.nodes[id].operands.map { root($0).id } }

  func isLeaf(_ id: Int) -> Bool {
    switch graph.nodes[id].primitive {
    case .input, .constant, .table: true
    default: false
    }
  }

  func isSum(_ id: Int) -> Bool {
    if case .sum = graph.nodes[id].primitive { return true }
    return false
  }

  func isBroadcast(_ id: Int) -> Bool {
    if case .broadcast = graph.nodes[id].primitive { return true }
    return false
  }

  func isUnpool(_ id: Int) -> Bool { graph.nodes[id].primitive == .unpool }

  /// Elementwise nodes and sums: what a fused chain may hold.
  func isFusible(_ id: Int) -> Bool {
    switch graph.nodes[id].primitive {
    case .unary, .binary, .broadcast, .sum: true
    default: false
    }
  }

  /// The rows and columns a fusible node iterates over.
  func space(_ id: Int) -> Shape {
    let shape = isSum(id) ? graph.nodes[graph.nodes[id].operands[0]].shape : graph.nodes[id].shape
    return [shape.rows, shape.columns]
  }

  /// A repeated or scattered value that only chains read: they repeat or scatter it themselves, it
  /// has no memory.
  func isVirtual(_ id: Int) -> Bool { isVirtualNode[id] }

  private func canBeVirtual(_ id: Int) -> Bool {
    (isBroadcast(id) || isUnpool(id)) && graph.nodes[id].shape.count > 1 && !isOutput[id]
      && !isReadThroughAlias[id]
      && readers[id].allSatisfy { isFusible($0) && !isBroadcast($0) }
  }
}
