import Autodiff
import Events
import Glibc
import Models
import Tasks

/// What keeps a network from learning its training pictures by heart.
package enum Regularizer: Sendable, Equatable {
  case none
  /// MetaPerturb's noise at every site.
  case perturbation
  /// Features are left out by lot and the others enlarged (Srivastava et al. 2014).
  case dropout

  /// Whether it draws noise for a prediction, too.
  package var isNoisy: Bool { self == .perturbation }
}

/// One network trained on labelled pictures, and the plans that take.
///
/// Laid out like an episode: the support set is a batch of the training half, which θ learns from;
/// the query set a batch of the held-out half, which φ learns from (MetaPerturb; Documentation/Methods/MetaPerturb.md).
package struct SupervisedSetup: Sendable {
  /// The group of φ, which several networks share and a transfer freezes.
  package static let sharedGroup = "perturbation"
  /// Its tensors in files, without the group.
  package static let sharedNames = Perturbation().parameters.map {
    String($0.name.dropFirst(sharedGroup.count + 1))
  }

  package let model: any Model
  package let regularizer: Regularizer
  package let values: HyperparameterValues
  package let batch: Int
  /// Height, width and channels of a picture.
  package let inputShape: [Int]
  /// Body and head, φ where there is one, and running averages.
  package let parameters: ParameterLayout

  package init(
    model: any Model,
    regularizer: Regularizer,
    values: HyperparameterValues,
    batch: Int,
    inputShape: [Int]
  ) {
    self.model = model
    self.regularizer = regularizer
    self.values = values
    self.batch = batch
    self.inputShape = inputShape
    parameters = ParameterLayout(Self.parameters(of: model, regularizer))
  }

  package static func parameters(
    of model: any Model,
    _ regularizer: Regularizer
  ) -> [ParameterSpecification] {
    let isPerturbed = regularizer == .perturbation
    return model.parameters + (isPerturbed ? Perturbation(for: model).parameters : [])
      + RunningStatistics(model.normalisedLayers).parameters
      + (isPerturbed ? RunningResponses(model.sites).parameters : [])
  }

  /// Where a batch of each half, or of pictures to be predicted, lies in memory.
  package func layout(batch: Int) -> EpisodeLayout {
    EpisodeLayout(
      supportCount: batch,
      queryCount: batch,
      inputShape: inputShape,
      targetCount: model.outputCount
    )
  }

  private func trace(batch: Int, isTraining: Bool) -> EpisodeTrace {
    EpisodeTrace(
      model: model,
      layout: layout(batch: batch),
      parameters: parameters,
      values: values,
      isClassification: true,
      isTraining: isTraining
    )
  }

  private var layers: RunningStatistics { RunningStatistics(model.normalisedLayers) }
  /// Of the sites there are.
  private var responses: RunningResponses {
    RunningResponses(regularizer == .perturbation ? model.sites : [])
  }

  // MARK: Plans

  /// A traced pass of training: its loss, the outputs it came from, and the averages it moves.
  struct TracedPass {
    let trace: EpisodeTrace
    let loss: Tensor
    let accuracy: Tensor
    let distances: [String: Tensor]
    let sites: [Perturbation.Output]
  }

  /// θ's pass on the training half, normalised by its own batch.
  func trainingPass() -> TracedPass {
    let trace = trace(batch: batch, isTraining: true)
    let (statistics, sites) = (BatchStatistics(), ResponseStatistics())
    let pass = forward(trace, trace.supportInputs, .support(step: 0), statistics, sites)
    let all = trace.metaParameters
    return TracedPass(
      trace: trace,
      loss: trace.loss(pass.output, trace.supportTargets),
      accuracy: pass.output.accuracy(trace.supportTargets),
      distances: layers.distances(from: statistics, all)
        .merging(responses.distances(from: sites, all)) { $1 },
      sites: pass.sites
    )
  }

  /// φ's pass on the held-out half with fresh noise: the network is normalised by its running
  /// averages; the sites by their batch, and their own averages go on moving, as in the published
  /// code.
  func heldOutPass() -> TracedPass {
    let trace = trace(batch: batch, isTraining: true)
    let sites = ResponseStatistics()
    let all = trace.metaParameters
    let pass = forward(trace, trace.queryInputs, .query, layers.values(all), sites)
    return TracedPass(
      trace: trace,
      loss: trace.loss(pass.output, trace.queryTargets),
      accuracy: pass.output.accuracy(trace.queryTargets),
      distances: responses.distances(from: sites, all),
      sites: pass.sites
    )
  }

  /// The training loss's gradient by body and head, laid out like the parameters, what running
  /// averages have moved by, then loss and accuracy.
  package func trainingPlan() -> EpisodePlan {
    plan(trainingPass()) { $0.hasPrefix("body.") || $0.hasPrefix("head.") }
  }

  /// The held-out loss's gradient by φ alone, θ fixed, in the same places.
  package func sharedPlan() -> EpisodePlan {
    plan(heldOutPass()) { $0.hasPrefix(Self.sharedGroup + ".") }
  }

  private func plan(_ pass: TracedPass, learning isLearned: (String) -> Bool) -> EpisodePlan {
    let learned = pass.trace.metaParameters.filter(isLearned)
    let gradients = pass.trace.graph.gradient(of: pass.loss, withRespectTo: learned.values)
    let named = Dictionary(uniqueKeysWithValues: zip(learned.names, gradients))
      .merging(pass.distances) { $1 }
    let outputs = zip(parameters.specifications, parameters.offsets).compactMap {
      parameter,
      offset in
      named[parameter.name].map { Plan.Output($0, at: offset) }
    }
    return EpisodePlan(
      pass.trace,
      outputs + [Plan.Output(pass.loss), Plan.Output(pass.accuracy)]
    )
  }

  /// Shapes of the noise that a pass on a batch draws, by the names of the sites.
  package var noiseShapes: [(site: String, dimensions: [Int])] {
    trainingPass().trace.draws.draws.sites.map { (model.sites[$0.site].name, $0.shape.dimensions) }
  }

  /// What each site does to the batch that θ learns from: means of z, z², s, n and of the share that is
  /// clamped, under the noise of `trainingPlan`.
  package func probePlan() -> EpisodePlan {
    let pass = trainingPass()
    let outputs = pass.sites.flatMap { site -> [Tensor] in
      let excess = site.unclamped - Perturbation.clamp
      // The difference is 0, or not a number where the excess is none.
      let isClamped =
        pass.trace.graph.constant(1, excess.shape).gated(by: excess) + (excess - excess)
      return [
        site.noise.mean(), (site.noise * site.noise).mean(), site.scale.mean(),
        site.multiplier.mean(), isClamped.mean(),
      ]
    }
    return EpisodePlan(pass.trace, outputs.map { Plan.Output($0) })
  }

  /// Each class's probability for a batch of pictures, `[batch, classes]`, under one draw of noise;
  /// everything is normalised by running averages and nothing is clamped.
  package func predictionPlan(batch: Int) -> EpisodePlan {
    let trace = trace(batch: batch, isTraining: false)
    let all = trace.metaParameters
    let pass = forward(
      trace,
      trace.queryInputs,
      .evaluation(sample: 0),
      layers.values(all),
      responses.values(all)
    )
    return EpisodePlan(trace, [Plan.Output(pass.output.logSoftmax().exp())])
  }

  // MARK: The forward pass

  private func forward(
    _ trace: EpisodeTrace,
    _ inputs: Tensor,
    _ pass: Pass,
    _ layers: BatchStatistics,
    _ statistics: ResponseStatistics
  ) -> (output: Tensor, sites: [Perturbation.Output]) {
    let parameters = trace.metaParameters
    var sites: [Perturbation.Output] = []
    let perturbation = Perturbation(for: model)
    func perturb(_ site: Int, _ x: Tensor) -> Tensor {
      let output = perturbation.apply(
        to: x,
        noise: trace.normal(x.shape, for: pass, site: site),
        kappa: trace.setting(MetaPerturb.kappa.id),
        isClamped: trace.isTraining,
        statistics: statistics,
        site: site,
        parameters
      )
      sites.append(output)
      return output.values
    }
    var features = model.features(
      of: inputs,
      parameters,
      statistics: layers,
      visit: regularizer == .perturbation ? perturb : nil
    )
    if regularizer == .dropout, trace.isTraining { features = dropout(trace, features, pass) }
    return (model.head(features, parameters), sites)
  }

  /// Each number of the body's features is zero with probability p, and else 1 / (1 − p) as large.
  private func dropout(_ trace: EpisodeTrace, _ features: Tensor, _ pass: Pass) -> Tensor {
    let share = values.number(SupervisedMethod.dropout.id)
    let draws = trace.normal(features.shape, for: pass, site: 0)
    let kept = trace.graph.constant(1 / (1 - share), features.shape)
      .gated(by: draws - normalQuantile(share))
    return features * kept
  }
}

/// The number below which a standard normal one lies with probability `share`, by bisection.
func normalQuantile(_ share: Double) -> Double {
  var (low, high) = (-10.0, 10.0)
  for _ in 0..<80 {
    let middle = (low + high) / 2
    if 0.5 * erfc(-middle / 2.0.squareRoot()) < share { low = middle } else { high = middle }
  }
  return (low + high) / 2
}
