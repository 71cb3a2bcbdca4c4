import AutodiffOracle
import Kernels
import Testing

@testable import Autodiff

/// Stencils in graphs: what plans compute, and what becomes of maps of one pixel.
@Suite struct StencilPlanTests {
  /// Two orders of derivatives of a graph with every stencil primitive, planned and exact.
  @Test(arguments: [1, 2, 3] as [UInt64])
  func plansComputeWhatTheGraphSays(seed: UInt64) {
    var numbers = SeededNumbers(seed: seed)
    var inputs: [Address: [Double]] = [:]
    let graph = Graph()
    func input(_ shape: Shape) -> Tensor {
      let address = Address(.episode, inputs.count * 4096)
      inputs[address] = numbers.normal(shape.count).map { Double(Float($0)) }
      return graph.input(address, shape)
    }
    let (x, kernel, kernels) = (input([3, 5, 4, 9]), input([1, 1, 3, 3]), input([4, 1, 3, 3]))
    let map = x.stencil(kernel).tanh()
    let sums = map.meanResponses(kernels)
    let objective =
      (map * x.stencil(kernel)).mean()
      + sums.reduce(graph.constant(0)) {
        $0 + ($1 * $1).sum()
      }
    let sources = [x, kernel, kernels]
    let first = graph.gradient(of: objective, withRespectTo: sources)
    let slope = zip(first, sources).reduce(graph.constant(0)) { $0 + ($1.0 * $1.1.tanh()).sum() }
    let outputs = [objective] + sums + first + graph.gradient(of: slope, withRespectTo: sources)
    let exact = ReferenceInterpreter(inputs: inputs).values(of: outputs)
    for (output, (planned, values)) in zip(replay(outputs, inputs: inputs), exact).enumerated() {
      let size = values.map { abs($0) }.max() ?? 0
      let error = zip(planned, values).map { abs(Double($0) - $1) }.max() ?? .nan
      #expect(size > 0 && error <= 1e-5 * size, "output \(output): \(error) of \(size)")
    }
    let kinds = Set(graph.nodes.map { PrimitiveKind($0.primitive) })
    let expected = PrimitiveKind.ofImages.filter { "\($0)".contains(#/stencil|respons/#) }
    #expect(expected.count == 7 && kinds.isSuperset(of: expected))
  }

  /// A choice and the sums it names are found by one pass, and no stencil's map is stored.
  @Test func responsesAreOneInstructionWithTheirChoice() {
    let graph = Graph()
    let (x, kernels) = (
      graph.input(Address(.episode, 0), [2, 8, 8, 16]),
      graph.input(Address(.parameters, 0), [4, 9])
    )
    let sums = x.meanResponses(kernels)
    let program = Plan(graph, outputs: sums.map { Plan.Output($0) }).program
    let stencils = program.instructions.compactMap {
      if case .stencil(let stencil) = $0 { return stencil.operation }
      return nil
    }
    #expect(stencils.count == 1)
    guard case .choose(let found) = stencils.first else {
      Issue.record("\(stencils)")
      return
    }
    #expect(found != nil)
    // The choices' bytes, the sums and their means.
    #expect(program.arenaCount <= x.shape.count / 4 + 2 * 4 * 2 * 16)
  }

  /// On one pixel a kernel is its centre, whether the pixel is written as an image or as features.
  @Test func featuresAreImagesOfOnePixel() {
    var numbers = SeededNumbers(seed: 5)
    let graph = Graph()
    let x = graph.input(Address(.episode, 0), [3, 5])
    let kernels = graph.input(Address(.parameters, 0), [4, 9])
    let image = x.reshaped(to: [3, 1, 1, 5])
    let kernel = kernels.slice(from: 9, as: [9])
    let pairs =
      [(x.stencil(kernel), image.stencil(kernel))]
      + zip(x.meanResponses(kernels), image.meanResponses(kernels))
    let oracle = ReferenceInterpreter(inputs: [
      Address(.episode, 0): numbers.normal(15), Address(.parameters, 0): numbers.normal(36),
    ])
    for (features, images) in pairs {
      #expect(oracle.values(of: [features]) == oracle.values(of: [images]))
    }
  }
}
