import Autodiff
import Events
import Models

/// Meta-RKHS-I: no inner loop in training; the loss falls while its gradient grows, so that a few gradient steps
/// help at meta-test (Zhou et al., ICLR 2021, section 3.2).
///
/// E = L − a ‖∇L‖² on support and query set together, and for squared error ‖∇L‖² = (4/n²) rᵀK r with the
/// residuals r and the tangent kernel K. Published, a is a number, and E has no lower bound. Bounded (ours),
/// a ≤ c n / (4 tr K), so that E ≥ (1 − c) L and K's scale brings no reward.
package struct MetaRKHSI: Method {
  package static let steepness = HyperparameterDescriptor(
    id: "steepness",
    symbol: "a",
    kind: .logarithmic(0...1),
    defaultValue: 0.02,
    help: "how much the squared norm of a task's gradient is rewarded; 0: joint training"
  )

  /// Where there is no bound.
  private static let unbounded = 1.0

  package static let bound = HyperparameterDescriptor(
    id: "steepness-bound",
    symbol: "c",
    kind: .linear(0...unbounded, step: 0.05),
    defaultValue: 0.5,
    help:
      "a is at most c n / (4 tr K), differentiated too; off (or 1): published, which diverges on "
      + "sinusoids",
    isStructural: true,
    role: .switch(off: unbounded)
  )

  package let descriptor = MethodDescriptor(
    id: "meta-rkhs-i",
    name: "Meta-RKHS-I",
    citation: "Zhou et al.: Meta-Learning with Neural Tangent Kernels, ICLR 2021",
    order: .second,
    summary:
      "No inner loop in training: the loss of all tasks falls while its gradient is rewarded "
      + "for being steep, so that gradient steps help at meta-test.",
    equation: "E = L(θ) − a ‖∇L(θ)‖²,  a ≤ c n / (4 tr K)\n"
      + "θ ← Adam(mean of ∇E),  rate β;  at meta-test M steps of rate α"
  )

  package init() {}

  /// Its objective is of no query set.
  package var seams: Set<MethodSeam> { [] }

  // MARK: What can be set

  package var tasks: Set<TaskAbility> { [.regression] }

  package func sharedHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    let standard = StandardHyperparameters.self
    return [
      HyperparameterDescriptor(
        id: standard.innerLearningRate.id,
        symbol: standard.innerLearningRate.symbol,
        kind: standard.innerLearningRate.kind,
        defaultValue: 0.01,
        help: "learning rate of the steps at meta-test; training makes none",
        role: .innerRate
      ),
      HyperparameterDescriptor(
        id: standard.innerSteps.id,
        symbol: standard.innerSteps.symbol,
        kind: standard.innerSteps.kind,
        defaultValue: 10,
        help:
          "gradient steps at meta-test, and for the query loss that is shown; training makes none",
        isStructural: true,
        role: .innerSteps
      ),
      standard.outerLearningRate, standard.outerSchedule,
    ]
  }

  package func ownHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    [Self.steepness, Self.bound]
  }

  package func refusal(of model: any Model) -> String? {
    TangentKernel.refusal(of: model, by: descriptor.name)
  }

  // MARK: The energy

  private struct Energy {
    let loss: Tensor
    let squaredNorm: Tensor
    let steepness: Tensor
    var total: Tensor { loss - squaredNorm * steepness }
  }

  /// Support and query set, one below the other.
  private func all(_ trace: EpisodeTrace, _ support: Tensor, _ query: Tensor) -> Tensor {
    var dimensions = support.shape.dimensions
    dimensions[0] += query.shape.dimensions[0]
    let shape = Shape(dimensions)
    return support.padded(from: 0, to: shape) + query.padded(from: support.shape.count, to: shape)
  }

  private func energy(_ trace: EpisodeTrace) -> Energy {
    let examples = all(trace, trace.supportInputs, trace.queryInputs)
    let kernel = TangentKernel(trace, examples, trace.metaParameters)
    let residual = kernel.outputs - all(trace, trace.supportTargets, trace.queryTargets)
    let count = Double(residual.shape.count)
    let product = (residual * kernel.matrix(with: kernel).matmul(residual)).sum()
    var steepness = trace.setting(Self.steepness.id)
    if trace.values.number(Self.bound.id) < Self.unbounded {
      let most = trace.setting(Self.bound.id) * (count / 4) / kernel.trace
      // The smaller of the two.
      steepness = most - (most - steepness).relu()
    }
    return Energy(
      loss: (residual * residual).mean(),
      squaredNorm: product * (4 / (count * count)),
      steepness: steepness
    )
  }

  package func outerObjective(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> OuterObjective {
    let last = queryObjective(trace, adaptation)
    return OuterObjective(
      total: energy(trace).total,
      queryLoss: last.queryLoss,
      queryOutput: last.queryOutput,
      statistics: last.statistics
    )
  }

  // MARK: Probes

  package func probes(for model: any Model) -> [ProbeDescriptor] {
    [
      ProbeDescriptor(
        key: "energy",
        label: "E",
        help:
          "what is minimised: the loss less the reward; unbounded, it may fall below 0 without end",
        style: .signed
      ),
      ProbeDescriptor(
        key: "task_loss",
        label: "L",
        help: "loss on support and query set together before any step"
      ),
      ProbeDescriptor(
        key: "task_gradient_norm_squared",
        label: "‖∇L‖²",
        help: "mean squared norm of the tasks' gradients, which is rewarded"
      ),
      ProbeDescriptor(
        key: "steepness",
        label: "a",
        help: "the factor of the reward as it acts, after the bound; mean over tasks"
      ),
    ]
  }

  package func panels(for model: any Model) -> [PanelDescription] {
    [panelOfProbes(id: "energy", title: "energy", for: model)]
  }

  package func moments(for model: any Model) -> [MomentDescription] {
    [
      MomentDescription(
        id: "energy",
        title: "the energy",
        equation: "E = L − a ‖∇L‖²,  a = {probe:steepness}",
        words: "Nothing adapts in training. A point is good where its loss is low and its gradient "
          + "steep, ‖∇L‖² = {probe:task_gradient_norm_squared}; the bound c = {steepness-bound} keeps "
          + "the reward below the loss.",
        place: .insteadOfGradient,
        switchID: Self.bound.id,
        wordsWhenOff: "Nothing adapts in training. A point is good where its loss is low and its "
          + "gradient steep; without a bound the reward can grow without end, and the run diverges."
      )
    ]
  }

  package func probeTensors(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> [String: Tensor] {
    let energy = energy(trace)
    return [
      "energy": energy.total,
      "task_loss": energy.loss,
      "task_gradient_norm_squared": energy.squaredNorm,
      "steepness": energy.steepness,
    ]
  }
}
