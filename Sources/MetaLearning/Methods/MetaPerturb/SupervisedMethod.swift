import Autodiff
import Events
import Models

/// Ways to train networks on labelled pictures instead of episodes: MetaPerturb's joint protocol,
/// and the arms of its transfer (Ryu et al., NeurIPS 2020).
package struct SupervisedMethod: Method {
  package let descriptor: MethodDescriptor
  package let regularizer: Regularizer
  /// Whether φ learns, from the held-out halves of several tasks at once.
  package let isJoint: Bool
  private let weightDecayDefault: Double

  /// T networks and one φ that all share.
  package static let joint = Self(
    id: "metaperturb",
    name: "MetaPerturb",
    regularizer: .perturbation,
    isJoint: true,
    weightDecay: 5e-4
  )

  /// What a transfer compares; in the order of its table.
  package static let arms = [
    Self(id: "none", name: "none", regularizer: .none),
    Self(id: "frozen", name: "frozen φ", regularizer: .perturbation),
    Self(id: "untrained", name: "untrained φ", regularizer: .perturbation),
    Self(id: "dropout", name: "dropout", regularizer: .dropout),
    Self(id: "weight-decay", name: "weight decay", regularizer: .none, weightDecay: 5e-4),
  ]

  private init(
    id: String,
    name: String,
    regularizer: Regularizer,
    isJoint: Bool = false,
    weightDecay: Double = 0
  ) {
    descriptor = MethodDescriptor(
      id: id,
      name: name,
      citation: "Ryu, Shin, Lee, Hwang: MetaPerturb, NeurIPS 2020 "
        + (isJoint ? "(joint training)" : "(transfer)"),
      page: "MetaPerturb"
    )
    self.regularizer = regularizer
    self.isJoint = isJoint
    weightDecayDefault = weightDecay
  }

  package var tasks: Set<TaskAbility> { [.classification] }

  // MARK: What can be set

  package static let trainingProtocol = "protocol"

  package static func protocolChoice(isJoint: Bool) -> HyperparameterDescriptor {
    HyperparameterDescriptor(
      id: trainingProtocol,
      symbol: "P",
      kind: .choice(["episodic", "joint"]),
      defaultValue: isJoint ? 1 : 0,
      help: "episodic: one θ, beside MAML; joint: the paper's, one network for each of T tasks",
      isFixed: true
    )
  }

  package static let tasks = HyperparameterDescriptor(
    id: "tasks",
    symbol: "T",
    kind: .integer(1...16),
    defaultValue: 4,
    help: "tasks that share φ, each with a network of its own; 10 in the paper",
    isFixed: true
  )

  package static let groupClasses = HyperparameterDescriptor(
    id: "group-classes",
    symbol: "N",
    kind: .integer(0...1000),
    defaultValue: 40,
    help: "classes of a task, drawn from meta-training's; 40 in the paper; 0: all, shared out",
    isFixed: true
  )

  package static let swappedHalves = HyperparameterDescriptor(
    id: "swapped-halves",
    symbol: "ab",
    kind: .flag,
    defaultValue: 0,
    help: "two tasks of each group, training and held-out half exchanged, as in the paper",
    isFixed: true
  )

  package static let batch = HyperparameterDescriptor(
    id: "batch",
    symbol: "b",
    kind: .integer(1...4096),
    defaultValue: 128,
    help: "pictures of a step and half; 128 in the paper, at least 2",
    isFixed: true
  )

  package static let weightDecay = HyperparameterDescriptor(
    id: "weight-decay",
    symbol: "λ",
    kind: .logarithmic(0...1),
    defaultValue: 0,
    help: "L2 penalty in Adam's gradient; 0.0005 in the paper"
  )

  package static let dropout = HyperparameterDescriptor(
    id: "dropout",
    symbol: "p",
    kind: .linear(0.05...0.95, step: 0.05),
    defaultValue: 0.5,
    help: "share of the body's features that a training step leaves out",
    isStructural: true
  )

  package static let samples = HyperparameterDescriptor(
    id: MetaPerturb.samples.id,
    symbol: MetaPerturb.samples.symbol,
    kind: .integer(1...1000),
    defaultValue: 5,
    help: "noise draws averaged for a prediction while training; the end takes 100 as well"
  )

  package func hyperparameters(for model: any Model) -> [HyperparameterDescriptor] {
    let standard = StandardHyperparameters.self
    var all = [standard.outerLearningRate]
    all.append(isJoint ? standard.outerSchedule : standard.outerSchedule.with(defaultValue: 2))
    all.append(Self.weightDecay.with(defaultValue: weightDecayDefault))
    if regularizer == .perturbation {
      all += [MetaPerturb.kappa, MetaPerturb.anneal.with(defaultValue: isJoint ? 0 : 0.4)]
      all.append(Self.samples)
    }
    if regularizer == .dropout { all.append(Self.dropout) }
    all += [Self.batch, ConvolutionHyperparameters.algorithm]
    if isJoint {
      all += [Self.protocolChoice(isJoint: true), Self.tasks, Self.groupClasses]
      all.append(Self.swappedHalves)
    }
    return all
  }

  package func metaParameters(
    for model: any Model,
    shot: Int,
    _ values: HyperparameterValues
  ) -> [ParameterSpecification] {
    SupervisedSetup.parameters(of: model, regularizer)
  }

  /// Adam with decay for all that learns; a transfer's φ is frozen.
  package func rule(
    for group: String,
    _ values: HyperparameterValues,
    stage: Int
  ) -> UpdateRule {
    guard isJoint || group != SupervisedSetup.sharedGroup else { return .frozen }
    return .adam(decay: values.number(Self.weightDecay.id))
  }

  /// No episode, so no gradient through an inner loop; φ's is a partial derivative by design.
  package func isMetaGradientExact(_ values: HyperparameterValues) -> Bool { false }

  package func scheduledValue(
    _ id: String,
    _ values: HyperparameterValues,
    step: Int,
    totalSteps: Int
  ) -> Double? {
    guard regularizer == .perturbation else { return nil }
    return MetaPerturb().scheduledValue(id, values, step: step, totalSteps: totalSteps)
  }

  package func refusal(supportCount: Int, queryCount: Int) -> String? {
    guard min(supportCount, queryCount) < 2 else { return nil }
    return "\(descriptor.name): a batch of one image has no unbiased variance, and batch "
      + "normalisation nothing to normalise by; use --set batch=2 or more"
  }
}
