import AutodiffOracle
import Kernels

@testable import Autodiff

/// A graph of random primitives whose exact values are known without the graph: each is computed
/// when it is asked for, so simplification and sharing cannot hide a mistake.
struct RandomGraph {
  let graph = Graph()
  private(set) var oracle = ReferenceInterpreter(inputs: [:])
  /// What was asked for, and the values it must have.
  private(set) var pool: [(tensor: Tensor, values: [Double])] = []
  private(set) var outputs: [(tensor: Tensor, values: [Double])] = []
  private var numbers: SeededNumbers
  private var nextOffset = 0

  private static let extents = [1, 1, 2, 3, 5, 8, 17, 40]
  /// Beyond this a value is not used further: only its rounding would be tested.
  private static let largest = 200.0

  init(seed: UInt64) {
    numbers = SeededNumbers(seed: seed)
    for _ in 0..<2 + numbers.index(below: 4) { addInput(randomShape()) }
    let count = 5 + numbers.index(below: 56)
    var attempts = 0
    while graph.nodes.count < count, attempts < 200 {
      attempts += 1
      addNode()
    }
    if numbers.index(below: 2) == 0 { addGradient() }
    chooseOutputs()
  }

  // MARK: Leaves

  private mutating func randomShape() -> Shape {
    let (rows, columns) = (numbers.pick(Self.extents), numbers.pick(Self.extents))
    return numbers.pick([[], [columns], [rows, columns], [rows, columns], [2, rows, columns]])
  }

  private mutating func addInput(_ shape: Shape) {
    let space = numbers.pick([Space.parameters, .episode, .settings, .noise, .state])
    let address = Address(space, nextOffset)
    nextOffset += paddedCount(shape.count)
    let values = numbers.normal(shape.count).map { Double(Float($0)) }
    oracle.inputs[address] = values
    pool.append((graph.input(address, shape), values))
  }

  private mutating func addConstant(_ shape: Shape) {
    let value = numbers.pick([0, 1, -1, 2, 0.5, -3])
    pool.append((graph.constant(value, shape), [Double](repeating: value, count: shape.count)))
  }

  // MARK: Nodes

  /// Recent values are chosen more often, so that graphs grow deep.
  private mutating func choose() -> Int {
    let recent = min(pool.count, 6)
    let isRecent = numbers.index(below: 2) == 0
    return isRecent
      ? pool.count - 1 - numbers.index(below: recent) : numbers.index(below: pool.count)
  }

  private mutating func append(_ primitive: Primitive, _ operands: [Int], _ shape: Shape) {
    guard shape.count <= 3000 else { return }
    let chosen = operands.map { pool[$0] }
    let values = oracle.evaluate(
      primitive,
      chosen.map(\.values),
      chosen.map(\.tensor.shape),
      shape
    )
    guard values.allSatisfy({ abs($0) < Self.largest }) else { return }
    pool.append((graph.append(primitive, chosen.map(\.tensor), shape), values))
  }

  private mutating func addNode() {
    let x = choose()
    let shape = pool[x].tensor.shape
    switch numbers.index(below: 17) {
    case 0, 1: addUnary(x)
    case 2, 3, 4: addBinary(x)
    case 5: addProduct(x)
    case 6: append(.transpose, [x], [shape.columns, shape.rows])
    case 7: addBroadcast(x)
    case 8:
      let reduction = numbers.pick([Chain.Reduction.all, .rows, .columns])
      switch reduction {
      case .all: append(.sum(.all), [x], .scalar)
      case .rows: append(.sum(.rows), [x], [shape.columns])
      case .columns: append(.sum(.columns), [x], [shape.rows])
      }
    case 9: append(.reshape, [x], numbers.pick([[shape.count], [shape.columns, shape.rows]]))
    case 10:
      let count = 1 + numbers.index(below: shape.count)
      let start = numbers.index(below: shape.count - count + 1)
      append(.slice(start: start), [x], count == 1 ? .scalar : [count])
    case 11:
      let start = numbers.index(below: 5)
      append(.pad(start: start), [x], [start + shape.count + numbers.index(below: 5)])
    case 12: append(.stopGradient, [x], shape)
    case 13: addExchange(x)
    case 14:
      let values = numbers.normal(shape.count).map { Double(Float($0)) }
      pool.append((graph.table(values, shape), values))
    default: addLayer(x)
    }
  }

  /// A matrix, or three axes of it, with two of them exchanged.
  private mutating func addExchange(_ x: Int) {
    let shape = pool[x].tensor.shape
    let outer = shape.dimensions.count == 3 ? shape.dimensions[0] : 1
    let inner = numbers.pick([1, shape.columns])
    let columns = shape.columns / inner
    let rows = shape.count / (outer * columns * inner)
    let exchange = Exchange(outer: outer, rows: rows, columns: columns, inner: inner)
    append(.exchange(exchange), [x], [outer, columns, rows * inner])
  }

  private mutating func addUnary(_ x: Int) {
    let function = numbers.pick(UnaryFunction.allCases)
    let needsPositive = function == .log || function == .squareRoot
    guard !needsPositive || pool[x].values.allSatisfy({ $0 > 0.05 }) else { return }
    append(.unary(function), [x], pool[x].tensor.shape)
  }

  private mutating func addBinary(_ x: Int) {
    let shape = pool[x].tensor.shape
    let function = numbers.pick(BinaryFunction.allCases)
    var partners = pool.indices.filter { pool[$0].tensor.shape == shape }
    if numbers.index(below: 4) == 0 {
      addConstant(shape)
      partners = [pool.count - 1]
    } else if numbers.index(below: 3) == 0 || partners.isEmpty {
      addBroadcastPartner(shape)
      partners = [pool.count - 1]
    }
    let y = numbers.pick(partners)
    let (a, b) = numbers.index(below: 2) == 0 ? (x, y) : (y, x)
    guard pool[b].tensor.shape == shape, pool[a].tensor.shape == shape else { return }
    if function == .divide, pool[b].values.contains(where: { abs($0) < 0.1 }) { return }
    append(.binary(function), [a, b], shape)
  }

  /// Some value that can be repeated to the shape.
  private mutating func addBroadcastPartner(_ shape: Shape) {
    let cover = numbers.pick([Chain.Cover.row, .column, .scalar])
    let count = cover == .row ? shape.columns : (cover == .column ? shape.rows : 1)
    if !pool.contains(where: { $0.tensor.shape.count == count }) { addInput([count]) }
    let candidates = pool.indices.filter { pool[$0].tensor.shape.count == count }
    append(.broadcast(cover), [numbers.pick(candidates)], shape)
  }

  private mutating func addBroadcast(_ x: Int) {
    let (shape, extent) = (pool[x].tensor.shape, numbers.pick(Self.extents))
    if shape.count == 1, numbers.index(below: 2) == 0 {
      append(.broadcast(.scalar), [x], randomShape())
    } else if numbers.index(below: 2) == 0 {
      append(.broadcast(.row), [x], [extent, shape.count])
    } else {
      append(.broadcast(.column), [x], [shape.count, extent])
    }
  }

  private mutating func addProduct(_ x: Int) {
    let shape = pool[x].tensor.shape
    let isTransposed = numbers.index(below: 2) == 0
    let inner = isTransposed ? shape.rows : shape.columns
    let partners = pool.indices.filter { pool[$0].tensor.shape.rows == inner }
    if partners.isEmpty { addInput([inner, numbers.pick(Self.extents)]) }
    let y = partners.isEmpty ? pool.count - 1 : numbers.pick(partners)
    let rows = isTransposed ? shape.columns : shape.rows
    append(
      .matmul(isLeftTransposed: isTransposed),
      [x, y],
      [rows, pool[y].tensor.shape.columns]
    )
  }

  /// A product and what a planner may do while it is in registers.
  private mutating func addLayer(_ x: Int) {
    addProduct(x)
    let product = pool.count - 1
    let shape = pool[product].tensor.shape
    if numbers.index(below: 3) == 0 {
      addProduct(x)
    } else {
      addBroadcastPartner(shape)
    }
    let other = pool.count - 1
    guard other != product, pool[other].tensor.shape == shape else { return }
    append(.binary(.add), [product, other], shape)
    let sum = pool.count - 1
    guard sum != other, numbers.index(below: 2) == 0 else { return }
    append(.binary(.gate), [sum, sum], shape)
  }

  // MARK: Outputs

  /// A gradient's nodes are those a method's plan is made of; the oracle evaluates them.
  private mutating func addGradient() {
    let chosen = pool[choose()].tensor
    let inputs = pool.map(\.tensor).filter {
      if case .input = $0.node.primitive { return true }
      return false
    }
    let gradients = graph.gradient(of: (chosen * chosen).sum(), withRespectTo: inputs)
    for (tensor, values) in zip(gradients, oracle.values(of: gradients))
    where values.allSatisfy({ abs($0) < 1e6 }) {
      outputs.append((tensor, values))
    }
  }

  /// The last values, some others, and one of them twice.
  private mutating func chooseOutputs() {
    outputs.append(pool[pool.count - 1])
    for _ in 0..<numbers.index(below: 5) { outputs.append(pool[numbers.index(below: pool.count)]) }
    if numbers.index(below: 3) == 0 { outputs.append(numbers.pick(outputs)) }
  }
}
