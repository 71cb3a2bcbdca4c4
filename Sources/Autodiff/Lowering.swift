import Kernels

/// Turns ordered units into instructions and gives every stored value its memory.
struct Lowering {
  let graph: Graph
  /// The least exact algorithm a convolution may take.
  let convolutions: ConvolutionAlgorithm
  private let units: [Fusion.Unit]
  private let uses: NodeUses
  private let recomputation: Recomputation
  let epilogues: ProductEpilogues
  /// By the node at the end of a chain of values that overwrite each other.
  private var addresses: [Int: Address] = [:]
  private var constants: [Float] = []
  private var constantOffsets: [UInt32: Int] = [:]
  private var resultCount = 0
  /// Results that are inputs, aliases or asked for twice: copied at the end.
  private var copies: [(source: Int, target: Address)] = []
  private var memory = ArenaPlanner()

  init(
    graph: Graph,
    recomputation: Recomputation,
    epilogues: ProductEpilogues,
    convolutions: ConvolutionAlgorithm
  ) {
    self.convolutions = convolutions
    self.graph = graph
    self.recomputation = recomputation
    units = recomputation.units
    uses = recomputation.uses
    self.epilogues = epilogues
    for id in graph.nodes.indices where uses.isLive[id] { placeLeaf(id) }
  }

  private mutating func placeLeaf(_ id: Int) {
    switch graph.nodes[id].primitive {
    case .input(let address): addresses[id] = address
    case .constant(let value):
      let bits = Float(value).bitPattern
      let offset = constantOffsets[bits] ?? constants.count
      if offset == constants.count {
        constants.append(Float(value))
        constantOffsets[bits] = offset
      }
      addresses[id] = Address(.constants, offset)
    case .table(let numbers):
      // Whole cache lines, as every other tensor has.
      func fillLine() {
        let missing = paddedCount(constants.count) - constants.count
        constants += [Float](repeating: 0, count: missing)
      }
      fillLine()
      addresses[id] = Address(.constants, constants.count)
      constants += numbers.map { Float($0) }
      fillLine()
    default: break
    }
  }

  /// Puts outputs in the results space; returns their offsets there.
  mutating func place(_ outputs: [Plan.Output]) -> [Int] {
    for output in outputs {
      guard let offset = output.offset else { continue }
      resultCount = max(resultCount, paddedCount(offset + output.tensor.shape.count))
    }
    return outputs.map { output in
      let offset = output.offset ?? resultCount
      if output.offset == nil { resultCount += paddedCount(output.tensor.shape.count) }
      let target = Address(.results, offset)
      let id = output.tensor.id
      let canLiveThere = !uses.isAlias(id) && !uses.isLeaf(id) && addresses[id] == nil
      if canLiveThere { addresses[id] = target } else { copies.append((id, target)) }
      return offset
    }
  }

  mutating func program() -> KernelProgram {
    assignArena()
    var instructions: [Instruction] = []
    var chains: [Chain] = []
    for (index, unit) in units.enumerated() {
      if unit.isChain {
        guard let chain = chain(index) else { continue }
        instructions.append(.chain(chains.count))
        chains.append(chain)
      } else {
        instructions.append(instruction(unit))
      }
    }
    for copy in copies {
      instructions.append(.chain(chains.count))
      chains.append(copyChain(copy.source, copy.target))
    }
    return KernelProgram(
      instructions: instructions,
      chains: chains,
      constants: constants,
      arenaCount: memory.peak,
      resultCount: resultCount
    )
  }

  // MARK: Memory

  /// The node whose memory a value lies in: its own, or that of the sum that overwrites it.
  private func storage(_ id: Int) -> Int {
    var id = id
    while let next = epilogues.successor[id] { id = next }
    return id
  }

  /// Values live from the unit that writes them to the last that reads them.
  private mutating func assignArena() {
    var expiring = [[Int]](repeating: [], count: units.count)
    for (index, unit) in units.enumerated() {
      for node in unit.nodes where isStored(node, in: index) {
        let owner = storage(node)
        guard addresses[owner] == nil else { continue }
        let offset = memory.allocate(storedCount(owner))
        addresses[owner] = Address(.arena, offset)
        let last =
          uses.isOutput[owner]
          ? units.count - 1 : recomputation.memoryReaders(of: owner).max() ?? index
        expiring[last].append(owner)
      }
      for node in expiring[index] {
        if let address = addresses[node] { memory.release(Int(address.bits & 0x0fff_ffff)) }
      }
    }
  }

  private func isStored(_ id: Int, in unit: Int) -> Bool {
    // A choice and its values are one unit that stores both.
    if isChoice(id) { return true }
    if !units[unit].isChain { return id == units[unit].nodes.last }
    return uses.isOutput[id] || uses.isSum(id)
      || recomputation.memoryReaders(of: id).contains { $0 != unit }
  }

  private func isChoice(_ id: Int) -> Bool {
    switch graph.nodes[id].primitive {
    case .poolingChoice, .cornerChoice: true
    case .fused(let fused): fused.operation.isChoice
    default: false
    }
  }

  /// Floats that hold a node's value: choices are bytes.
  func storedCount(_ id: Int) -> Int {
    let count = graph.nodes[id].shape.count
    return isChoice(id) ? (count + 3) / 4 : count
  }

  func address(_ id: Int, _ offset: Int = 0) -> Address {
    guard let address = addresses[storage(id)] else {
      preconditionFailure("node \(id) (\(graph.nodes[id].primitive)) has no memory")
    }
    return address.advanced(by: offset)
  }

  // MARK: Instructions

  /// Nil when all that the unit computes is computed again elsewhere.
  private func chain(_ unit: Int) -> Chain? {
    let stored = Set(units[unit].nodes.filter { isStored($0, in: unit) })
    var needed = stored
    let nodes = recomputation.nodes(of: unit)
    for node in nodes.reversed() where needed.contains(node) {
      needed.formUnion(uses.values(of: node))
    }
    let members = nodes.filter { needed.contains($0) }
    guard !members.isEmpty else { return nil }
    var builder = ChainBuilder(
      nodes: members,
      uses: uses,
      address: { address($0, $1) },
      isStored: { stored.contains($0) && !uses.isSum($0) }
    )
    return builder.build(members)
  }

  private func instruction(_ unit: Fusion.Unit) -> Instruction {
    let id = unit.nodes[0]
    let node = graph.nodes[id]
    let operands = node.operands.map { valueAddress($0) }
    switch node.primitive {
    case .matmul(let isLeftTransposed):
      return product(unit, operands, isLeftTransposed: isLeftTransposed)
    case .transpose:
      let source = graph.nodes[node.operands[0]].shape
      return .transpose(
        source: operands[0],
        target: address(id),
        rows: Int32(source.rows),
        columns: Int32(source.columns)
      )
    case .exchange(let exchange):
      return .exchange(source: operands[0], target: address(id), exchange)
    case .pad(let start):
      let count = graph.nodes[node.operands[0]].shape.count
      return .pad(
        source: operands[0],
        target: address(id),
        start: Int32(start),
        count: Int32(count),
        total: Int32(node.shape.count)
      )
    case .convolution: return convolution(.convolution, unit, operands)
    case .convolutionInputGradient: return convolution(.imageGradient, unit, operands)
    case .convolutionWeightGradient: return convolution(.weightGradient, unit, operands)
    case .poolingChoice: return choosing(unit, operands)
    case .cornerChoice: return corners(id)
    case .pool: return gathering(id, operands)
    case .unpool: return scattering(id, operands)
    case .spatialSum:
      return spatialSum(id, operands, isTransposed: false, of: node.operands[0])
    case .spatialBroadcast: return spatialSum(id, operands, isTransposed: true, of: id)
    case .sparseProduct(let form, let isTransposed):
      return .sparse(product(form, isTransposed, unit, operands))
    case .fused(let fused): return fused.operation.kernel(memory(unit, operands))
    case .moments:
      let source = graph.nodes[node.operands[0]].shape
      return .moments(
        source: operands[0],
        target: address(id),
        rows: Int32(source.rows),
        columns: Int32(source.columns)
      )
    case .rowMaximum:
      let source = graph.nodes[node.operands[0]].shape
      return .rowMaximum(
        source: operands[0],
        target: address(id),
        rows: Int32(source.rows),
        columns: Int32(source.columns)
      )
    case .input, .constant, .table, .unary, .binary, .broadcast, .sum, .reshape, .slice,
      .stopGradient:
      preconditionFailure("\(node.primitive) is not an instruction of its own")
    }
  }

  private func product(
    _ form: SparseForm,
    _ isTransposed: Bool,
    _ unit: Fusion.Unit,
    _ operands: [Address]
  ) -> SparseProduct {
    let last = unit.nodes[unit.nodes.count - 1]
    return SparseProduct(
      form,
      isTransposed: isTransposed,
      matrix: operands[0],
      other: operands[1],
      target: address(last),
      width: graph.nodes[last].shape.columns,
      accumulates: epilogues.byLast[last]?.addend != nil
    )
  }

  private func product(
    _ unit: Fusion.Unit,
    _ operands: [Address],
    isLeftTransposed: Bool
  ) -> Instruction {
    let node = graph.nodes[unit.nodes[0]]
    let left = graph.nodes[node.operands[0]].shape
    let last = unit.nodes[unit.nodes.count - 1]
    let epilogue = epilogues.byLast[last]
    return .matmul(
      MatrixProduct(
        a: operands[0],
        b: operands[1],
        c: address(last),
        m: node.shape.rows,
        n: node.shape.columns,
        k: isLeftTransposed ? left.rows : left.columns,
        isLeftTransposed: isLeftTransposed,
        accumulates: epilogue?.addend != nil,
        bias: epilogue?.bias.map { valueAddress($0) },
        isRectified: epilogue?.isRectified ?? false
      )
    )
  }

  /// Where a method's own kernel finds its operands and leaves its result.
  private func memory(_ unit: Fusion.Unit, _ operands: [Address]) -> FusedMemory {
    let node = graph.nodes[unit.nodes[0]]
    return FusedMemory(
      operands: operands,
      target: address(unit.nodes[0]),
      companion: unit.nodes.dropFirst().first.map { address($0) },
      shapes: node.operands.map { graph.nodes[$0].shape },
      shape: node.shape
    )
  }

  /// Where a value lies, aliases looked through.
  private func valueAddress(_ id: Int) -> Address {
    let root = uses.root(id)
    return address(root.id, root.offset)
  }

  private func copyChain(_ id: Int, _ target: Address) -> Chain {
    let root = uses.root(id)
    var chain = Chain(rows: 1, columns: graph.nodes[id].shape.count)
    chain.loads = [Chain.Load(address: address(root.id, root.offset), slot: 0, cover: .full)]
    chain.stores = [Chain.Store(address: target, slot: 1)]
    chain.steps = [Chain.Step(.copy, target: 1, a: 0)]
    chain.slotCount = 2
    return chain
  }
}
