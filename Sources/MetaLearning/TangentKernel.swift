import Autodiff
import Models

/// The tangent kernel of a perceptron with one output, layer by layer: K(x, x′) = ⟨∇_θ f(x), ∇_θ f(x′)⟩ over
/// all its weights and biases.
///
/// A map's gradient at an example is the product of what it reads, a, and the output's slope d at what it
/// gives, so K = Σ (d · d′)(a · a′ + 1), and no gradient of a single example is ever taken (Jacot et al.,
/// NeurIPS 2018; the sum is the chain rule). Any depth, any width, any activation.
package struct TangentKernel {
  /// One map at all examples: d `[n, out]`, a `[n, in]`.
  private struct Factor {
    let slopes: Tensor
    let inputs: Tensor
    let isBiased: Bool
  }

  private let factors: [Factor]
  /// f at the examples, `[n, 1]`.
  package let outputs: Tensor

  package init(_ trace: EpisodeTrace, _ examples: Tensor, _ parameters: ParameterTree<Tensor>) {
    var read: [(inputs: Tensor, values: Tensor, isBiased: Bool)] = []
    let visitor = BodyVisitor(mapping: { map, inputs, values in
      read.append((inputs, values, parameters.names.contains(map + ".bias")))
      return values
    })
    let features = trace.model.features(
      of: examples,
      parameters,
      statistics: BatchStatistics(),
      visitor: visitor
    )
    outputs = trace.model.head(features, parameters)
    // Examples do not meet, so the sum's slope is each one's own.
    let slopes = trace.graph.gradient(of: outputs.sum(), withRespectTo: read.map(\.values))
    let head = Factor(
      slopes: trace.graph.constant(1, outputs.shape),
      inputs: trace.model.headInputs(features),
      isBiased: parameters.names.contains("head.bias")
    )
    factors =
      zip(read, slopes).map { Factor(slopes: $1, inputs: $0.inputs, isBiased: $0.isBiased) } + [
        head
      ]
  }

  /// K at all pairs of its examples and the other's, `[n, m]`.
  package func matrix(with other: Self) -> Tensor {
    let parts = zip(factors, other.factors).map { own, other in
      let reads = own.inputs.matmul(other.inputs.transposed())
      return own.slopes.matmul(other.slopes.transposed()) * (own.isBiased ? reads + 1 : reads)
    }
    return parts.dropFirst().reduce(parts[0], +)
  }

  /// Σ K(x, x) over its examples, a single number.
  package var trace: Tensor {
    let parts = factors.map { factor in
      let reads = (factor.inputs * factor.inputs).sumOverColumns()
      let slopes = (factor.slopes * factor.slopes).sumOverColumns()
      return (slopes * (factor.isBiased ? reads + 1 : reads)).sum()
    }
    return parts.dropFirst().reduce(parts[0], +)
  }

  /// Why a network's kernel is not this sum, or nil.
  package static func refusal(of model: any Model, by method: String) -> String? {
    let isPerceptron =
      model.family == .dense && model.normalisedLayers.isEmpty
      && model.parameters.allSatisfy { parameter in
        let isWeight = parameter.name.hasSuffix(".weight") && parameter.shape.dimensions.count == 2
        return isWeight
          || (parameter.name.hasSuffix(".bias") && parameter.shape.dimensions.count == 1)
      }
      && model.parameters.count { $0.name.hasSuffix(".weight") } == model.bodyLayers.count + 1
    guard isPerceptron, model.outputCount == 1 else {
      return "\(method) follows the tangent kernel of a perceptron with one output, and "
        + "\(model.name) is none; use --model mlp without layer norm on a task of single numbers, "
        + "such as sinusoid"
    }
    return nil
  }
}
