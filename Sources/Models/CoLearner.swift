import Autodiff

/// CML's second head for regression: one hidden layer, then a linear map (CML 4.1).
///
/// It has 1,681 weights at width 40, reads the body's features, and takes no inner-loop step.
package struct CoLearner: Sendable {
  package let featureCount: Int
  package let outputCount: Int

  package init(featureCount: Int, outputCount: Int) {
    self.featureCount = featureCount
    self.outputCount = outputCount
  }

  package var parameters: [ParameterSpecification] {
    ParameterSpecification.linear("colearner.layer1", from: featureCount, to: featureCount)
      + ParameterSpecification.linear("colearner.head", from: featureCount, to: outputCount)
  }

  /// `[examples, outputs]` from features `[examples, features]`.
  package func output(_ features: Tensor, _ parameters: ParameterTree<Tensor>) -> Tensor {
    features
      .linear(parameters["colearner.layer1.weight"], parameters["colearner.layer1.bias"]).relu()
      .linear(parameters["colearner.head.weight"], parameters["colearner.head.bias"])
  }
}
