import Autodiff

/// A multilayer perceptron; the body is all hidden layers, the head the last map.
///
/// MLP-40 (1-40-40-1, 1,761 parameters) is the sinusoid network of Finn et al. (2017).
package struct MLP: Model {
  package let inputCount: Int
  package let hidden: [Int]
  package let outputCount: Int
  package let style: ModelStyle

  package init(inputs: Int, hidden: [Int], outputs: Int, style: ModelStyle = ModelStyle()) {
    precondition(!hidden.isEmpty, "a body needs a hidden layer")
    precondition(style.normalisation != .batch, "layers of units have no batch normalisation")
    inputCount = inputs
    self.hidden = hidden
    outputCount = outputs
    self.style = style
  }

  package var name: String {
    "MLP " + ([inputCount] + hidden + [outputCount]).map(String.init).joined(separator: "-")
      + style.suffix
  }

  package var option: (name: String, width: Int)? { ("mlp", hidden[0]) }

  package var bodyLayers: [String] { hidden.indices.map { "layer\($0 + 1)" } }
  package var normalisedLayers: [NormalisedLayer] { [] }
  package var normalisation: Normalisation { style.normalisation ?? .none }
  package var inputShape: [Int] { [inputCount] }
  package var sites: [FeatureSite] {
    zip(bodyLayers, hidden).map { FeatureSite(name: $0, channels: $1) }
  }
  package var featureCount: Int { hidden[hidden.count - 1] }
  package var unitCount: Int { hidden.reduce(0, +) }

  package var parameters: [ParameterSpecification] {
    var width = inputCount
    var all: [ParameterSpecification] = []
    for (layer, units) in zip(bodyLayers, hidden) {
      all += ParameterSpecification.linear("body.\(layer)", from: width, to: units)
      if normalisation == .layer { all += ParameterSpecification.norm("body.\(layer)", units) }
      width = units
    }
    return all
      + ParameterSpecification.linear(
        "head",
        from: width,
        to: outputCount,
        isBiased: style.hasHeadBias
      )
  }

  package func features(
    of inputs: Tensor,
    _ parameters: ParameterTree<Tensor>,
    statistics: BatchStatistics,
    visitor: BodyVisitor
  ) -> Tensor {
    var values = inputs
    for (index, layer) in bodyLayers.enumerated() {
      let inputs = visitor.entering?(index, values) ?? values
      let weight = parameters["body.\(layer).weight"]
      values = inputs.linear(weight, parameters["body.\(layer).bias"])
      values = visitor.mapping?("body.\(layer)", inputs, values) ?? values
      if normalisation == .layer { values = values.layerNormalised("body.\(layer)", parameters) }
      values = activation(visitor.rectifying?(index, values) ?? values)
    }
    return values
  }

  package func head(_ features: Tensor, _ parameters: ParameterTree<Tensor>) -> Tensor {
    mapped(features, parameters)
  }
}
