import Kernels

/// What follows a matrix product and can be done while its result is in registers.
///
/// That is adding a repeated row, adding another value, rectifying. A convolution, a gradient of
/// one, or a sparse matrix's transposed product can be added to another value.
struct ProductEpilogues {
  /// A product with its epilogue: the value of `nodes.last` is what is stored.
  struct Epilogue {
    /// The product first, then the nodes that follow it.
    var nodes: [Int]
    /// The node whose value is the row added to every row.
    var bias: Int?
    /// The node whose memory the product adds itself to.
    var addend: Int?
    var isRectified = false
  }

  /// By the last node of each epilogue.
  private(set) var byLast: [Int: Epilogue] = [:]
  /// Nodes that some epilogue holds before its last.
  private(set) var absorbed: Set<Int> = []
  /// A value → the sum that overwrites it: both share their memory.
  private(set) var successor: [Int: Int] = [:]
  private let uses: NodeUses

  init(uses: NodeUses) {
    self.uses = uses
    var taken: Set<Int> = []
    for id in uses.graph.nodes.indices where uses.isLive[id] && isProduct(id) {
      guard let epilogue = epilogue(of: id, taken) else { continue }
      byLast[epilogue.nodes[epilogue.nodes.count - 1]] = epilogue
      absorbed.formUnion(epilogue.nodes.dropLast())
      taken.formUnion(epilogue.nodes)
      if let addend = epilogue.addend { successor[addend] = epilogue.nodes[1] }
    }
  }

  private func isProduct(_ id: Int) -> Bool {
    switch uses.graph.nodes[id].primitive {
    case .matmul, .convolution, .convolutionInputGradient, .convolutionWeightGradient: true
    case .sparseProduct(_, let isTransposed): isTransposed
    default: false
    }
  }

  private func isMatrixProduct(_ id: Int) -> Bool {
    if case .matmul = uses.graph.nodes[id].primitive { return true }
    return false
  }

  private func epilogue(of product: Int, _ taken: Set<Int>) -> Epilogue? {
    guard let sum = onlyReader(of: product), !taken.contains(sum),
      case .binary(.add) = uses.graph.nodes[sum].primitive
    else { return nil }
    let values = uses.values(of: sum)
    let other = values[0] == product ? values[1] : values[0]
    guard other != product else { return nil }
    var epilogue = Epilogue(nodes: [product, sum])
    if isMatrixProduct(product), let row = repeatedRow(other) {
      epilogue.bias = row
      if let rectifier = rectifier(of: sum) {
        epilogue.nodes.append(rectifier)
        epilogue.isRectified = true
      }
    } else if canBeOverwritten(other, by: sum, with: product), successor[other] == nil {
      epilogue.addend = other
    } else {
      return nil
    }
    return epilogue
  }

  private func onlyReader(of id: Int) -> Int? {
    guard uses.readers[id].count == 1, !uses.isOutput[id], !uses.isReadThroughAlias[id] else {
      return nil
    }
    return uses.readers[id][0]
  }

  private func repeatedRow(_ id: Int) -> Int? {
    guard uses.isVirtual(id), case .broadcast(let cover) = uses.graph.nodes[id].primitive else {
      return nil
    }
    let isRow = cover == .row || (cover == .scalar && uses.graph.nodes[id].shape.columns == 1)
    return isRow ? uses.graph.nodes[id].operands[0] : nil
  }

  /// `gate(sum, sum)` when nothing else reads the sum.
  private func rectifier(of sum: Int) -> Int? {
    guard uses.readers[sum].count == 2, uses.readers[sum][0] == uses.readers[sum][1],
      !uses.isOutput[sum], !uses.isReadThroughAlias[sum]
    else { return nil }
    let reader = uses.readers[sum][0]
    if case .binary(.gate) = uses.graph.nodes[reader].primitive { return reader }
    return nil
  }

  /// Whether nobody needs the value any more when the product is made, in memory that a replay may write.
  ///
  /// Others than the sum have read it then that the product depends on, but for chains, which might read it again.
  private func canBeOverwritten(_ id: Int, by sum: Int, with product: Int) -> Bool {
    guard !uses.isLeaf(id), !uses.isVirtual(id), !uses.isOutput[id], !uses.isReadThroughAlias[id],
      uses.readers[id].count(where: { $0 == sum }) == 1
    else { return false }
    return uses.readers[id].allSatisfy {
      $0 == sum || !uses.isFusible($0) && !uses.isVirtual($0) && depends(product, on: $0)
    }
  }

  /// A look for a way that takes longer than this is given up: planning stays linear.
  private static let maximumSearch = 400

  /// Whether one node needs what another makes.
  private func depends(_ node: Int, on other: Int) -> Bool {
    var found: Set<Int> = []
    var pending = [node]
    while let next = pending.popLast(), found.count < Self.maximumSearch {
      for operand in uses.graph.nodes[next].operands where operand >= other {
        if operand == other { return true }
        if found.insert(operand).inserted { pending.append(operand) }
      }
    }
    return false
  }
}
