import Autodiff
import Models
import Tasks

/// The symbols of one episode while a method's graph is traced.
///
/// Inputs are bound at replay: meta-parameters, support and query set, hyperparameters that are
/// numbers, and the random draws the method asks for.
package final class EpisodeTrace {
  package let graph = Graph()
  package let model: any Model
  package let values: HyperparameterValues
  /// Targets are one-hot classes, outputs their logits.
  package let isClassification: Bool
  /// False at meta-validation and meta-test.
  package let isTraining: Bool
  package let metaParameters: ParameterTree<Tensor>
  package let supportInputs: Tensor
  package let supportTargets: Tensor
  package let queryInputs: Tensor
  package let queryTargets: Tensor
  /// Standard normal numbers one episode needs, asked for so far.
  package private(set) var noiseCount = 0

  package init(
    model: any Model,
    layout: EpisodeLayout,
    parameters: ParameterLayout,
    values: HyperparameterValues,
    isClassification: Bool = false,
    isTraining: Bool = true
  ) {
    self.model = model
    self.isClassification = isClassification
    self.isTraining = isTraining
    self.values = values
    metaParameters = parameters.tensors(in: graph)
    let graph = graph
    func episode(_ offset: Int, _ dimensions: [Int]) -> Tensor {
      graph.input(.episode, at: offset, Shape(dimensions))
    }
    supportInputs = episode(layout.supportInputs, [layout.supportCount] + layout.inputShape)
    supportTargets = episode(layout.supportTargets, [layout.supportCount, layout.targetCount])
    queryInputs = episode(layout.queryInputs, [layout.queryCount] + layout.inputShape)
    queryTargets = episode(layout.queryTargets, [layout.queryCount, layout.targetCount])
  }

  /// A hyperparameter as an input of the graph: changing it retraces nothing.
  package func setting(_ id: String) -> Tensor {
    guard let index = values.descriptors.firstIndex(where: { $0.id == id }) else {
      preconditionFailure("no hyperparameter \(id)")
    }
    return graph.input(.settings, at: values.settingOffset(index), .scalar)
  }

  /// Fresh standard normal numbers, drawn once an episode: every use of the tensor, also in the
  /// backward recursion, sees the same draw.
  package func normal(_ shape: Shape) -> Tensor {
    let tensor = graph.input(.noise, at: noiseCount, shape)
    noiseCount += shape.paddedCount
    return tensor
  }

  /// Mean squared error over all outputs, or mean cross-entropy of logits (methods 0.1).
  package func loss(_ output: Tensor, _ targets: Tensor) -> Tensor {
    if isClassification { return output.crossEntropy(targets) }
    let error = output - targets
    return (error * error).mean()
  }

  /// The body's features in an ordinary forward pass.
  package func features(
    of examples: Tensor,
    _ parameters: ParameterTree<Tensor>,
    _ statistics: BatchStatistics
  ) -> Tensor {
    model.features(of: examples, parameters, statistics: statistics, perturb: nil)
  }

  package func queryLoss(_ method: any Method, _ parameters: ParameterTree<Tensor>) -> Tensor {
    loss(method.output(self, queryInputs, parameters, pass: .query), queryTargets)
  }
}
