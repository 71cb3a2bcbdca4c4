import Autodiff
import AutodiffOracle
import Foundation
import Kernels
import Models
import Testing

@testable import MetaLearning

@Suite struct CxGradTests {
  private static let pictures = ConvNet(
    height: 16,
    width: 16,
    inputChannels: 1,
    channels: 4,
    outputs: 2
  )

  private func stage(_ settings: [String: Double] = [:]) throws -> MethodStage {
    try MethodStage(
      CxGrad(),
      model: Self.pictures,
      shot: 4,
      queryShot: 4,
      settings.merging(["context-size": 3, "inner-steps": 1]) { own, _ in own }
    )
  }

  /// With inner rates of 0 the body ends at its scales: γ W/‖W‖, as softplus(W₂ relu(b₁) + b₂)
  /// says.
  @Test func weightsTakeTheLengthsOfTheirScales() throws {
    let stage = try stage(["inner-lr": 0, "context-lr": 0])
    let trace = stage.setup.trace(stage.values)
    let adapted = stage.adaptation(trace).adapted
    let names = (1...4).map { "body.block\($0).conv.weight" }
    let norms = names.map { (adapted[$0] * adapted[$0]).sum().squareRoot() }
    let parameters = trace.metaParameters
    let found = stage.oracle(for: trace.graph).values(
      of: norms
        + ["layer1.bias", "layer2.weight", "layer2.bias"].map { parameters["generator.\($0)"] }
    )
    let (first, weight, bias) = (found[4], found[5], found[6])
    for layer in 0..<4 {
      let sum = first.indices.reduce(bias[layer]) {
        $0 + max(first[$1], 0) * weight[$1 * 4 + layer]
      }
      let scale = log(1 + exp(sum))
      #expect(abs(found[layer][0] - scale) < 1e-9 * scale, "block \(layer + 1)")
    }
  }

  /// Normalisation undoes the scales, so the outputs before a step are MAML's.
  @Test func scalesCancelInTheNormalisation() throws {
    let own = try stage().training()
    let plain = try MethodStage(MAML(), model: Self.pictures, shot: 4, queryShot: 4).training()
    #expect(abs(own.supportLoss - plain.supportLoss) < 1e-3 * plain.supportLoss)
  }

  /// On residual networks every convolution has its scale and its gradient, shortcuts too.
  @Test func residualNetworksHaveAScaleForEachConvolution() throws {
    let model = ResNet20(
      height: 8,
      width: 8,
      inputChannels: 1,
      channels: 2,
      outputs: 2,
      style: CxGrad().modelDefaults
    )
    let stage = try MethodStage(CxGrad(), model: model, shot: 4, queryShot: 4)
    let convolutions = model.parameters.filter { $0.name.hasSuffix(".conv.weight") }
    let scales = stage.setup.parameters.specifications.first { $0.name == "generator.layer2.bias" }
    #expect(scales?.shape.dimensions == [convolutions.count] && convolutions.count == 21)
    expectNorms(stage.probes().innerGradientNorms, of: stage)
  }

  @Test func theContextsFirstGradientIsAConstant() throws {
    #expect(!CxGrad().isMetaGradientExact(try stage().values))
    #expect(CxGrad().modelDefaults.activation == .leaky && CxGrad().tasks == [.classification])
  }
}
