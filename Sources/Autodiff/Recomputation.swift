import Kernels

/// Large values that a later chain computes again from what it can read anyway, instead of having
/// them kept in memory for it.
///
/// A derivative reads many values of the forward pass. What is a step or two from others that stay in
/// memory costs less to repeat than to write, keep and read: memory is slower than arithmetic, and
/// the arena of a deep network is mostly such values (Chen et al. 2016, Training deep nets with
/// sublinear memory cost, 3).
package struct Recomputation {
  let uses: NodeUses
  let units: [Fusion.Unit]
  private let smallest: Int
  private let unitOf: [Int: Int]
  /// By node: the chains that compute it again.
  private var again: [Int: Set<Int>] = [:]

  /// Floats from which on a value no longer stays in the caches near the core.
  package static let usualSize = 1 << 15
  /// Bounds that keep a chain's slots below `Chain.maximumSlots`.
  private static let maximumNodes = 24
  private static let maximumLoads = 12
  /// Nodes that one value is worth.
  private static let maximumSteps = 6

  init(_ units: [Fusion.Unit], uses: NodeUses, smallest: Int) {
    self.smallest = smallest
    self.units = units
    self.uses = uses
    var unitOf: [Int: Int] = [:]
    for (index, unit) in units.enumerated() {
      for node in unit.nodes { unitOf[node] = index }
    }
    self.unitOf = unitOf
    // The last first: whether a value is kept for those behind a chain is then known.
    for index in units.indices.reversed() where units[index].isChain { repeatValues(in: index) }
  }

  /// The nodes that a unit executes, in order: its own and those it repeats.
  func nodes(of unit: Int) -> [Int] { nodesOf[unit] ?? units[unit].nodes }

  private var nodesOf: [Int: [Int]] = [:]

  /// The units that read a node's value from memory.
  func memoryReaders(of id: Int) -> [Int] {
    uses.readers[id].flatMap { reader in
      if uses.isVirtual(reader) { return memoryReaders(of: reader) }
      return executions(of: reader).filter { !executes($0, id) || uses.isBroadcast(reader) }
    }
  }

  private func executions(of id: Int) -> [Int] {
    (unitOf[id].map { [$0] } ?? []) + (again[id] ?? [])
  }

  private func executes(_ unit: Int, _ id: Int) -> Bool {
    unitOf[id] == unit || again[id]?.contains(unit) == true
  }

  private mutating func repeatValues(in unit: Int) {
    var members = Set(units[unit].nodes)
    guard space(of: unit).count >= smallest else { return }
    var candidates = members.flatMap { uses.values(of: $0) }
    while let candidate = candidates.max() {
      candidates.removeAll { $0 == candidate }
      // Kept for others behind this chain, it might as well be read.
      guard !members.contains(candidate), !uses.isLeaf(candidate),
        memoryReaders(of: candidate).allSatisfy({ $0 <= unit }),
        let nodes = steps(to: candidate, in: unit, members), fits(members.union(nodes))
      else { continue }
      for node in nodes { again[node, default: []].insert(unit) }
      members.formUnion(nodes)
      candidates += nodes.flatMap { uses.values(of: $0) }
    }
    nodesOf[unit] = members.sorted()
  }

  private func space(of unit: Int) -> Shape { uses.space(units[unit].nodes[0]) }

  /// The nodes that give a value from what the chain can read without anything being kept longer
  /// for that; nil when there are none, or too many.
  private func steps(to id: Int, in unit: Int, _ members: Set<Int>) -> Set<Int>? {
    var found: Set<Int> = []
    var pending = [id]
    while let next = pending.popLast() {
      guard canRepeat(next, in: unit), found.count < Self.maximumSteps else { return nil }
      found.insert(next)
      for operand in uses.graph.nodes[next].operands {
        let root = uses.root(operand).id
        if members.contains(root) || found.contains(root) { continue }
        if !isAtHand(operand, in: unit, of: next) { pending.append(root) }
      }
    }
    return found
  }

  private func canRepeat(_ id: Int, in unit: Int) -> Bool {
    guard isElementwise(id), let owner = unitOf[id], units[owner].isChain else { return false }
    return !uses.isOutput[id] && !uses.isReadThroughAlias[id] && uses.space(id) == space(of: unit)
  }

  private func isElementwise(_ id: Int) -> Bool {
    switch uses.graph.nodes[id].primitive {
    case .unary, .binary: true
    default: false
    }
  }

  /// Whether the chain can read an operand without its being kept longer for that.
  private func isAtHand(_ operand: Int, in unit: Int, of id: Int) -> Bool {
    let root = uses.root(operand).id
    if uses.isVirtual(root) {
      // What is repeated is small.
      return uses.isBroadcast(root)
        && uses.graph.nodes[uses.values(of: root)[0]].shape.count < smallest
    }
    guard uses.graph.nodes[root].shape == uses.graph.nodes[id].shape else { return false }
    return uses.isLeaf(root) || uses.isOutput[root]
      || memoryReaders(of: root).contains { $0 >= unit }
  }

  private func fits(_ members: Set<Int>) -> Bool {
    guard members.count <= Self.maximumNodes else { return false }
    let external = Set(members.flatMap { uses.graph.nodes[$0].operands })
      .filter { !members.contains(uses.root($0).id) }
    return external.count <= Self.maximumLoads
  }
}
