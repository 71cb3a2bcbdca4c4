import Autodiff
import Models

/// The inner loop of one episode, unrolled.
package struct Adaptation {
  /// All meta-parameters with the fast weights of inner step 0, 1, …, M in place.
  package let parameters: [ParameterTree<Tensor>]
  /// The inner loss at inner step 0, 1, …, M − 1.
  package let innerLosses: [Tensor]
  /// Its gradient at inner step 0, for the adapted parameters in order.
  package let firstGradients: ParameterTree<Tensor>

  /// θ′, the parameters after the last inner step.
  package var adapted: ParameterTree<Tensor> { parameters[parameters.count - 1] }
}

extension EpisodeTrace {
  /// θ_{k+1} = θ_k − α ∇L_S(θ_k), `steps` times; the gradients stay part of the graph unless
  /// `isFirstOrder` (methods 0.2, A.2).
  package func adapt(_ method: any Method, steps: Int, isFirstOrder: Bool) -> Adaptation {
    let rate = setting(StandardHyperparameters.innerLearningRate.id)
    let fastNames = metaParameters.names.filter { method.isAdapted($0, values) }
    var trajectory = [metaParameters]
    var losses: [Tensor] = []
    var first: [(String, Tensor)] = []
    for step in 0..<steps {
      let current = trajectory[step]
      let loss = method.innerLoss(self, current, step: step)
      let fast = fastNames.map { current[$0] }
      let gradients = graph.gradient(of: loss, withRespectTo: fast)
      if step == 0 { first = Array(zip(fastNames, gradients)) }
      let moved = zip(fast, gradients).map { weight, gradient in
        weight - (isFirstOrder ? gradient.stoppingGradient() : gradient) * rate
      }
      let byName = Dictionary(uniqueKeysWithValues: zip(fastNames, moved))
      trajectory.append(
        current.replacing(values: current.names.map { byName[$0] ?? current[$0] })
      )
      losses.append(loss)
    }
    return Adaptation(
      parameters: trajectory,
      innerLosses: losses,
      firstGradients: ParameterTree(first.map { (name: $0.0, value: $0.1) })
    )
  }
}
