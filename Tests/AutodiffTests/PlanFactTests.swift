import AutodiffOracle
import Kernels
import Testing

@testable import Autodiff

@Suite struct PlanFactTests {
  private let graph = Graph()

  private func input(_ index: Int, _ shape: Shape) -> Tensor {
    graph.input(Address(.episode, index * 4096), shape)
  }

  private func plan(_ outputs: Tensor...) -> Plan {
    Plan(graph, outputs: outputs.map { Plan.Output($0) })
  }

  private func products(_ plan: Plan) -> [MatrixProduct] {
    plan.program.instructions.compactMap {
      if case .matmul(let product) = $0 { return product }
      return nil
    }
  }

  @Test func whatNoOutputNeedsIsNotComputed() {
    let (x, y) = (input(0, [8, 16]), input(1, [16, 4]))
    let needed = x.exp().sum()
    let before = plan(needed).program
    _ = x.matmul(y).tanh().sum()
    let after = plan(needed).program
    #expect(after.instructions.count == before.instructions.count)
    #expect(after.floatingPointOperations == 0 && after.arenaCount == before.arenaCount)
  }

  @Test func elementwiseNodesAndTheirSumAreOneInstruction() {
    let (x, y) = (input(0, [10, 40]), input(1, [10, 40]))
    let program = plan(((x - y) * (x - y)).mean()).program
    #expect(program.instructions.count <= 2 && program.arenaCount <= 16)
  }

  @Test func commonSubexpressionsAreComputedOnce() {
    let (x, w) = (input(0, [10, 40]), input(1, [40, 40]))
    let first = x.matmul(w).tanh().sum()
    let second = (x.matmul(w).tanh() * 2).sum()
    #expect(products(plan(first, second)).count == 1)
  }

  @Test func biasAndRectifierAreAbsorbedIntoTheProduct() {
    let (x, w, b) = (input(0, [10, 7]), input(1, [7, 40]), input(2, [40]))
    let layer = (x.matmul(w) + b.broadcast(.row, to: [10, 40])).relu()
    let program = plan(layer).program
    #expect(program.instructions.count == 1 && program.arenaCount == 0)
    let product = products(plan(layer))[0]
    #expect(product.bias == Address(.episode, 2 * 4096) && product.isRectified)
    #expect(!product.accumulates && product.c == Address(.results, 0))
  }

  @Test func sumOfProductsIsAccumulated() {
    let (x, v) = (input(0, [10, 7]), input(1, [7, 40]))
    let (y, w) = (input(2, [10, 5]), input(3, [5, 40]))
    let program = plan(x.matmul(v) + y.matmul(w))
    #expect(program.program.instructions.count == 2 && program.program.arenaCount == 0)
    #expect(products(program).map(\.accumulates) == [false, true])
    #expect(products(program).allSatisfy { $0.c == Address(.results, 0) })
  }

  /// What is asked for, or read again, must not be overwritten.
  @Test func valuesReadAgainAreNotAbsorbed() {
    let (x, w, b) = (input(0, [10, 7]), input(1, [7, 40]), input(2, [40]))
    let product = x.matmul(w)
    let sum = product + b.broadcast(.row, to: [10, 40])
    #expect(products(plan(sum.relu(), product))[0].bias == nil)
    #expect(products(plan(sum.relu(), sum)).allSatisfy { !$0.isRectified })
    let other = x.exp().matmul(w)
    #expect(products(plan(product + other, product, other)).allSatisfy { !$0.accumulates })
  }

  /// Inner steps change the rows of a weight in place that a sparse matrix touches; what is asked for is kept.
  @Test func stepsOfASparseWeightAreMadeInPlace() {
    let form = SparseForm(rows: 3, columns: 40, capacity: 6, rowCapacity: 3)
    let matrix = input(0, [form.count])
    let rate = graph.input(Address(.settings, 0), .scalar)
    func step(_ weight: Tensor) -> Tensor {
      let slope = matrix.sparseProduct(form, weight).tanh()
      let gradient = matrix.sparseProduct(form, slope, isTransposed: true).stoppingGradient()
      return weight - gradient * rate
    }
    let first = step(input(2, [40, 16]))
    let last = step(step(first))
    func accumulates(_ outputs: [Tensor]) -> [Bool] {
      Plan(graph, outputs: outputs.map { Plan.Output($0) }).program.instructions.compactMap {
        if case .sparse(let product) = $0, product.isTransposed { return product.accumulates }
        return nil
      }
    }
    // The parameters themselves are others' as well.
    #expect(accumulates([last]) == [false, true, true])
    #expect(accumulates([first, last]) == [false, false, true])
    let rows = SparseRows(
      starts: [0, 3, 3, 5],
      columns: [0, 2, 39, 2, 7],
      values: [0.5, -1, 2, 1.5, 0.25]
    )
    let inputs = [
      Address(.episode, 0): form.numbers(rows).map(Double.init),
      Address(.episode, 2 * 4096): (0..<640).map { Double($0 % 7) / 7 - 0.4 },
      Address(.settings, 0): [0.1],
    ]
    let wanted = ReferenceInterpreter(inputs: inputs).values(of: [first, last])
    for tensors in [[last], [first, last]] {
      let found = replay(tensors, inputs: inputs)
      for (own, exact) in zip(found, wanted.suffix(tensors.count)) {
        #expect(zip(own, exact).allSatisfy { abs(Double($0) - $1) < 1e-6 })
      }
    }
  }

  @Test func arenaIsSmallerThanTheValuesItHolds() {
    for seed in UInt64(1)...100 {
      let random = RandomGraph(seed: seed)
      let outputs = random.outputs.map(\.tensor)
      let plan = Plan(random.graph, outputs: outputs.map { Plan.Output($0) })
      let uses = NodeUses(graph: random.graph, outputs: outputs.map(\.id))
      let naive = random.graph.nodes.indices
        .filter { uses.isLive[$0] && !uses.isLeaf($0) && !uses.isAlias($0) }
        .reduce(0) { $0 + paddedCount(random.graph.nodes[$1].shape.count) }
      #expect(plan.program.arenaCount <= naive, "seed \(seed)")
    }
    let network = RectifierNetwork(widths: [1, 40, 40, 1], examples: 10, seed: 1)
    let outputs = network.metaGradient(steps: 5).map { Plan.Output($0) }
    let arena = Plan(network.graph, outputs: outputs).program.arenaCount
    // The weights of five inner steps must be kept; little else.
    #expect(arena * 4 < 160 * 1024, "\(arena * 4) bytes")
  }

  /// Results lie where the caller says, others behind them, none over another.
  @Test func outputsLieWhereTheyAreAskedFor() {
    let x = input(0, [20])
    let outputs = [
      Plan.Output(x.exp(), at: 64), Plan.Output(x * 2, at: 0), Plan.Output(x.sum()), Plan.Output(x),
    ]
    let plan = Plan(graph, outputs: outputs)
    #expect(Array(plan.resultOffsets[..<2]) == [64, 0])
    let ranges = zip(plan.resultOffsets, outputs).map { $0..<$0 + $1.tensor.shape.count }
    for (index, range) in ranges.enumerated() {
      #expect(range.upperBound <= plan.program.resultCount)
      #expect(ranges[..<index].allSatisfy { !$0.overlaps(range) })
    }
  }
}

@Suite struct ArenaPlannerTests {
  @Test func livePlacesNeverOverlap() {
    for seed in UInt64(1)...20 {
      var numbers = SeededNumbers(seed: seed)
      var planner = ArenaPlanner()
      var live: [Range<Int>] = []
      var total = 0
      for _ in 0..<200 {
        if !live.isEmpty, numbers.index(below: 2) == 0 {
          let gone = live.remove(at: numbers.index(below: live.count))
          planner.release(gone.lowerBound)
          total -= gone.count
        } else {
          let count = 1 + numbers.index(below: 300)
          let place = planner.allocate(count)
          let range = place..<place + paddedCount(count)
          #expect(place % cacheLineFloats == 0, "seed \(seed)")
          #expect(live.allSatisfy { !$0.overlaps(range) }, "seed \(seed)")
          live.append(range)
          total += range.count
        }
        #expect(planner.peak >= total && live.allSatisfy { $0.upperBound <= planner.peak })
      }
    }
  }

  @Test func releasedMemoryIsUsedAgain() {
    var planner = ArenaPlanner()
    let first = planner.allocate(100)
    _ = planner.allocate(16)
    planner.release(first)
    #expect(planner.allocate(50) == first)
    #expect(planner.allocate(48) == first + 64)
    #expect(planner.peak == 112 + 16)
  }
}
