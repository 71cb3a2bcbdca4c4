import Autodiff
import Models
import Tasks

/// One member of a method that learns from batches: its parameters, and the plans it takes.
package struct BatchSetup: Sendable {
  package let method: any BatchMethod
  package let model: any Model
  package let values: HyperparameterValues
  package let classes: Int
  /// Body and heads, then running averages.
  package let parameters: ParameterLayout

  package init(
    method: any BatchMethod,
    model: any Model,
    values: HyperparameterValues,
    classes: Int
  ) {
    self.method = method
    self.model = model
    self.values = values
    self.classes = classes
    parameters = ParameterLayout(method.memberParameters(for: model, classes: classes))
  }

  /// Where a batch of so many pictures lies; there is no query set.
  package func layout(batch: Int) -> EpisodeLayout {
    EpisodeLayout(
      supportCount: batch,
      queryCount: 1,
      inputShape: model.inputShape,
      targetCount: classes
    )
  }

  private func trace(_ layout: EpisodeLayout, isTraining: Bool) -> EpisodeTrace {
    EpisodeTrace(
      model: model,
      layout: layout,
      parameters: parameters,
      values: values,
      isClassification: true,
      isTraining: isTraining
    )
  }

  /// The loss's gradient, laid out like the parameters, with running averages' distances in their
  /// places; then the loss and the pass's numbers.
  package func trainingPlan(batch: Int) -> (plan: EpisodePlan, names: [String]) {
    let trace = trace(layout(batch: batch), isTraining: true)
    let pass = method.batchPass(trace)
    let all = trace.metaParameters
    let running = RunningStatistics(model.normalisedLayers)
    let distances = running.distances(from: pass.statistics, all)
    let rest = all.filter { distances[$0] == nil }
    let gradients = trace.graph.gradient(of: pass.loss, withRespectTo: rest.values)
    let byName = Dictionary(uniqueKeysWithValues: zip(rest.names, gradients))
    var outputs = zip(all.names, parameters.offsets).compactMap { name, offset in
      (distances[name] ?? byName[name]).map { Plan.Output($0, at: offset) }
    }
    outputs += ([pass.loss] + pass.numbers.map(\.value)).map { Plan.Output($0) }
    return (EpisodePlan(trace, outputs), pass.numbers.map(\.name))
  }

  /// The support set's features and the query set's.
  package func encodingPlan(_ layout: EpisodeLayout) -> EpisodePlan {
    let trace = trace(layout, isTraining: false)
    return EpisodePlan(
      trace,
      [trace.supportInputs, trace.queryInputs].map { Plan.Output(method.encoded(trace, $0)) }
    )
  }
}
