import AutodiffOracle
import Kernels
import Testing

@testable import Autodiff

/// One primitive applied to inputs whose values are known, ready to be differentiated.
private struct GradientCheck {
  let graph = Graph()
  var sources: [Tensor] = []
  var oracle = ReferenceInterpreter(inputs: [:])
  private var numbers: SeededNumbers
  private var nextOffset = 0

  init(seed: UInt64) { numbers = SeededNumbers(seed: seed) }

  /// An input with values away from 0, where the rectifier bends and a quotient explodes.
  mutating func source(_ shape: Shape, isPositive: Bool = false) -> Tensor {
    let values = zip(numbers.uniform(shape.count), numbers.normal(shape.count)).map {
      ($0 + 0.5) * (isPositive || $1 > 0 ? 1 : -1)
    }
    let tensor = input(shape, values)
    sources.append(tensor)
    return tensor
  }

  mutating func direction(_ shape: Shape) -> Tensor { input(shape, numbers.normal(shape.count)) }

  private mutating func input(_ shape: Shape, _ values: [Double]) -> Tensor {
    let address = Address(.parameters, nextOffset)
    nextOffset += paddedCount(shape.count)
    oracle.inputs[address] = values
    return graph.input(address, shape)
  }

  func values(_ tensor: Tensor) -> [Double] {
    guard case .input(let address) = tensor.node.primitive else { return [] }
    return oracle.inputs[address] ?? []
  }

  func address(_ tensor: Tensor) -> Address? {
    guard case .input(let address) = tensor.node.primitive else { return nil }
    return address
  }

  /// The primitive's value; exhaustive, so that a new primitive needs a check.
  mutating func apply(_ kind: PrimitiveKind) -> Tensor {
    switch kind {
    case .input: return source([3, 4])
    case .constant: return source([3, 4]) * 1.7
    case .table: return source([3, 3]).matmul(graph.table((0..<9).map(Double.init), [3, 3]))
    case .unary(let function):
      let isPositive = function == .log || function == .squareRoot
      let x = source([3, 4], isPositive: isPositive)
      return graph.append(.unary(function), [x], x.shape)
    case .binary(let function):
      let (x, y) = (source([3, 4]), source([3, 4]))
      return graph.append(.binary(function), [x, y], x.shape)
    case .matmul(isLeftTransposed: false): return source([3, 4]).matmul(source([4, 2]))
    case .matmul(isLeftTransposed: true): return source([4, 3]).transposedMatmul(source([4, 2]))
    case .transpose: return source([3, 4]).transposed()
    case .exchange: return source([2, 3, 4, 2]).permuted([0, 2, 1, 3])
    case .broadcast(let cover): return broadcast(cover)
    case .sum(.all): return source([3, 4]).sum()
    case .sum(.rows): return source([3, 4]).sumOverRows()
    case .sum(.columns): return source([3, 4]).sumOverColumns()
    case .reshape: return source([3, 4]).reshaped(to: [2, 6])
    case .slice: return source([3, 4]).slice(from: 3, as: [2, 4])
    case .pad: return source([2, 3]).padded(from: 2, to: [3, 4])
    case .stopGradient: return source([3, 4]).stoppingGradient()
    case .convolution: return source([2, 4, 3, 2]).convolution(source([3, 3, 2, 3]))
    case .convolutionInputGradient:
      return source([2, 4, 3, 3])
        .convolutionInputGradient(source([3, 3, 2, 3]), input: [2, 4, 3, 2])
    case .convolutionWeightGradient:
      return source([2, 4, 3, 2])
        .convolutionWeightGradient(source([2, 4, 3, 3]), weight: [3, 3, 2, 3])
    case .poolingChoice, .pool:
      let images = source([2, 5, 4, 3])
      return images.pooled(images.poolingChoice(direction: source([3])))
    case .unpool:
      let images = source([2, 5, 4, 3])
      return source([2, 2, 2, 3]).unpooled(
        images.maxPooled().node.operandTensor(1, graph),
        to: images.shape
      )
    case .cornerChoice: return source([2, 4, 6, 3]).subsampled()
    case .spatialSum: return source([2, 3, 4, 3]).spatialSum()
    case .spatialBroadcast: return source([2, 3]).spatialBroadcast(to: [2, 4, 3, 3])
    case .sparseProduct(let isTransposed):
      return sparse().sparseProduct(
        Self.form,
        source([isTransposed ? 3 : 4, 2]),
        isTransposed: isTransposed
      )
    case .fused: return source([3, 4]).fused(Turned(), [source([4, 3])], as: [4, 3])
    case .moments: return source([5, 3]).moments().variance
    // The largest number of a row counts as a constant only where shifting changes nothing.
    case .rowMaximum: return source([3, 4]).logSoftmax()
    }
  }

  /// 3 rows, of which one is empty, in memory for 4 and for 6 entries.
  private static let form = SparseForm(rows: 3, columns: 4, capacity: 6, rowCapacity: 4)

  private mutating func sparse() -> Tensor {
    let matrix = SparseRows(
      starts: [0, 3, 3, 5],
      columns: [0, 2, 3, 1, 2],
      values: [0.5, -1, 2, 1.5, 0.25]
    )
    return input([Self.form.count], Self.form.numbers(matrix).map(Double.init))
  }

  private mutating func broadcast(_ cover: Chain.Cover) -> Tensor {
    switch cover {
    case .full: source([3, 4]).broadcast(.full, to: [3, 4])
    case .row: source([4]).broadcast(.row, to: [3, 4])
    case .column: source([3]).broadcast(.column, to: [3, 4])
    case .scalar: source(.scalar).broadcast(.scalar, to: [3, 4])
    }
  }
}

extension Graph.Node {
  fileprivate func operandTensor(_ index: Int, _ graph: Graph) -> Tensor {
    Tensor(graph: graph, id: operands[index])
  }
}

@Suite struct GradientTests {
  private static let seed: UInt64 = 21

  /// Orders 1 to 3 along random directions: the slope of each order's slope.
  @Test(arguments: PrimitiveKind.allCases.filter { $0 != .stopGradient })
  func gradientIsTheSlope(_ kind: PrimitiveKind) {
    var check = GradientCheck(seed: Self.seed)
    let value = check.apply(kind)
    #expect(
      check.graph.nodes.contains { PrimitiveKind($0.primitive) == kind },
      "the check has no such node"
    )
    let weights = check.direction(value.shape)
    var objective = (weights * value * value).sum()
    for order in 1...3 {
      let gradients = check.graph.gradient(of: objective, withRespectTo: check.sources)
      var moves: [Address: [Double]] = [:]
      var slope = check.graph.constant(0)
      for (source, gradient) in zip(check.sources, gradients) {
        #expect(gradient.shape == source.shape)
        let direction = check.direction(source.shape)
        slope = slope + (gradient * direction).sum()
        if let address = check.address(source) { moves[address] = check.values(direction) }
      }
      let analytic = check.oracle.values(of: [slope])[0][0]
      let numeric = check.oracle.slope(of: objective, along: moves)
      #expect(
        abs(analytic - numeric) < 1e-6 * max(1, abs(numeric)),
        "order \(order), seed \(Self.seed)"
      )
      objective = slope
    }
  }

  /// `x · stop(x)` has the derivative of `x · y` at `y = x` with `y` fixed.
  @Test func stoppedGradientIsTheDerivativeWithTheValueFixed() {
    var check = GradientCheck(seed: Self.seed)
    let x = check.source([3, 4])
    let objective = (x * x * x.tanh().stoppingGradient()).sum()
    let gradient = check.graph.gradient(of: objective, withRespectTo: [x])[0]
    let expected = check.oracle.values(of: [2 * (x * x.tanh())])[0]
    let actual = check.oracle.values(of: [gradient])[0]
    for (a, e) in zip(actual, expected) { #expect(abs(a - e) < 1e-12) }
    #expect(check.graph.nodes.contains { PrimitiveKind($0.primitive) == .stopGradient })
    let stopped = check.graph.gradient(of: x.stoppingGradient().sum(), withRespectTo: [x])[0]
    #expect(check.oracle.values(of: [stopped])[0] == [Double](repeating: 0, count: 12))
  }

  /// A vector is a row; a stack of matrices is one tall matrix; gradients keep their shapes.
  @Test(arguments: [([4], [4, 2]), ([1, 4], [4]), ([2, 3, 4], [4, 2]), ([1], [1]), ([], [])])
  func productOfAnyAxesHasGradientsOfItsOperandsShapes(_ left: [Int], _ right: [Int]) {
    for isTransposed in [false, true] {
      let graph = Graph()
      let a = graph.input(Address(.episode, 0), Shape(left))
      let rows = isTransposed ? a.shape.rows : a.shape.columns
      let b = graph.input(
        Address(.episode, 64),
        Shape(right).rows == rows ? Shape(right) : [rows, 2]
      )
      let product = isTransposed ? a.transposedMatmul(b) : a.matmul(b)
      // Each operand is read again, so that contributions of both kinds are added.
      let objective = (product * product).sum() + (a * a).sum() + (b * b).sum()
      let gradients = graph.gradient(of: objective, withRespectTo: [a, b])
      #expect(gradients.map(\.shape) == [a.shape, b.shape])
    }
  }

  @Test func rectifierOpensWhereItsInputIsPositive() {
    let graph = Graph()
    let x = graph.input(Address(.episode, 0), [4])
    let gradient = graph.gradient(of: x.relu().sum(), withRespectTo: [x])[0]
    let oracle = ReferenceInterpreter(inputs: [Address(.episode, 0): [-2, 0, 1e-9, 3]])
    #expect(oracle.values(of: [gradient])[0] == [0, 0, 1, 1])
  }

  @Test func clampingPassesGradientsBelowTheBoundOnly() {
    let graph = Graph()
    let x = graph.input(Address(.episode, 0), [3])
    let clamped = x.clamped(to: 100)
    let gradient = graph.gradient(of: clamped.sum(), withRespectTo: [x])[0]
    let oracle = ReferenceInterpreter(inputs: [Address(.episode, 0): [-200, 99, 101]])
    #expect(oracle.values(of: [clamped, gradient]) == [[-200, 99, 100], [1, 1, 0]])
  }

  @Test func sourcesAnOutputDoesNotReadHaveNoGradient() {
    let graph = Graph()
    let (x, y) = (graph.input(Address(.episode, 0), [3]), graph.input(Address(.episode, 16), [2]))
    let gradients = graph.gradient(of: x.sum(), withRespectTo: [y, x, x])
    let oracle = ReferenceInterpreter(
      inputs: [Address(.episode, 0): [1, 2, 3], Address(.episode, 16): [4, 5]]
    )
    #expect(oracle.values(of: gradients) == [[0, 0], [1, 1, 1], [1, 1, 1]])
  }

  /// `Σ seedᵀ ∂output/∂x` of several outputs at once, one of them a source itself.
  @Test func vectorJacobianAddsItsOutputs() {
    let graph = Graph()
    let x = graph.input(Address(.episode, 0), [2])
    let seeds = [graph.constant(3, [2]), graph.constant(5, [2]), graph.constant(7, [2])]
    let result = graph.vectorJacobian(of: [x * x, x, x], seeds: seeds, withRespectTo: [x])[0]
    let oracle = ReferenceInterpreter(inputs: [Address(.episode, 0): [1, 10]])
    #expect(oracle.values(of: [result])[0] == [18, 72])
  }
}
