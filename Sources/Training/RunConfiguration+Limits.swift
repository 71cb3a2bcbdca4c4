import MetaLearning

extension RunConfiguration {
  /// A replay addresses each of its memories with 28 bits of floats; a run of this size would
  /// exceed one of them.
  package static let largestBytes = 8 << 30
  private static let largestSpace = Double(1 << 28)

  /// Why the method cannot run on episodes of this size, or nil.
  package var refusal: String? {
    let layout = source.layout
    return method.refusal(supportCount: layout.supportCount, queryCount: layout.queryCount)
  }

  /// Bytes a run takes, roughly and rather too much.
  package var estimatedBytes: Double {
    4 * (sizes.arena * Double(threads) + sizes.results + sizes.weights * 6)
  }

  /// Whether every one of the run's memories is small enough to be addressed.
  package var isAddressable: Bool {
    max(sizes.arena, sizes.weights, sizes.results) < Self.largestSpace
  }

  /// Floats of the run's memories.
  private var sizes: (arena: Double, weights: Double, results: Double) {
    let layout = source.layout
    let innerSteps = values.number(StandardHyperparameters.innerSteps.id)
    let weights = model.parameters.reduce(0.0) { sum, parameter in
      sum + parameter.shape.dimensions.reduce(1.0) { $0 * Double($1) }
    }
    let units = Double(model.featureCount * model.bodyLayers.count)
    let examples = Double(layout.supportCount + layout.queryCount)
    let evaluated = Double(layout.supportCount + 100)
    // Forward, backward and their derivatives keep about eight values a unit and inner step.
    let arena =
      max(examples, evaluated) * units * 8 * (innerSteps + 1) + weights * 6 * (innerSteps + 1)
    return (arena, weights, weights * Double(metaBatchSize))
  }
}
