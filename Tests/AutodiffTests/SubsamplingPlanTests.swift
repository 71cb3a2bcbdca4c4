import AutodiffOracle
import Kernels
import Testing

@testable import Autodiff

/// What a stride of two and a global mean are made of, in graphs.
@Suite struct SubsamplingPlanTests {
  /// A convolution, subsampled, and its images' means: two orders of derivatives, planned and exact.
  @Test(arguments: [1, 2] as [UInt64])
  func plansComputeWhatTheGraphSays(seed: UInt64) {
    var numbers = SeededNumbers(seed: seed)
    let graph = Graph()
    let shapes: [Shape] = [[3, 6, 4, 5], [3, 3, 5, 17], [17]]
    let addresses = shapes.indices.map { Address(.episode, $0 * 4096) }
    let values = shapes.map { shape in numbers.normal(shape.count).map { Double(Float($0)) } }
    let sources = zip(addresses, shapes).map { graph.input($0, $1) }
    let halved = sources[0].convolution(sources[1]).subsampled()
    let means = (halved * sources[2].broadcast(.row, to: halved.shape)).tanh().spatialMean()
    let objective = (means * means).sum()
    let first = graph.gradient(of: objective, withRespectTo: sources)
    let slope = zip(first, sources).reduce(graph.constant(0)) { $0 + ($1.0 * $1.1.tanh()).sum() }
    let outputs = [halved, means] + first + graph.gradient(of: slope, withRespectTo: sources)
    let inputs = Dictionary(uniqueKeysWithValues: zip(addresses, values))
    let exact = ReferenceInterpreter(inputs: inputs).values(of: outputs)
    for (output, (planned, values)) in zip(replay(outputs, inputs: inputs), exact).enumerated() {
      let size = values.map { abs($0) }.max() ?? 0
      let error = zip(planned, values).map { abs(Double($0) - $1) }.max() ?? .nan
      #expect(size > 0 && error <= 1e-5 * size, "output \(output): \(error) of \(size)")
    }
  }

  /// A stride of two keeps the pixels whose row and column are even.
  @Test func everySecondPixelOfEverySecondRowIsKept() {
    let graph = Graph()
    let address = Address(.episode, 0)
    let images = graph.input(address, [1, 4, 6, 1])
    let values = replay([images.subsampled()], inputs: [address: (0..<24).map(Double.init)])
    #expect(values[0] == [0, 2, 4, 12, 14, 16])
  }
}
