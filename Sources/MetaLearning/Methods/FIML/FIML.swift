import Autodiff
import Events
import Models

/// FIML: a linear classifier is fitted to each task by a few steps of steepest descent on a loss whose
/// every number is learned, with the entropy of the queries in it (Tripathi et al., ICRA 2021).
///
/// There is no head: the classifier begins in the span of a class's mean and the mean of all others,
/// and each step's length is the formula's, not a hyperparameter.
package struct FIML: Method {
  package static let entropyWeight = HyperparameterDescriptor(
    id: "entropy-weight",
    symbol: "λₑ",
    kind: .logarithmic(0...1e4),
    defaultValue: 0,
    help: "weight of the queries' entropy to begin with; published 1000, which collapses small "
      + "networks",
    isFixed: true
  )

  package static let damping = HyperparameterDescriptor(
    id: "step-damping",
    symbol: "ε",
    kind: .linear(0...1, step: 0.01),
    defaultValue: 0.05,
    help: "added to a step's curvature, times the squared gradient; 0.05 in the published code"
  )

  package static let smoothing = HyperparameterDescriptor(
    id: "label-smoothing",
    symbol: "s",
    kind: .linear(0...0.5, step: 0.05),
    defaultValue: 0.1,
    help: "share of a query's label that the other classes get in the objective; 0.1 as published"
  )

  package static let unitFeatures = HyperparameterDescriptor(
    id: "unit-features",
    symbol: "f̂",
    kind: .flag,
    defaultValue: 1,
    help: "features are divided by their norm, behind the classifier's start; on as published",
    isStructural: true
  )

  private static let group = "learner"
  private static let entropy = "entropy_weight"
  /// What is learned of the loss, with its published start.
  private static let scalars: [(name: String, start: Float)] = [
    ("positive_start", 5), ("negative_start", -5), ("positive_target", 5),
    ("negative_target", -5), ("positive_weight", 1), ("negative_weight", 1),
    ("positive_slope", 1), ("negative_slope", 1), ("regulariser", 0), (entropy, 0),
    ("temperature", 1),
  ]
  /// The fitted classifier `[features, classes]`, beside the meta-parameters.
  private static let classifier = "classifier"

  package let descriptor = MethodDescriptor(
    id: "fiml",
    name: "FIML",
    citation: "Tripathi et al.: Few-Shot Classification by Few-Iteration Meta-Learning, ICRA 2021",
    adapts: "a linear classifier",
    order: .second,
    summary: "A linear classifier is fitted to each task by steepest descent; the loss that it "
      + "descends, robust and with the queries' entropy in it, is learned.",
    equation: "w ← w − a* ∇L(w),  L = ½ Σ r² + ½ ‖ρ w‖² + λₑ entropy of the queries\n"
      + "(body, t±, q±, a±, ρ, λₑ, τ) ← Adam(mean of ∇ L_Q(w_M)),  rate β"
  )

  package init() {}

  /// It has neither the head nor the inner loop that others reach.
  package var seams: Set<MethodSeam> { [] }
  package var tasks: Set<TaskAbility> { [.classification] }

  // MARK: What can be set

  package func sharedHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    let standard = StandardHyperparameters.self
    // Every step has numbers of its own.
    return [
      standard.innerSteps.with(defaultValue: 5).fixed, standard.outerLearningRate,
      standard.outerSchedule,
    ]
  }

  package func ownHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    [Self.entropyWeight, Self.damping, Self.smoothing, Self.unitFeatures]
  }

  package func metaParameters(
    for model: any Model,
    shot: Int,
    _ values: HyperparameterValues
  ) -> [ParameterSpecification] {
    model.parameters.filter { $0.group == "body" }
      + extraParameters(for: model, shot: shot, values)
      + (runningStatistics(for: model)?.parameters ?? [])
  }

  package func extraParameters(
    for model: any Model,
    shot: Int,
    _ values: HyperparameterValues
  ) -> [ParameterSpecification] {
    Self.scalars.map { scalar in
      let start =
        scalar.name == Self.entropy ? Float(values.number(Self.entropyWeight.id)) : scalar.start
      return ParameterSpecification("\(Self.group).\(scalar.name)", [1], .constant(start))
    }
  }

  package func isAdapted(_ name: String, _ values: HyperparameterValues) -> Bool { false }

  package func refusal(supportCount: Int, queryCount: Int) -> String? {
    guard supportCount < 2 else { return nil }
    return
      "FIML begins between a class and all others, so it needs support examples of two classes "
      + "at least; use --way 2 or more"
  }

  // MARK: Adaptation

  package func adapt(_ trace: EpisodeTrace, steps: Int, isFirstOrder: Bool) -> Adaptation {
    let way = fit(trace, steps: steps)
    return Adaptation(
      parameters: way.classifiers.map { with($0, trace.metaParameters) },
      innerLosses: way.losses.dropLast()
    )
  }

  private func fit(_ trace: EpisodeTrace, steps: Int) -> FittingLoss.Way {
    FittingLoss(self, trace).descend(steps: steps)
  }

  private func with(
    _ classifier: Tensor,
    _ parameters: ParameterTree<Tensor>
  ) -> ParameterTree<Tensor> {
    let all = Array(zip(parameters.names, parameters.values)) + [(Self.classifier, classifier)]
    return ParameterTree(all.map { (name: $0.0, value: $0.1) })
  }

  package func innerLoss(
    _ trace: EpisodeTrace,
    _ parameters: ParameterTree<Tensor>,
    step: Int
  ) -> Tensor {
    let loss = FittingLoss(self, trace)
    return loss.value(fitted(parameters) ?? loss.start)
  }

  private func fitted(_ parameters: ParameterTree<Tensor>) -> Tensor? {
    parameters.names.contains(Self.classifier) ? parameters[Self.classifier] : nil
  }

  package func output(
    _ trace: EpisodeTrace,
    _ examples: Tensor,
    _ parameters: ParameterTree<Tensor>,
    pass: Pass,
    statistics: BatchStatistics
  ) -> Tensor {
    let rows = rows(trace, examples, parameters, statistics, pass: pass)
    return scaled(trace, rows).matmul(fitted(parameters) ?? FittingLoss(self, trace).start)
  }

  /// Features, one row an example.
  func rows(
    _ trace: EpisodeTrace,
    _ examples: Tensor,
    _ parameters: ParameterTree<Tensor>,
    _ statistics: BatchStatistics,
    pass: Pass
  ) -> Tensor {
    trace.model.headInputs(trace.features(of: examples, parameters, statistics, pass: pass))
  }

  /// Rows of unit length where that is asked for.
  func scaled(_ trace: EpisodeTrace, _ rows: Tensor) -> Tensor {
    guard trace.values.isOn(Self.unitFeatures.id) else { return rows }
    let norm = ((rows * rows).sumOverColumns() + 1e-30).squareRoot()
    return rows / norm.broadcast(.column, to: rows.shape)
  }

  // MARK: The objective

  package func outerObjective(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> OuterObjective {
    let statistics = statistics(trace, adaptation.adapted, pass: .query)
    let output = output(
      trace,
      trace.queryInputs,
      adaptation.adapted,
      pass: .query,
      statistics: statistics
    )
    let loss = smoothed(trace, output)
    return OuterObjective(
      total: loss,
      queryLoss: loss,
      queryOutput: output,
      statistics: statistics
    )
  }

  /// Cross-entropy with labels that give each other class an equal part of their share.
  private func smoothed(_ trace: EpisodeTrace, _ logits: Tensor) -> Tensor {
    let share = trace.setting(Self.smoothing.id)
    let others = share * (1 / Double(max(trace.queryTargets.shape.columns - 1, 1)))
    let labels = trace.queryTargets * (1 - share - others) + others
    return logits.crossEntropy(labels)
  }

  /// Of the start the plain cross-entropy; of what was fitted the objective's.
  package func queryLoss(_ trace: EpisodeTrace, _ parameters: ParameterTree<Tensor>) -> Tensor {
    let output = output(trace, trace.queryInputs, parameters, pass: .query)
    let loss = FittingLoss(self, trace)
    let isStart = fitted(parameters).map { $0.id == loss.start.id } ?? true
    return isStart ? trace.loss(output, trace.queryTargets) : smoothed(trace, output)
  }

  // MARK: Probes

  package func probes(for model: any Model, _ values: HyperparameterValues) -> [ProbeDescriptor] {
    let steps = adaptationSteps(values)
    func curve(
      _ range: ClosedRange<Int>,
      _ key: String,
      _ label: String,
      _ help: String
    )
      -> [ProbeDescriptor]
    {
      range.map {
        ProbeDescriptor(
          key: "\(key)/\($0)",
          label: label,
          help: help,
          style: .curve(axis: "inner step")
        )
      }
    }
    return curve(0...steps, "inner_loss", "L", "the learned loss at the classifier after each step")
      + curve(1...steps, "step_length", "a*", "length of each step, by the curvature formula")
      + curve(0...steps, "query_entropy", "H", "mean entropy of the queries' classes, in nats")
      + Self.scalars.map {
        ProbeDescriptor(
          key: "\(Self.group)/\($0.name)",
          label: $0.name.replacing("_", with: " "),
          help: "a learned number of the loss; \($0.start.formatted) to begin with, as published",
          style: .signed
        )
      }
  }

  package func panels(for model: any Model) -> [PanelDescription] {
    [
      PanelDescription(
        id: "fitting",
        title: "classifier fitting",
        parts: [
          .rows(["inner_loss", "step_length", "query_entropy"]), .cells([Self.group], columns: 2),
        ]
      )
    ]
  }

  package func moments(for model: any Model) -> [MomentDescription] {
    [
      MomentDescription(
        id: "descent",
        title: "a step of steepest descent",
        equation: "w ← w − a* ∇L(w),  a* = ‖g‖² / (curvature + {step-damping} ‖g‖²)",
        words: "The classifier goes down the learned loss; the length of the first step is "
          + "{probe:step_length/1}, and lengths alternate, as in any steepest descent. The loss began "
          + "at {probe:inner_loss/0}.",
        place: .insteadOfInnerStep
      )
    ]
  }

  package func probeTensors(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> [String: Tensor] {
    let way = fit(trace, steps: adaptationSteps(trace.values))
    var tensors: [String: Tensor] = [:]
    for (place, loss) in way.losses.enumerated() { tensors["inner_loss/\(place)"] = loss }
    for (place, length) in way.lengths.enumerated() { tensors["step_length/\(place + 1)"] = length }
    for (place, mean) in way.entropies.enumerated() { tensors["query_entropy/\(place)"] = mean }
    for scalar in Self.scalars {
      tensors["\(Self.group)/\(scalar.name)"] = trace.metaParameters["\(Self.group).\(scalar.name)"]
    }
    return tensors
  }
}

extension Float {
  /// Without a fraction that is nothing.
  fileprivate var formatted: String { self == rounded() ? String(Int(self)) : String(self) }
}
