import Kernels

/// Writes one fused chain: slots for operands, steps in order, stores and sinks.
struct ChainBuilder {
  private let uses: NodeUses
  private let members: Set<Int>
  private let address: (_ root: Int, _ offset: Int) -> Address
  private let isStored: (Int) -> Bool
  private var chain: Chain
  private var slotOf: [Int: Int] = [:]
  private var loadSlots: [Load: Int] = [:]
  private var freeSlots: [Int] = []
  private var lastUse: [Int: Int] = [:]

  private struct Load: Hashable {
    let address: Address
    let cover: Chain.Cover
    let scatter: Chain.Scatter?
  }

  /// An operand as a step sees it.
  private struct Operand {
    var slot: Int
    var isScalar: Bool
  }

  /// `address` says where a stored node's value lies, `isStored` whether something outside the
  /// chain reads a node's value.
  init(
    nodes: [Int],
    uses: NodeUses,
    address: @escaping (Int, Int) -> Address,
    isStored: @escaping (Int) -> Bool
  ) {
    self.uses = uses
    members = Set(nodes)
    self.address = address
    self.isStored = isStored
    let space = uses.space(nodes[0])
    chain = Chain(rows: space.rows, columns: space.columns)
    noteLastUses(nodes)
  }

  mutating func build(_ nodes: [Int]) -> Chain {
    for node in nodes where !isAbsorbed(node) {
      emit(node)
      release(after: node)
    }
    return chain
  }

  // MARK: Products that are added at once: a + b·c in one step

  /// A product that only an addition in this chain reads, or a subtraction when one of its factors
  /// is a single number.
  private func isAbsorbed(_ id: Int) -> Bool {
    guard let reader = onlyReader(of: id), let product = absorbableProduct(id, reader)
    else { return false }
    switch uses.graph.nodes[reader].primitive {
    case .binary(.add):
      let operands = uses.values(of: reader)
      // When both operands are such products, the second one is absorbed.
      return operands[1] == id || absorbableProduct(operands[1], reader) == nil
    case .binary(.subtract): return product.isScaled && uses.values(of: reader)[1] == id
    default: return false
    }
  }

  private func absorbableProduct(_ id: Int, _ reader: Int) -> Product? {
    guard members.contains(id), onlyReader(of: id) == reader, !isStored(id) else { return nil }
    return product(id)
  }

  /// The node of this chain that alone reads a value here.
  private func onlyReader(of id: Int) -> Int? {
    let inside = uses.readers[id].filter { members.contains($0) }
    return inside.count == 1 ? inside[0] : nil
  }

  private struct Product {
    let factors: [Int]
    /// The second factor is one number, repeated.
    let isScaled: Bool
  }

  private func product(_ id: Int) -> Product? {
    guard case .binary(.multiply) = uses.graph.nodes[id].primitive else { return nil }
    let factors = uses.graph.nodes[id].operands
    let scale = uses.root(factors[1]).id
    guard uses.isVirtual(scale), case .broadcast(.scalar) = uses.graph.nodes[scale].primitive
    else { return Product(factors: factors, isScaled: false) }
    return Product(factors: factors, isScaled: true)
  }

  // MARK: Steps

  private mutating func emit(_ id: Int) {
    let node = uses.graph.nodes[id]
    switch node.primitive {
    case .sum(let reduction):
      let source = full(operand(node.operands[0]))
      chain.sinks.append(
        Chain.Sink(address: address(id, 0), slot: source, reduction: reduction)
      )
    case .broadcast(let cover):
      let source = load(node.operands[0], cover)
      append(source.isScalar ? .fill : .copy, id, [source])
    case .unary(let function):
      append(function.operation, id, [operand(node.operands[0])])
    case .binary(let function): emitBinary(function, id, node.operands)
    default: preconditionFailure("\(node.primitive) does not belong in a chain")
    }
  }

  private mutating func emitBinary(_ function: BinaryFunction, _ id: Int, _ operands: [Int]) {
    if function == .add || function == .subtract {
      let roots = operands.map { uses.root($0).id }
      for (root, other) in [(roots[1], operands[0]), (roots[0], operands[1])]
      where members.contains(root) && isAbsorbed(root) {
        guard let product = product(root) else { continue }
        let parts = [operand(other)] + product.factors.map { operand($0) }
        let scaled: ChainOperation = function == .add ? .addScaled : .subtractScaled
        return append(product.isScaled ? scaled : .multiplyAdd, id, parts)
      }
    }
    var (a, b) = (operand(operands[0]), operand(operands[1]))
    if function == .gate, b.isScalar { b = Operand(slot: full(b), isScalar: false) }
    if a.isScalar, b.isScalar { a = Operand(slot: full(a), isScalar: false) }
    if a.isScalar, function == .add || function == .multiply { swap(&a, &b) }
    append(function.operation(isScalarLeft: a.isScalar, isScalarRight: b.isScalar), id, [a, b])
  }

  private mutating func append(_ operation: ChainOperation, _ id: Int, _ operands: [Operand]) {
    var operands = operands
    if operation.needsFullFirst, operands[0].isScalar {
      operands[0] = Operand(slot: full(operands[0]), isScalar: false)
    }
    if operation.needsFullSecond, operands[1].isScalar {
      operands[1] = Operand(slot: full(operands[1]), isScalar: false)
    }
    if operation == .multiplyAdd, operands[2].isScalar {
      operands[2] = Operand(slot: full(operands[2]), isScalar: false)
    }
    let target: Int
    if isStored(id) {
      target = newSlot()
      chain.stores.append(Chain.Store(address: address(id, 0), slot: target))
    } else {
      target = scratchSlot()
    }
    slotOf[id] = target
    let slots = operands.map(\.slot) + [0, 0]
    chain.steps.append(
      Chain.Step(operation, target: target, a: slots[0], b: slots[1], c: slots[2])
    )
  }

  // MARK: Operands

  private mutating func operand(_ id: Int) -> Operand {
    let root = uses.root(id)
    if let slot = slotOf[root.id], members.contains(root.id) {
      return Operand(slot: slot, isScalar: false)
    }
    if uses.isVirtual(root.id) {
      let node = uses.graph.nodes[root.id]
      if case .broadcast(let cover) = node.primitive { return load(node.operands[0], cover) }
      let choices = uses.root(node.operands[1])
      return load(
        node.operands[0],
        .full,
        scatter: Chain.Scatter(
          choices: address(choices.id, choices.offset),
          map: ImageMap(node.shape)
        )
      )
    }
    return load(id, .full)
  }

  private mutating func load(
    _ id: Int,
    _ cover: Chain.Cover,
    scatter: Chain.Scatter? = nil
  ) -> Operand {
    let root = uses.root(id)
    let isOneNumber = chain.rows * chain.columns == 1
    let key = Load(
      address: address(root.id, root.offset),
      cover: isOneNumber ? .full : cover,
      scatter: scatter
    )
    let slot = loadSlots[key] ?? newSlot()
    if loadSlots[key] == nil {
      loadSlots[key] = slot
      chain.loads.append(
        Chain.Load(address: key.address, slot: slot, cover: key.cover, scatter: scatter)
      )
    }
    return Operand(slot: slot, isScalar: key.cover == .scalar)
  }

  /// A slot that holds the operand for the whole tile.
  private mutating func full(_ operand: Operand) -> Int {
    guard operand.isScalar else { return operand.slot }
    let slot = newSlot()
    chain.steps.append(Chain.Step(.fill, target: slot, a: operand.slot))
    return slot
  }

  // MARK: Slots

  private mutating func newSlot() -> Int {
    chain.slotCount += 1
    return chain.slotCount - 1
  }

  private mutating func scratchSlot() -> Int { freeSlots.popLast() ?? newSlot() }

  private mutating func noteLastUses(_ nodes: [Int]) {
    for node in nodes {
      for value in uses.values(of: node) where members.contains(value) {
        // Sinks read after all steps, so what they read is never released.
        lastUse[value] = uses.isSum(node) ? Int.max : max(lastUse[value] ?? 0, node)
      }
    }
    for node in nodes where isAbsorbed(node) {
      guard let reader = onlyReader(of: node) else { continue }
      for value in uses.values(of: node) where members.contains(value) {
        lastUse[value] = max(lastUse[value] ?? 0, reader)
      }
    }
  }

  private mutating func release(after id: Int) {
    for (value, last) in lastUse where last == id {
      if let slot = slotOf[value], !isStored(value) { freeSlots.append(slot) }
      lastUse[value] = nil
    }
    freeSlots.sort(by: >)
  }
}
