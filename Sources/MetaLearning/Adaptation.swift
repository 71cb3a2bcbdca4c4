import Autodiff
import Models

/// How one episode's parameters moved while they were adapted.
package struct Adaptation {
  /// All meta-parameters with the adapted ones in place at each point of the way: at inner step 0,
  /// 1, …, M, or before and after where a method adapts at once.
  package let parameters: [ParameterTree<Tensor>]
  /// The support loss at each of those points but the last.
  package let innerLosses: [Tensor]
  /// The inner loss's gradient at the first point, by the adapted parameters; empty where no
  /// gradient adapts.
  package let firstGradients: ParameterTree<Tensor>

  package init(
    parameters: [ParameterTree<Tensor>],
    innerLosses: [Tensor],
    firstGradients: ParameterTree<Tensor> = ParameterTree([])
  ) {
    precondition(parameters.count == innerLosses.count + 1, "one loss at each point but the last")
    self.parameters = parameters
    self.innerLosses = innerLosses
    self.firstGradients = firstGradients
  }

  /// θ′, the parameters at the last point.
  package var adapted: ParameterTree<Tensor> { parameters[parameters.count - 1] }
}
