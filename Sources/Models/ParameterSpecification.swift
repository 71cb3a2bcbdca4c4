import Autodiff

/// A parameter's name, shape, and how it begins.
package struct ParameterSpecification: Sendable, Equatable {
  package enum Initialiser: Sendable, Equatable {
    case zeros
    case ones
    /// Uniform in ±bound: PyTorch's default with bound 1/√fan-in.
    case uniform(bound: Float)
    case normal(standardDeviation: Float)
    /// Uniform between two bounds.
    case between(lower: Float, upper: Float)
    case constant(Float)
  }

  /// Dotted path; its first part is the group: `body`, `head`, or one of a method's own.
  package let name: String
  /// As the engine keeps it: a linear map is `[in, out]`.
  package let shape: Shape
  package let initialiser: Initialiser
  /// The shape in a checkpoint, PyTorch's: linear maps are `[out, in]`, convolutions
  /// `[out, in, 3, 3]` or `[out, in, 1, 1]`.
  package let storedShape: [Int]
  /// How the engine's numbers lie in a checkpoint.
  package let order: StoredOrder
  /// The name in checkpoints.
  package let storedName: String
  /// Other names under which a file of initial parameters may hold it.
  package let otherNames: [String]

  package init(
    _ name: String,
    _ shape: Shape,
    _ initialiser: Initialiser,
    storedShape: [Int]? = nil,
    order: StoredOrder? = nil,
    storedName: String? = nil,
    otherNames: [String] = []
  ) {
    self.name = name
    self.shape = shape
    self.initialiser = initialiser
    self.storedShape = storedShape ?? shape.dimensions
    self.order = order ?? StoredOrder(axes: [shape.count], permutation: [0])
    self.storedName = storedName ?? name
    self.otherNames = otherNames
  }

  /// A parameter of the same shape that belongs to this one: `rates.body.layer1.weight`.
  package func companion(_ group: String, _ initialiser: Initialiser) -> Self {
    Self("\(group).\(name)", shape, initialiser, storedShape: storedShape, order: order)
  }

  /// The same under another name, in files too.
  package func renamed(_ name: String) -> Self {
    Self(name, shape, initialiser, storedShape: storedShape, order: order)
  }

  package var group: String { String(name.prefix { $0 != "." }) }

  /// The layer within its group: `layer1` of `body.layer1.weight`, `head` of `head.weight`.
  package var layer: String {
    let parts = name.split(separator: ".")
    return String(parts.count > 2 ? parts[1] : parts[0])
  }

  /// Weight and, where it has one, bias of a linear map, as PyTorch initialises them.
  ///
  /// `image` is the height, width and channels of the features when they come from images: a
  /// checkpoint flattens them channels first. `bound` is that of other initial values.
  package static func linear(
    _ name: String,
    from inputs: Int,
    to outputs: Int,
    image: (height: Int, width: Int, channels: Int)? = nil,
    isBiased: Bool = true,
    bound: Float? = nil
  ) -> [Self] {
    let bound = bound ?? 1 / Float(inputs).squareRoot()
    let order =
      image.map {
        StoredOrder(axes: [$0.height, $0.width, $0.channels, outputs], permutation: [3, 2, 0, 1])
      } ?? StoredOrder(axes: [inputs, outputs], permutation: [1, 0])
    let weight = Self(
      name + ".weight",
      [inputs, outputs],
      .uniform(bound: bound),
      storedShape: [outputs, inputs],
      order: order
    )
    return [weight] + (isBiased ? [Self(name + ".bias", [outputs], .uniform(bound: bound))] : [])
  }

  /// A 3×3 convolution with bias and the batch normalisation behind it, as PyTorch initialises
  /// them: `NAME.conv.weight`, `.conv.bias`, `.norm.weight`, `.norm.bias`.
  package static func block(_ name: String, from inputs: Int, to outputs: Int) -> [Self] {
    plainBlock(name, from: inputs, to: outputs) + norm(name, outputs)
  }

  /// The convolution and its bias alone.
  static func plainBlock(_ name: String, from inputs: Int, to outputs: Int) -> [Self] {
    let bound = 1 / Float(9 * inputs).squareRoot()
    let bias = Self(name + ".conv.bias", [outputs], .uniform(bound: bound))
    return [convolution(name, from: inputs, to: outputs), bias]
  }

  /// The same without bias.
  package static func unbiasedBlock(_ name: String, from inputs: Int, to outputs: Int) -> [Self] {
    [convolution(name, from: inputs, to: outputs)] + norm(name, outputs)
  }

  /// A 1×1 convolution without bias and the batch normalisation behind it; the engine keeps its
  /// weights as the matrix `[in, out]` they are.
  package static func projection(_ name: String, from inputs: Int, to outputs: Int) -> [Self] {
    let weight = Self(
      name + ".conv.weight",
      [inputs, outputs],
      .uniform(bound: 1 / Float(inputs).squareRoot()),
      storedShape: [outputs, inputs, 1, 1],
      order: StoredOrder(axes: [inputs, outputs], permutation: [1, 0])
    )
    return [weight] + norm(name, outputs)
  }

  private static func convolution(_ name: String, from inputs: Int, to outputs: Int) -> Self {
    Self(
      name + ".conv.weight",
      [3, 3, inputs, outputs],
      .uniform(bound: 1 / Float(9 * inputs).squareRoot()),
      storedShape: [outputs, inputs, 3, 3],
      order: StoredOrder(axes: [3, 3, inputs, outputs], permutation: [3, 2, 0, 1])
    )
  }

  /// Scale and shift behind a layer, by unit or channel: `NAME.norm.weight`, `.norm.bias`.
  static func norm(_ name: String, _ channels: Int) -> [Self] {
    [
      Self(name + ".norm.weight", [channels], .ones),
      Self(name + ".norm.bias", [channels], .zeros),
    ]
  }
}

/// A permutation of axes between the engine's layout and a checkpoint's.
package struct StoredOrder: Sendable, Equatable {
  /// The engine's axes, slowest first.
  package let axes: [Int]
  /// The engine's axis at each place of the checkpoint.
  package let permutation: [Int]

  package init(axes: [Int], permutation: [Int]) {
    self.axes = axes
    self.permutation = permutation
  }

  /// For each place in the checkpoint, the place in the engine's memory.
  package func sources() -> [Int] {
    var strides = [Int](repeating: 1, count: axes.count)
    for axis in axes.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * axes[axis + 1]
    }
    var places = [0]
    for axis in permutation {
      places = places.flatMap { place in
        (0..<axes[axis]).map { place + $0 * strides[axis] }
      }
    }
    return places
  }
}
