import Autodiff

/// A parameter's name, shape, and how it begins.
package struct ParameterSpecification: Sendable, Equatable {
  package enum Initialiser: Sendable, Equatable {
    case zeros
    case ones
    /// Uniform in ±bound: PyTorch's default with bound 1/√fan-in.
    case uniform(bound: Float)
    case normal(standardDeviation: Float)
  }

  /// Dotted path; its first part is the group: `body`, `head`, `colearner`, `perturbation`.
  package let name: String
  /// As the engine keeps it: a linear map is `[in, out]`.
  package let shape: Shape
  package let initialiser: Initialiser
  /// The shape in a checkpoint, PyTorch's: a linear map is `[out, in]`.
  package let storedShape: [Int]

  package init(
    _ name: String,
    _ shape: Shape,
    _ initialiser: Initialiser,
    storedShape: [Int]? = nil
  ) {
    self.name = name
    self.shape = shape
    self.initialiser = initialiser
    self.storedShape = storedShape ?? shape.dimensions
  }

  package var group: String { String(name.prefix { $0 != "." }) }

  /// The layer within its group: `layer1` of `body.layer1.weight`, `head` of `head.weight`.
  package var layer: String {
    let parts = name.split(separator: ".")
    return String(parts.count > 2 ? parts[1] : parts[0])
  }

  /// Whether a checkpoint holds the transpose of what the engine keeps.
  package var isStoredTransposed: Bool {
    storedShape.count == 2 && shape.dimensions == storedShape.reversed() && storedShape[0] != 1
      && storedShape[1] != 1
  }

  /// Weight and bias of a linear map, as PyTorch initialises them.
  package static func linear(_ name: String, from inputs: Int, to outputs: Int) -> [Self] {
    let bound = 1 / Float(inputs).squareRoot()
    return [
      Self(
        name + ".weight",
        [inputs, outputs],
        .uniform(bound: bound),
        storedShape: [outputs, inputs]
      ),
      Self(name + ".bias", [outputs], .uniform(bound: bound)),
    ]
  }
}
