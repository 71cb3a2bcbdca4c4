import AutodiffOracle
import Kernels
import Testing

@testable import Autodiff

/// What a derivative needs of the forward pass is computed again where that saves memory.
@Suite struct RecomputationTests {
  /// Two layers, each followed by a noisy site like MetaPerturb's, and their gradient.
  private struct Network {
    let graph = Graph()
    var inputs: [Address: [Double]] = [:]
    private(set) var outputs: [Tensor] = []
    private var numbers = SeededNumbers(seed: 9)

    init() {
      let (w, v) = (input([8, 8]), input([8, 8]))
      let first = site(input([40, 8]).matmul(w), input([40, 8]))
      let loss = site(first.matmul(v), input([40, 8])).mean()
      outputs = [loss] + graph.gradient(of: loss, withRespectTo: [w, v])
    }

    private mutating func input(_ shape: Shape) -> Tensor {
      let address = Address(.episode, inputs.count * 512)
      inputs[address] = numbers.normal(shape.count).map { Double(Float($0)) }
      return graph.input(address, shape)
    }

    private func site(_ x: Tensor, _ noise: Tensor) -> Tensor {
      ((x.tanh() + noise).softplus() * x).clamped(to: 1).relu()
    }

    func replay(repeatedSize: Int) -> PlanReplay {
      PlanReplay(graph, outputs, inputs: inputs, repeatedSize: repeatedSize)
    }
  }

  @Test func repeatedValuesTakeNoMemory() {
    let network = Network()
    let (kept, again) = (network.replay(repeatedSize: .max), network.replay(repeatedSize: 1))
    let (before, after) = (kept.plan.program.arenaCount, again.plan.program.arenaCount)
    #expect(after <= before - 2 * 40 * 8, "\(after) of \(before) floats")
  }

  @Test func repeatedValuesAreTheSame() {
    let network = Network()
    let exact = ReferenceInterpreter(inputs: network.inputs).values(of: network.outputs)
    for size in [1, Int.max] {
      let replay = network.replay(repeatedSize: size)
      for (planned, values) in zip(replay.results(in: replay.makeWorkspace()), exact) {
        let bound = 1e-5 * (values.map { abs($0) }.max() ?? 0)
        #expect(bound > 0)
        #expect(zip(planned, values).allSatisfy { abs(Double($0) - $1) <= bound }, "\(size)")
      }
    }
  }

  /// A small value stays where it is: reading it costs less than another step.
  @Test func smallValuesAreKept() {
    let network = Network()
    let usual = network.replay(repeatedSize: Recomputation.usualSize).plan.program
    #expect(usual.arenaCount == network.replay(repeatedSize: .max).plan.program.arenaCount)
  }
}
