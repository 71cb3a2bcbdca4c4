import Autodiff
import AutodiffOracle
import Kernels
import Models
import Testing

@Suite struct ModelStyleTests {
  /// Every kind of network with every function behind its layers, with and without a head's bias.
  struct Variant: CustomTestStringConvertible, Sendable {
    let entry: ModelEntry
    let style: ModelStyle
    /// Widths of the layers, where they are told one by one.
    var layers: [Int]?
    var testDescription: String { model.name }

    /// What nodes see lies in memory in a way of its own; `NodeTests` has their network.
    static let all = ModelCatalog.all.filter { $0.hasStyle && $0.reads != .nodes }.flatMap {
      entry in
      Activation.allCases.flatMap { activation in
        [true, false].map {
          Self(entry: entry, style: ModelStyle(activation: activation, hasHeadBias: $0))
        }
      } + others(entry)
    }

    /// Other normalisations, and as many layers as are allowed at least and some more, of all widths.
    private static func others(_ entry: ModelEntry) -> [Self] {
      let normalised = entry.normalisations.dropFirst().flatMap { norm in
        [Activation.relu, .tanh].map {
          Self(entry: entry, style: ModelStyle(activation: $0, normalisation: norm))
        }
      }
      guard let counts = entry.layerCounts, entry.name != "conv6" else { return normalised }
      let norms: [Normalisation?] = [nil] + entry.normalisations.dropFirst().map(Optional.some)
      return normalised
        + norms.flatMap { norm in
          [counts.lowerBound, counts.lowerBound + 2].map { count in
            Self(
              entry: entry,
              style: ModelStyle(activation: .softplus, normalisation: norm),
              layers: (0..<count).map { 4 + $0 % 3 }
            )
          }
        }
    }

    /// As small as it may be; its width no multiple of a vector's where that is allowed.
    var model: any Model {
      let side = entry.name == "resnet20" ? 8 : 16
      let shape = entry.reads == .images ? [side, side, 2] : [3]
      return entry.make(
        ModelRequest(
          inputShape: shape,
          outputs: 2,
          width: entry.widths.contains(5) ? 5 : 4,
          layers: layers,
          style: style
        )
      )
    }
  }

  /// Plans compute the network's output and gradient as the oracle does, and the gradient is the slope.
  @Test(arguments: Variant.all)
  func networkIsDifferentiatedAndPlanned(_ variant: Variant) {
    let model = variant.model
    let seed: UInt64 = 3
    var numbers = SeededNumbers(seed: seed)
    let graph = Graph()
    var inputs: [Address: [Double]] = [:]
    var offset = 0
    func input(_ shape: Shape, _ values: [Double]) -> (Address, Tensor) {
      let address = Address(.parameters, offset)
      offset += paddedCount(shape.count)
      inputs[address] = values.map { Double(Float($0)) }
      return (address, graph.input(address, shape))
    }
    let parameters = model.parameters.map { parameter in
      let values = numbers.normal(parameter.shape.count)
      let isScale = parameter.name.hasSuffix(".norm.weight")
      let (address, tensor) = input(
        parameter.shape,
        isScale ? values.map { 1 + 0.1 * $0 } : values.map { $0 * 0.4 }
      )
      return (name: parameter.name, address: address, tensor: tensor)
    }
    #expect(parameters.contains { $0.name == "head.bias" } == variant.style.hasHeadBias)
    let shape = Shape([3] + model.inputShape)
    let (_, examples) = input(shape, numbers.normal(shape.count))
    let tree = ParameterTree(parameters.map { ($0.name, $0.tensor) })
    let features = model.features(
      of: examples,
      tree,
      statistics: BatchStatistics(),
      visit: nil
    )
    let output = model.head(features, tree)
    #expect(output.shape == [3, 2])
    let objective = (output * output).mean()
    let gradients = graph.gradient(of: objective, withRespectTo: tree.values)
    let oracle = ReferenceInterpreter(inputs: inputs)
    let exact = oracle.values(of: [output] + gradients)
    let planned = replay([output] + gradients, inputs: inputs)
    for (single, double) in zip(planned, exact) {
      let size = max(double.map { abs($0) }.max() ?? 0, 1e-3)
      let error = zip(single, double).map { abs(Double($0) - $1) }.max() ?? .nan
      // A rectifier's input may be rounded across zero, where its slope jumps.
      #expect(error < 2e-3 * size, "\(error) of \(size), seed \(seed)")
    }
    guard [.tanh, .softplus].contains(variant.style.activation) else { return }
    var moves: [Address: [Double]] = [:]
    var slope = 0.0
    for (parameter, gradient) in zip(parameters, exact.dropFirst()) {
      let direction = numbers.normal(gradient.count)
      moves[parameter.address] = direction
      slope += zip(direction, gradient).reduce(0) { $0 + $1.0 * $1.1 }
    }
    // Maxima may change their pixel along the way, so the way is short.
    let numeric = oracle.slope(of: objective, along: moves, step: 1e-6)
    #expect(abs(slope - numeric) < 1e-4 * max(1, abs(slope)), "\(slope), \(numeric), seed \(seed)")
  }

  @Test func leakyRectifierHasItsSlopeBelowAndAtZero() {
    let graph = Graph()
    let x = graph.input(Address(.episode, 0), [4])
    let y = Activation.leaky(x)
    let gradient = graph.gradient(of: y.sum(), withRespectTo: [x])[0]
    let inputs = [Address(.episode, 0): [-2, 0, 3, Double.nan]]
    let results = replay([y, gradient], inputs: inputs)
    for (value, expected) in zip(results[0], [-0.02, 0, 3] as [Float]) {
      #expect(abs(value - expected) < 1e-6)
    }
    #expect(results[0][3].isNaN)
    for (value, expected) in zip(results[1], [0.01, 0.01, 1] as [Float]) {
      #expect(abs(value - expected) < 1e-6)
    }
  }

  @Test func catalogHasEachNameOnceAndKnowsItsModels() {
    let names = ModelCatalog.all.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(ModelCatalog.names(reading: .numbers) == ["mlp"])
    #expect(ModelCatalog.names(reading: .images) == ["conv4", "conv6", "resnet20"])
    for variant in Variant.all {
      let option = variant.model.option
      // Six blocks that are told one by one are a conv6.
      #expect(option?.name == variant.entry.name || variant.layers != nil)
      #expect(option.map { variant.entry.widths.contains($0.width) } == true)
    }
    #expect(ModelCatalog.entry("conv4")?.widthRule == "use a whole number from 4 to 128")
    #expect(ModelCatalog.entry("resnet20")?.widthText == "4 to 64 in fours")
    #expect(ModelCatalog.names(reading: .surface) == ["point"])
    #expect(ModelCatalog.names(reading: .nodes) == ["gcn"])
    #expect(ModelCatalog.entry("vgg9") == nil)
  }
}
