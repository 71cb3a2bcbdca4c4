import Kernels

/// Groups fusible nodes into chains, and orders chains and other nodes for execution.
struct Fusion {
  /// What is executed at once: a chain of several nodes, or one node.
  struct Unit: Equatable {
    var nodes: [Int]
    var isChain: Bool
  }

  let uses: NodeUses
  let epilogues: ProductEpilogues
  /// The unit a live, stored node belongs to; -1 for leaves, aliases and virtual broadcasts.
  private var unitOf: [Int]
  private var units: [Unit] = []
  /// By node; asked for so often that they are found once.
  private let sourcesOf: [[Source]]
  private var stamp: [Int]
  private var currentStamp = 0

  /// Bounds that keep a chain's slots below `Chain.maximumSlots`.
  private static let maximumNodes = 20
  private static let maximumLoads = 12

  init(graph: Graph, outputs: [Int]) {
    uses = NodeUses(graph: graph, outputs: outputs)
    epilogues = ProductEpilogues(uses: uses)
    sourcesOf = graph.nodes.indices.map { [uses] id in
      uses.isLive[id] ? Self.sources(of: id, uses) : []
    }
    unitOf = Array(repeating: -1, count: graph.nodes.count)
    stamp = Array(repeating: 0, count: graph.nodes.count)
  }

  /// Puts every node in a unit, each fusible node with its operands' chains where that is possible.
  mutating func run() {
    for id in uses.graph.nodes.indices where isStored(id) && !epilogues.absorbed.contains(id) {
      let epilogue = epilogues.byLast[id]
      let isChain = epilogue == nil && uses.isFusible(id)
      units.append(Unit(nodes: epilogue?.nodes ?? [id], isChain: isChain))
      for node in units[units.count - 1].nodes { unitOf[node] = units.count - 1 }
      if isChain { mergeWithOperands(id) }
    }
  }

  private func isStored(_ id: Int) -> Bool {
    uses.isLive[id] && !uses.isLeaf(id) && !uses.isAlias(id) && !uses.isVirtual(id)
  }

  private mutating func mergeWithOperands(_ id: Int) {
    guard !uses.isBroadcast(id) else { return }
    for operand in uses.graph.nodes[id].operands.reversed() {
      let root = uses.root(operand).id
      let own = unitOf[id]
      let other = unitOf[root]
      guard other >= 0, other != own, units[other].isChain, !uses.isSum(root) else { continue }
      guard uses.space(root) == uses.space(id), !uses.isReadThroughAlias[root] else { continue }
      let merged = (units[other].nodes + units[own].nodes).sorted()
      if fits(merged), !hasCycle(merged) { merge(own, into: other, merged) }
    }
  }

  private mutating func merge(_ unit: Int, into other: Int, _ nodes: [Int]) {
    for node in units[unit].nodes { unitOf[node] = other }
    units[other].nodes = nodes
    units[unit].nodes = []
  }

  private func fits(_ nodes: [Int]) -> Bool {
    guard nodes.count <= Self.maximumNodes else { return false }
    let members = Set(nodes)
    var external: Set<Int> = []
    for node in nodes {
      for operand in uses.graph.nodes[node].operands where !members.contains(operand) {
        external.insert(operand)
      }
    }
    return external.count <= Self.maximumLoads
  }

  /// Whether a path leaves `nodes` and comes back: then they cannot be executed at once.
  private mutating func hasCycle(_ nodes: [Int]) -> Bool {
    currentStamp += 1
    let members = Set(nodes)
    var pending: [Int] = []
    for node in nodes {
      for source in sourcesOf[node] {
        // A sum's result, or a repeated member, is complete only after the chain.
        if members.contains(source.id), source.isIndirect { return true }
        if !members.contains(source.id) { pending.append(source.id) }
      }
    }
    while let node = pending.popLast() {
      if members.contains(node) { return true }
      guard unitOf[node] >= 0, stamp[node] != currentStamp else { continue }
      for mate in units[unitOf[node]].nodes {
        if members.contains(mate) { return true }
        stamp[mate] = currentStamp
        for source in sourcesOf[mate] { pending.append(source.id) }
      }
    }
    return false
  }

  /// A stored node that another reads; `isIndirect` when not element by element.
  private struct Source {
    let id: Int
    let isIndirect: Bool
  }

  private static func sources(of id: Int, _ uses: NodeUses) -> [Source] {
    uses.graph.nodes[id].operands.map { operand in
      let root = uses.root(operand).id
      if uses.isVirtual(root) {
        return Source(id: uses.root(uses.graph.nodes[root].operands[0]).id, isIndirect: true)
      }
      let isIndirect =
        uses.isSum(root) || uses.graph.nodes[root].shape != uses.graph.nodes[operand].shape
      return Source(id: root, isIndirect: isIndirect || uses.isBroadcast(id))
    }
  }

  /// All units, each after those it reads; older nodes first where there is a choice.
  func orderedUnits() -> [Unit] {
    var waiting = [Int](repeating: 0, count: units.count)
    var readers = [[Int]](repeating: [], count: units.count)
    for (index, unit) in units.enumerated() {
      let needed = Set(unit.nodes.flatMap { sourcesOf[$0].map { unitOf[$0.id] } })
      for other in needed where other >= 0 && other != index {
        waiting[index] += 1
        readers[other].append(index)
      }
    }
    var ready = units.indices.filter { waiting[$0] == 0 && !units[$0].nodes.isEmpty }
    var ordered: [Unit] = []
    while !ready.isEmpty {
      ready.sort { (units[$0].nodes.last ?? 0) > (units[$1].nodes.last ?? 0) }
      let next = ready.removeLast()
      ordered.append(units[next])
      for reader in readers[next] {
        waiting[reader] -= 1
        if waiting[reader] == 0 { ready.append(reader) }
      }
    }
    precondition(
      ordered.count == units.count { !$0.nodes.isEmpty },
      "fusion has closed a cycle of units"
    )
    return ordered
  }
}
