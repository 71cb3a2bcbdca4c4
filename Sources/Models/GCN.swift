import Autodiff

/// How a set of nodes lies in an episode's memory: sparse matrices, and where they begin.
package struct NodeInputs: Sendable, Hashable {
  /// A matrix and its place among the set's numbers.
  package struct Part: Sendable, Hashable {
    package let form: SparseForm
    package let start: Int

    package init(_ form: SparseForm, at start: Int) { (self.form, self.start) = (form, start) }
  }

  /// Floats of the set.
  package let count: Int
  package let examples: Int
  /// Â from the nodes to the rows whose second layer is computed, or to those of the first layer.
  package let near: Part
  /// Which rows of the second layer are the nodes', and Â from those rows to the first layer's; nil
  /// where the nodes alone have features.
  package let chosen: Part?
  package let far: Part?
  /// Â X at the rows of the first layer.
  package let features: Part
  /// X at the nodes; nil where nobody asked for it.
  package let own: Part?

  package init(
    count: Int,
    examples: Int,
    near: Part,
    chosen: Part? = nil,
    far: Part? = nil,
    features: Part,
    own: Part? = nil
  ) {
    self.count = count
    self.examples = examples
    self.near = near
    self.chosen = chosen
    self.far = far
    self.features = features
    self.own = own
  }
}

/// A network that reads nodes of a graph: what it is given of an episode is known by its size alone.
package protocol NodeModel: Model {
  /// The same for sets that lie in memory like these.
  func reading(_ sets: [NodeInputs]) -> Self

  /// Rows whose first layer a set of this size asks for; dropout acts on them.
  func rowCount(of inputs: Tensor) -> Int

  /// The weight that reads the features, a row for each of them.
  var attributeWeight: String { get }

  /// Xᵀ · weights `[features, n]` for weights `[nodes, n]` of the set's nodes: sums of their features, which the
  /// run must have asked for.
  func attributes(of inputs: Tensor, weighedBy weights: Tensor) -> Tensor

  /// What the mean over nodes and their neighbours gives of the features; features themselves where
  /// neighbours have none.
  func neighbourhood(_ features: Tensor) -> Tensor
}

/// A graph convolutional network of two layers (Kipf and Welling 2017): H = act(Â X W₁ + b₁),
/// Z = Â H W₂ + b₂ without a rectifier, and a linear head on the rows of Z.
///
/// Â X is made beforehand, and the first layer is computed for the rows alone that the set's outputs
/// depend on, which changes no number of theirs. Weights and biases of the body and the head begin
/// between ±1/√outputs, as in TLP-FSNC.
package struct GCN: NodeModel {
  package let inputCount: Int
  package let width: Int
  package let outputCount: Int
  package let style: ModelStyle
  private var sets: [NodeInputs] = []

  package init(inputs: Int, width: Int, outputs: Int, style: ModelStyle = ModelStyle()) {
    (inputCount, self.width, outputCount, self.style) = (inputs, width, outputs, style)
  }

  package var name: String { "GCN \(inputCount)-\(width)-\(width)-\(outputCount)" + style.suffix }
  package var family: ModelFamily { .graph }
  package var option: (name: String, width: Int)? { ("gcn", width) }
  package var bodyLayers: [String] { ["layer1", "layer2"] }
  package var normalisedLayers: [NormalisedLayer] { [] }
  package var sites: [FeatureSite] { bodyLayers.map { FeatureSite(name: $0, channels: width) } }
  package var inputShape: [Int] { [inputCount] }
  package var featureCount: Int { width }
  package var unitCount: Int { 2 * width }

  package var parameters: [ParameterSpecification] {
    let body = [("body.layer1", inputCount), ("body.layer2", width)].flatMap {
      ParameterSpecification.linear($0, from: $1, to: width, bound: 1 / Float(width).squareRoot())
    }
    return body
      + ParameterSpecification.linear(
        "head",
        from: width,
        to: outputCount,
        isBiased: style.hasHeadBias,
        bound: 1 / Float(outputCount).squareRoot()
      )
  }

  package func reading(_ sets: [NodeInputs]) -> Self {
    precondition(
      Set(sets.map(\.count)).count == Set(sets).count,
      "sets of one size lie in memory in two ways"
    )
    var copy = self
    copy.sets = sets
    return copy
  }

  private func set(_ inputs: Tensor) -> NodeInputs {
    guard let set = sets.first(where: { $0.count == inputs.shape.count }) else {
      preconditionFailure("no set of nodes has \(inputs.shape) numbers")
    }
    return set
  }

  package func rowCount(of inputs: Tensor) -> Int { set(inputs).features.form.rows }

  package let attributeWeight = "body.layer1.weight"

  package func attributes(of inputs: Tensor, weighedBy weights: Tensor) -> Tensor {
    guard let own = set(inputs).own else { preconditionFailure("the set has no features") }
    return inputs.slice(from: own.start, as: [own.form.count])
      .sparseProduct(own.form, weights, isTransposed: true)
  }

  /// `[nodes, width]`; where neighbours have features, Â of theirs stands beside the nodes' own.
  package func features(
    of inputs: Tensor,
    _ parameters: ParameterTree<Tensor>,
    statistics: BatchStatistics,
    visitor: BodyVisitor
  ) -> Tensor {
    let set = set(inputs)
    func times(_ part: NodeInputs.Part, _ other: Tensor) -> Tensor {
      inputs.slice(from: part.start, as: [part.form.count]).sparseProduct(part.form, other)
    }
    func finished(_ layer: Int, _ read: Tensor, _ product: Tensor) -> Tensor {
      let name = "body.\(bodyLayers[layer])"
      let bias = parameters[name + ".bias"]
      var values = product + bias.broadcast(width == 1 ? .scalar : .row, to: product.shape)
      values = visitor.mapping?(name, read, values) ?? values
      return visitor.rectifying?(layer, values) ?? values
    }
    // What the first layer reads is sparse, and nobody's to replace.
    let first = times(set.features, parameters["body.layer1.weight"])
    var hidden = activation(finished(0, first, first))
    hidden = visitor.entering?(1, hidden) ?? hidden
    let seen = times(set.far ?? set.near, hidden)
    let values = finished(1, seen, seen.matmul(parameters["body.layer2.weight"]))
    guard let chosen = set.chosen else { return values }
    return Tensor.sideBySide([times(chosen, values), times(set.near, values)])
  }

  package func headInputs(_ features: Tensor) -> Tensor { part(features, 0) }

  package func neighbourhood(_ features: Tensor) -> Tensor {
    part(features, features.shape.columns / width - 1)
  }

  /// One of the matrices that stand side by side.
  private func part(_ features: Tensor, _ index: Int) -> Tensor {
    guard features.shape.columns > width else { return features }
    let rows = features.shape.rows
    return features.transposed().slice(from: index * width * rows, as: [width, rows]).transposed()
  }

  package func head(_ features: Tensor, _ parameters: ParameterTree<Tensor>) -> Tensor {
    mapped(headInputs(features), parameters)
  }
}
