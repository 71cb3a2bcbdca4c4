import Autodiff
import Models

/// Ways to adapt, for a method's `adapt` to call.
package enum InnerLoop {
  /// `θ_{k+1} = θ_k − rate ⊙ ∇L(θ_k)`, `steps` times, unrolled into the graph.
  ///
  /// The gradients stay part of the graph unless `isFirstOrder` (Finn et al. 2017, equation 1).
  /// `names` are the parameters that move, in the order of the meta-parameters; `rate` is what a
  /// parameter's gradient at an inner step is multiplied by, a scalar or the parameter's own shape;
  /// `loss` is descended, at parameters and inner step 0, 1, …
  package static func gradientSteps(
    _ trace: EpisodeTrace,
    steps: Int,
    isFirstOrder: Bool,
    names: [String],
    rate: (_ name: String, _ step: Int) -> Tensor,
    loss: (_ parameters: ParameterTree<Tensor>, _ step: Int) -> Tensor
  ) -> Adaptation {
    var trajectory = [trace.metaParameters]
    var losses: [Tensor] = []
    var first: [(name: String, value: Tensor)] = []
    for step in 0..<steps {
      let current = trajectory[step]
      let value = loss(current, step)
      let fast = names.map { current[$0] }
      let gradients = trace.graph.gradient(of: value, withRespectTo: fast)
      if step == 0 { first = zip(names, gradients).map { (name: $0, value: $1) } }
      var moved: [String: Tensor] = [:]
      for (index, name) in names.enumerated() {
        let gradient = isFirstOrder ? gradients[index].stoppingGradient() : gradients[index]
        moved[name] = fast[index] - gradient * rate(name, step)
      }
      trajectory.append(current.replacing(moved))
      losses.append(value)
    }
    return Adaptation(
      parameters: trajectory,
      innerLosses: losses,
      firstGradients: ParameterTree(first)
    )
  }
}

extension ParameterTree<Tensor> {
  /// The same tree with some values replaced.
  package func replacing(_ values: [String: Tensor]) -> Self {
    replacing(values: names.map { values[$0] ?? self[$0] })
  }
}
