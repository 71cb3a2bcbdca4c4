import AutodiffOracle
import Kernels
import Testing

@testable import Autodiff

@Suite struct RandomGraphTests {
  /// 300 graphs, values kept and values computed again; a failure names its seed.
  @Test(arguments: 0..<6, [1, Int.max])
  func planComputesWhatWasAskedFor(_ part: Int, repeatedSize: Int) {
    var (compared, sharp) = (0, 0)
    for seed in UInt64(part * 50 + 1)...UInt64(part * 50 + 50) {
      let random = RandomGraph(seed: seed)
      let graph = random.graph
      let tensors = random.outputs.map(\.tensor)
      let everything = graph.nodes.indices.map { Tensor(graph: graph, id: $0) }
      let exact = random.oracle.values(of: everything)
      let bounds = RoundingBounds(graph, values: exact)
      let replay = PlanReplay(
        graph,
        tensors,
        inputs: random.oracle.inputs,
        repeatedSize: repeatedSize
      )
      let results = replay.results(in: replay.makeWorkspace())
      for (output, result) in zip(random.outputs, results) {
        let limits = bounds[output.tensor]
        var worst = 0.0
        for (index, value) in output.values.enumerated() {
          let size = max(1, abs(value))
          let simplified = abs(exact[output.tensor.id][index] - value)
          #expect(simplified < 1e-9 * size, "simplification, seed \(seed)")
          let error = abs(Double(result[index]) - value)
          worst = max(worst, error.isNaN ? .infinity : error / (limits[index] + 1e-30))
          compared += 1
          sharp += limits[index] < 1e-3 * size ? 1 : 0
        }
        #expect(worst <= 1, "node \(output.tensor.id), seed \(seed)")
      }
    }
    #expect(compared > 1000 && sharp > compared * 3 / 4, "\(sharp) of \(compared) are sharp")
  }

  @Test func everyPrimitiveIsMixedIn() {
    var kinds: Set<PrimitiveKind> = []
    for seed in UInt64(1)...300 {
      kinds.formUnion(RandomGraph(seed: seed).graph.nodes.map { PrimitiveKind($0.primitive) })
    }
    // Images have shapes of their own: their kernels are tested alone, and together in the
    // reference trajectories. So are a method's own.
    let others =
      PrimitiveKind.ofImages + [
        .fused, .sparseProduct(isTransposed: false), .sparseProduct(isTransposed: true),
      ]
    #expect(kinds == Set(PrimitiveKind.allCases).subtracting(others))
  }

  @Test func everyEpilogueIsMixedIn() {
    var (biases, rectifiers, sums) = (0, 0, 0)
    for seed in UInt64(1)...300 {
      let random = RandomGraph(seed: seed)
      let plan = Plan(random.graph, outputs: random.outputs.map { Plan.Output($0.tensor) })
      for case .matmul(let product) in plan.program.instructions {
        biases += product.bias == nil ? 0 : 1
        rectifiers += product.isRectified ? 1 : 0
        sums += product.accumulates ? 1 : 0
      }
    }
    #expect(biases > 10 && rectifiers > 10 && sums > 10, "\(biases), \(rectifiers), \(sums)")
  }

  /// A plan has no memory of its own: any workspace, any number of times, any workers, the same bits.
  @Test func replayGivesTheSameBitsAgain() {
    for seed in UInt64(301)...330 {
      let random = RandomGraph(seed: seed)
      let tensors = random.outputs.map(\.tensor)
      let replay = PlanReplay(random.graph, tensors, inputs: random.oracle.inputs)
      let (first, second) = (replay.makeWorkspace(), replay.makeWorkspace())
      func bits(_ workspace: Workspace, parts: Int? = nil) -> [[UInt32]] {
        replay.results(in: workspace, parts: parts).map { $0.map(\.bitPattern) }
      }
      let once = bits(first)
      for parts in [2, 5] { #expect(bits(second, parts: parts) == once, "seed \(seed)") }
      #expect(bits(first) == once && bits(second) == once, "seed \(seed)")
    }
  }
}
