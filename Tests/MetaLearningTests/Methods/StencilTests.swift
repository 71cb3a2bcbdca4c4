import Autodiff
import AutodiffOracle
import Kernels
import Testing

@testable import MetaLearning

/// The noise network's own operations: their gradients, what plans compute, and what becomes of maps of
/// one pixel.
@Suite struct StencilTests {
  /// Inputs away from 0, where a response bends, and a random graph on them.
  private struct Check {
    let graph = Graph()
    var oracle = ReferenceInterpreter(inputs: [:])
    var sources: [Tensor] = []
    var addresses: [Address] = []
    var numbers: SeededNumbers

    mutating func direction(_ shape: Shape) -> Tensor {
      let address = Address(.parameters, oracle.inputs.count * 4096)
      oracle.inputs[address] = numbers.normal(shape.count)
      return graph.input(address, shape)
    }

    mutating func source(_ shape: Shape) -> Tensor {
      addresses.append(Address(.parameters, oracle.inputs.count * 4096))
      let tensor = direction(shape)
      sources.append(tensor)
      return tensor
    }

    mutating func apply(_ operation: StencilOperation) -> Tensor {
      let images: Shape = [2, 3, 4, 2]
      switch operation {
      case .stencil(let isTransposed):
        return source(images).stencil(source([9]), isTransposed: isTransposed)
      case .kernelGradient: return source(images).stencilKernelGradient(source(images))
      case .choice:
        // Few pixels, so that no response bends where it is differentiated.
        let means = source([2, 2, 2, 1]).meanResponses(source([4, 9]))
        return means.dropFirst().reduce(means[0] * means[0], +)
      case .responses: return source(images).responses(source([4, 9]), choice(images))
      case .responsesInputGradient:
        return source([4, 2, 2]).responsesInputGradient(source([4, 9]), choice(images))
      case .responsesKernelGradient:
        return source(images).responsesKernelGradient(source([4, 2, 2]), choice(images))
      }
    }

    /// A choice that depends on nothing that is differentiated.
    private mutating func choice(_ images: Shape) -> Tensor {
      direction(images).responseChoice(direction([4, 9]))
    }
  }

  /// Orders 1 to 3 along random directions: the slope of each order's slope.
  @Test(arguments: StencilOperation.all)
  func gradientIsTheSlope(_ operation: StencilOperation) {
    let seed: UInt64 = 21
    var check = Check(numbers: SeededNumbers(seed: seed))
    let value = check.apply(operation)
    var objective = (check.direction(value.shape) * value * value).sum()
    for order in 1...3 {
      let gradients = check.graph.gradient(of: objective, withRespectTo: check.sources)
      let before = check.oracle.inputs
      var moves: [Address: [Double]] = [:]
      var slope = check.graph.constant(0)
      for (index, (source, gradient)) in zip(check.sources, gradients).enumerated() {
        #expect(gradient.shape == source.shape)
        let direction = check.direction(source.shape)
        slope = slope + (gradient * direction).sum()
        let place = Address(.parameters, (before.count + index) * 4096)
        moves[check.addresses[index]] = check.oracle.inputs[place]
      }
      let analytic = check.oracle.values(of: [slope])[0][0]
      let numeric = check.oracle.slope(of: objective, along: moves)
      #expect(
        abs(analytic - numeric) < 1e-6 * max(1, abs(numeric)),
        "\(operation), order \(order), seed \(seed)"
      )
      objective = slope
    }
  }

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
    let operations = graph.nodes.compactMap { node -> StencilOperation? in
      guard case .fused(let fused) = node.primitive else { return nil }
      return fused.operation as? StencilOperation
    }
    #expect(Set(operations) == Set(StencilOperation.all))
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
    let (own, others) = (ResponseStatistics(), ResponseStatistics())
    let moments = own.moments(of: x, kernels, site: 0)
    let ofImages = others.moments(of: image, kernels, site: 0)
    let pairs =
      [(x.stencil(kernel), image.stencil(kernel))]
      + zip(moments.means + moments.variances, ofImages.means + ofImages.variances)
    let oracle = ReferenceInterpreter(inputs: [
      Address(.episode, 0): numbers.normal(15), Address(.parameters, 0): numbers.normal(36),
    ])
    for (features, images) in pairs {
      let values = zip(oracle.values(of: [features])[0], oracle.values(of: [images])[0])
      let error = values.map { abs($0 - $1) }.max() ?? .nan
      #expect(error < 1e-12 && features.shape.count == images.shape.count)
    }
  }
}
