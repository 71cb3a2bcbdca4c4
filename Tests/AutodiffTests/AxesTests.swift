import AutodiffOracle
import Kernels
import Testing

@testable import Autodiff

@Suite struct AxesTests {
  private static let dimensions = [2, 3, 4, 2]

  /// Each place's index along every axis, the slowest first.
  private func indices(_ place: Int, _ dimensions: [Int]) -> [Int] {
    var (rest, indices) = (place, [Int]())
    for size in dimensions.reversed() {
      indices.insert(rest % size, at: 0)
      rest /= size
    }
    return indices
  }

  private func place(_ indices: [Int], _ dimensions: [Int]) -> Int {
    zip(indices, dimensions).reduce(0) { $0 * $1.1 + $1.0 }
  }

  private func check(
    _ results: [Tensor],
    _ input: [Double],
    _ expected: [[Double]]
  ) {
    let inputs = [Address(.episode, 0): input]
    #expect(ReferenceInterpreter(inputs: inputs).values(of: results) == expected)
    #expect(replay(results, inputs: inputs).map { $0.map(Double.init) } == expected)
  }

  /// All orders of four axes, planned and by the oracle, and each undone by its inverse.
  @Test func everyOrderIsWhatItsNumbersSay() {
    let dimensions = Self.dimensions
    let numbers = (0..<48).map(Double.init)
    func orders(_ rest: [Int]) -> [[Int]] {
      rest.isEmpty
        ? [[]] : rest.flatMap { first in orders(rest.filter { $0 != first }).map { [first] + $0 } }
    }
    let all = orders([0, 1, 2, 3])
    #expect(all.count == 24)
    for order in all {
      let graph = Graph()
      let x = graph.input(Address(.episode, 0), Shape(dimensions))
      let permuted = x.permuted(order)
      let size = order.map { dimensions[$0] }
      #expect(permuted.shape == Shape(size))
      let expected = numbers.indices.map { target -> Double in
        let own = indices(target, size)
        var source = [0, 0, 0, 0]
        for (index, axis) in order.enumerated() { source[axis] = own[index] }
        return numbers[place(source, dimensions)]
      }
      let back = permuted.permuted(order.indices.map { axis in order.firstIndex(of: axis) ?? 0 })
      check([permuted, back], numbers, [expected, numbers])
    }
  }

  @Test(arguments: 0...3)
  func copiesAndSumsGoAlongTheirAxis(_ axis: Int) {
    let dimensions = [2, 3, 4]
    let numbers = (0..<24).map(Double.init)
    let graph = Graph()
    let x = graph.input(Address(.episode, 0), Shape(dimensions))
    let copies = x.repeated(5, along: axis)
    var size = dimensions
    size.insert(5, at: axis)
    #expect(copies.shape == Shape(size))
    let expected = (0..<120).map { target -> Double in
      var own = indices(target, size)
      own.remove(at: axis)
      return numbers[place(own, dimensions)]
    }
    check([copies, copies.summed(along: axis)], numbers, [expected, numbers.map { $0 * 5 }])
  }

  /// Orders 1 and 2: the slope of each order's slope, with every operation here.
  @Test func gradientsAreSlopes() {
    let seed: UInt64 = 12
    var numbers = SeededNumbers(seed: seed)
    let graph = Graph()
    let x = graph.input(Address(.episode, 0), [2, 3, 4])
    let directions = (1...2).map { graph.input(Address(.episode, 64 * $0), [2, 3, 4]) }
    var oracle = ReferenceInterpreter(inputs: [:])
    for index in 0...2 { oracle.inputs[Address(.episode, 64 * index)] = numbers.normal(24) }
    let mixed = x.permuted([2, 0, 1]).repeated(2, along: 1).tanh().summed(along: 3)
    let beside = Tensor.sideBySide([mixed.reshaped(to: [4, 4]), x.reshaped(to: [4, 6])])
    let product = graph.identity(4).matmul(beside) * beside
    var objective = (product * product).sum()
    for (order, direction) in directions.enumerated() {
      let slope = (graph.gradient(of: objective, withRespectTo: [x])[0] * direction).sum()
      let moves = [
        Address(.episode, 0): oracle.inputs[Address(.episode, 64 * (order + 1))] ?? []
      ]
      let analytic = oracle.values(of: [slope])[0][0]
      let numeric = oracle.slope(of: objective, along: moves)
      #expect(
        abs(analytic - numeric) < 1e-6 * max(1, abs(numeric)),
        "order \(order + 1), seed \(seed)"
      )
      objective = slope
    }
  }

  @Test func whatIsUndoneIsNoNode() {
    let graph = Graph()
    let x = graph.input(Address(.episode, 0), [2, 3, 4])
    let count = graph.nodes.count
    #expect(x.permuted([0, 1, 2]).id == x.id && graph.nodes.count == count)
    #expect(x.permuted([0, 2, 1]).permuted([0, 2, 1]).id == x.id)
    let table = graph.table([1, 2, 3], [3])
    #expect(graph.table([1, 2, 3], [3]).id == table.id)
    #expect(graph.table([1, 2, 4], [3]).id != table.id)
  }

  @Test func matricesStandSideBySide() {
    let graph = Graph()
    let x = graph.input(Address(.episode, 0), [2, 2])
    let beside = Tensor.sideBySide([x, graph.table([7, 8], [2, 1]), x])
    #expect(beside.shape == [2, 5])
    check([beside], [1, 2, 3, 4], [[1, 2, 7, 1, 2, 3, 4, 8, 3, 4]])
  }
}
