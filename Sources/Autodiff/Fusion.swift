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
  /// All units in an order in which they could be executed; -1 where one was merged away.
  private var sequence: [Int] = []
  private var position: [Int] = []

  /// Bounds that keep a chain's slots below `Chain.maximumSlots`.
  private static let maximumNodes = 20
  private static let maximumLoads = 12
  /// A merge that would need a longer look for cycles is not made: planning stays linear.
  private static let maximumSearch = 400

  init(graph: Graph, outputs: [Int]) {
    uses = NodeUses(graph: graph, outputs: outputs)
    epilogues = ProductEpilogues(uses: uses)
    sourcesOf = graph.nodes.indices.map { [uses] id in
      uses.isLive[id] ? Self.sources(of: id, uses) : []
    }
    unitOf = Array(repeating: -1, count: graph.nodes.count)
  }

  /// Puts every node in a unit, each fusible node with its operands' chains where that is possible.
  mutating func run() {
    for id in uses.graph.nodes.indices
    where isStored(id) && unitOf[id] < 0 && !epilogues.absorbed.contains(id) {
      let epilogue = epilogues.byLast[id]
      let isChain = epilogue == nil && uses.isFusible(id)
      units.append(Unit(nodes: epilogue?.nodes ?? [id] + chosenValues(id), isChain: isChain))
      for node in units[units.count - 1].nodes { unitOf[node] = units.count - 1 }
      position.append(sequence.count)
      sequence.append(units.count - 1)
      if isChain { mergeWithOperands(id) }
    }
  }

  /// The pixels that a pooling choice names of the images it was made on, or what another choice's
  /// pass finds too: one pass finds both.
  private func chosenValues(_ choice: Int) -> [Int] {
    let nodes = uses.graph.nodes
    return uses.readers[choice].filter { reader in
      let operands = nodes[reader].operands.dropLast()
      return finds(nodes[choice].primitive, nodes[reader].primitive)
        && operands.elementsEqual(nodes[choice].operands.prefix(operands.count))
    }
  }

  private func finds(_ choice: Primitive, _ value: Primitive) -> Bool {
    switch (choice, value) {
    case (.poolingChoice, .pool): true
    case (.fused(let choice), .fused(let value)): choice.operation.finds(value.operation)
    default: false
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
      if fits(merged), let earlier = unitsBetween(own, other, merged) {
        merge(own, into: other, merged, behind: earlier)
      }
    }
  }

  private mutating func merge(
    _ unit: Int,
    into other: Int,
    _ nodes: [Int],
    behind earlier: Set<Int>
  ) {
    for node in units[unit].nodes { unitOf[node] = other }
    units[other].nodes = nodes
    units[unit].nodes = []
    let first = min(position[unit], position[other])
    let second = max(position[unit], position[other])
    guard !earlier.isEmpty else {
      sequence[second] = -1
      sequence[first] = other
      position[other] = first
      return
    }
    reorder(first...second) {
      earlier.contains($0) ? 0 : ($0 == other ? 1 : ($0 == unit ? nil : 2))
    }
  }

  /// Sorts a part of the sequence by rank, keeping the order among equals; nil ranks leave it.
  private mutating func reorder(_ range: ClosedRange<Int>, rank: (Int) -> Int?) {
    var byRank: [[Int]] = [[], [], []]
    for place in range {
      let unit = sequence[place]
      if unit >= 0, let rank = rank(unit) { byRank[rank].append(unit) }
    }
    let ordered = byRank.joined()
    for (place, unit) in zip(range, ordered) {
      sequence[place] = unit
      position[unit] = place
    }
    for place in range.dropFirst(ordered.count) { sequence[place] = -1 }
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

  /// The units that must be executed before both are, at once: those that the later one needs and
  /// that stand behind the earlier one.
  ///
  /// Nil when one of them needs the earlier one, for then a path leaves the pair and comes back.
  private func unitsBetween(_ a: Int, _ b: Int, _ merged: [Int]) -> Set<Int>? {
    let members = Set(merged)
    for node in merged {
      // A sum's result, or a repeated member, is complete only after the chain.
      for source in sourcesOf[node] where source.isIndirect && members.contains(source.id) {
        return nil
      }
    }
    let (first, second) = position[a] < position[b] ? (a, b) : (b, a)
    var found: Set<Int> = []
    var pending = [second]
    while let unit = pending.popLast() {
      for node in units[unit].nodes {
        for source in sourcesOf[node] {
          let needed = unitOf[source.id]
          if needed == first, unit != second { return nil }
          guard needed >= 0, needed != second, position[needed] > position[first] else { continue }
          if found.insert(needed).inserted { pending.append(needed) }
        }
      }
      if found.count > Self.maximumSearch { return nil }
    }
    return found
  }

  /// A stored node that another reads; `isIndirect` when not element by element.
  private struct Source {
    let id: Int
    let isIndirect: Bool
  }

  private static func sources(of id: Int, _ uses: NodeUses) -> [Source] {
    uses.graph.nodes[id].operands.flatMap { operand in
      let root = uses.root(operand).id
      if uses.isVirtual(root) {
        return uses.values(of: root).map { Source(id: $0, isIndirect: true) }
      }
      let isIndirect =
        uses.isSum(root) || uses.graph.nodes[root].shape != uses.graph.nodes[operand].shape
      return [Source(id: root, isIndirect: isIndirect || uses.isBroadcast(id))]
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
    // The oldest last, so that it is taken first.
    var ready = units.indices.filter { waiting[$0] == 0 && !units[$0].nodes.isEmpty }
      .sorted { lastNode($0) > lastNode($1) }
    var ordered: [Unit] = []
    while let next = ready.popLast() {
      ordered.append(units[next])
      for reader in readers[next] {
        waiting[reader] -= 1
        if waiting[reader] == 0 { insert(reader, into: &ready) }
      }
    }
    precondition(
      ordered.count == units.count { !$0.nodes.isEmpty },
      "fusion has closed a cycle of units"
    )
    return ordered
  }

  private func lastNode(_ unit: Int) -> Int { units[unit].nodes.last ?? 0 }

  private func insert(_ unit: Int, into ready: inout [Int]) {
    var (low, high) = (0, ready.count)
    while low < high {
      let middle = (low + high) / 2
      if lastNode(ready[middle]) > lastNode(unit) { low = middle + 1 } else { high = middle }
    }
    ready.insert(unit, at: low)
  }
}
