import Autodiff
import AutodiffOracle
import Foundation
import Models
import Testing

@testable import MetaLearning

@Suite struct KernelFlowTests {
  /// With H = diag(h), A H⁻¹ (I − exp(−tH)) I has the columns of A times (1 − exp(−th)) / h, also where h is 0.
  @Test(arguments: [0.01, 1, 40], [8, 16, 24])
  func diagonalFlowsHaveAClosedForm(time: Double, doublings: Int) {
    let diagonal = [4.0, 0.25, 0, 1e-3]
    let reach = [[1.0, -2, 3, 0.5], [0.25, 4, -1, 2]]
    let graph = Graph()
    let matrix = (0..<16).map { $0 % 5 == 0 ? diagonal[$0 / 5] : 0 }
    let result = KernelFlow.flowed(
      graph.table(reach.flatMap { $0 }, [2, 4]),
      graph.table(matrix, [4, 4]),
      graph.identity(4),
      time: graph.constant(time),
      doublings: doublings
    )
    let values = ReferenceInterpreter(inputs: [:]).values(of: [result])[0]
    for (row, numbers) in reach.enumerated() {
      for (column, number) in numbers.enumerated() {
        let rate = diagonal[column]
        let share = rate == 0 ? time : -expm1(-time * rate) / rate
        #expect(abs(values[row * 4 + column] - number * share) < 1e-6 * max(1, abs(number * share)))
      }
    }
  }

  @Test func doublingsReachTheSpectrum() {
    #expect(KernelFlow.doublings(time: 1, largest: 0.5) == 0)
    #expect(KernelFlow.doublings(time: 1_000, largest: 4) == 12)
    #expect(KernelFlow.doublings(time: 10, largest: .nan) == 0)
  }

  /// B Bᵀ of a wide B against its trace, and a matrix of known eigenvalues.
  @Test func largestEigenvaluesAreFound() {
    // Rotations of diag(5, 2, 0.5) by a Householder matrix I − 2vvᵀ.
    let v = [1.0 / 3, 2.0 / 3, 2.0 / 3]
    let diagonal = [5.0, 2, 0.5]
    func reflection(_ i: Int, _ j: Int) -> Double { (i == j ? 1 : 0) - 2 * v[i] * v[j] }
    let matrix = (0..<9).map { place -> Float in
      let terms = (0..<3).map {
        reflection(place / 3, $0) * diagonal[$0] * reflection(place % 3, $0)
      }
      return Float(terms.reduce(0, +))
    }
    let found = KernelFlow.largestEigenvalues(matrix, count: 6)
    #expect(found.count == 3)
    for (own, wanted) in zip(found, diagonal) { #expect(abs(own - wanted) < 1e-4) }
  }

  /// Layer by layer it is the product of the gradients of every example, at any depth and activation.
  @Test(arguments: [[5], [4, 3], [3, 4, 3]], [Activation.relu, .tanh])
  func tangentKernelIsTheProductOfGradients(hidden: [Int], activation: Activation) throws {
    let style = ModelStyle(activation: activation, hasHeadBias: hidden.count != 2)
    let model = MLP(inputs: 1, hidden: hidden, outputs: 1, style: style)
    #expect(TangentKernel.refusal(of: model, by: "it") == nil)
    let stage = try MethodStage(MAML(), model: model)
    let trace = stage.setup.trace(stage.values)
    let kernel = TangentKernel(trace, trace.supportInputs, trace.metaParameters)
    let gradients = (0..<4).map { example in
      trace.graph.gradient(
        of: kernel.outputs.slice(from: example, as: .scalar),
        withRespectTo: trace.metaParameters.values
      )
    }
    let oracle = stage.oracle(for: trace.graph)
    let matrix = oracle.values(of: [kernel.matrix(with: kernel), kernel.trace])
    let rows = gradients.map { oracle.values(of: $0).flatMap { $0 } }
    for first in 0..<4 {
      for second in 0..<4 {
        let product = zip(rows[first], rows[second]).reduce(0) { $0 + $1.0 * $1.1 }
        let own = matrix[0][first * 4 + second]
        #expect(abs(product - own) < 1e-9 * max(1, abs(own)))
      }
    }
    let diagonal = (0..<4).reduce(0) { $0 + matrix[0][$1 * 5] }
    #expect(abs(diagonal - matrix[1][0]) < 1e-9 * diagonal)
  }

  /// Other networks are refused in a sentence that names them.
  @Test func otherNetworksAreRefused() throws {
    for model: any Model in [
      MLP(inputs: 1, hidden: [4], outputs: 2),
      ConvNet(height: 28, width: 28, inputChannels: 1, channels: 8, outputs: 1),
    ] {
      let refusal = try #require(TangentKernel.refusal(of: model, by: "it"))
      #expect(refusal.contains(model.name) && refusal.contains("--model mlp"))
    }
  }
}
