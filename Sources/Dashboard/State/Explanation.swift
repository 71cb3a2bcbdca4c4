import CellGrid
import Events

/// What one number of a panel is: its name as it stands there, and what to make of it.
struct Explanation: Equatable, Sendable {
  let name: String
  /// The symbol or equation; empty where the name says it.
  var equation = ""
  /// What it is, in plain words.
  let text: String
  /// Where it is as it should be, and what to make of it elsewhere; empty where nobody knows.
  var healthy = ""
  /// The newest value, where there is one.
  var value = ""
  /// Whether that is outside of what is healthy.
  var isUnhealthy = false

  /// All of it in one line.
  var sentence: String { healthy.isEmpty ? text : "\(text); healthy \(healthy)" }
}

extension HealthyRange {
  /// `from 0 to 0.99: above it …`.
  var words: String {
    func number(_ value: Double) -> String { HyperparameterDescriptor.plain(value) }
    switch (low, high) {
    case (let low?, let high?): return "from \(number(low)) to \(number(high)): \(text)"
    case (let low?, nil): return "from \(number(low)) on: \(text)"
    case (nil, let high?): return "up to \(number(high)): \(text)"
    case (nil, nil): return text
    }
  }
}

extension DashboardState {
  /// Every number of a panel, in the order in which they stand there.
  ///
  /// Hyperparameters and probes are explained by their own declarations, so a recording explains the
  /// numbers of a method that this program does not know.
  func explanations(of panel: PanelKind) -> [Explanation] {
    switch panel {
    case .chart: Self.chart(focused)
    case .accuracy: Self.accuracy(focused)
    case .gain: Self.gain
    case .hyperparameters: focused.map(hyperparameters) ?? []
    case .adaptation: focused.map(Self.adaptation) ?? []
    case .validation: Self.validation(isAccuracy: isClassification)
    case .heatmap: heatmapRun.map(Self.layers) ?? []
    case .log: Self.events
    case .episode: Self.episode
    case .innerLoop: focused.map(Self.innerLoop) ?? []
    case .declared(let id): declared(id)
    }
  }

  /// The panel's numbers, then those that stand above every layout.
  var explained: [Explanation] {
    explanations(of: panel) + verdictExplanation + Self.cards(focused) + Self.header
  }

  /// Whose numbers they are: the panel's name, as `adaptation`.
  var explainedName: String { panel.actionName }

  /// The one line under the focused panel: of the selected hyperparameter, else of its first number.
  var explainingLine: String? {
    let all = explanations(of: panel)
    let one = panel == .hyperparameters ? all.at(selectedHyperparameter) : all.first
    return one.map { "\($0.name): \($0.sentence)" }
  }

  private func hyperparameters(_ run: RunState) -> [Explanation] {
    run.description.hyperparameters.map { one in
      let change = one.isStructural ? "; a change traces the episode anew" : ""
      return Explanation(
        name: one.id,
        equation: one.symbol,
        text: "\(one.help); \(one.allowed)\(change)"
      )
    }
  }

  private func declared(_ id: String) -> [Explanation] {
    guard let run = run(where: { $0.panel(id) != nil }), let panel = run.panel(id) else {
      return []
    }
    return panel.parts.flatMap { part -> [Explanation] in
      switch part {
      case .rows(let keys): keys.compactMap { run.explanation($0) }
      case .cells(let keys, _): run.members(keys).compactMap { run.explanation($0) }
      case .table(let table):
        table.columns.compactMap { column in
          run.firstProbe(of: column.prefix).map {
            Explanation(
              name: column.title,
              equation: $0.label,
              text: "\($0.help), by \(table.lines)",
              healthy: $0.healthy?.words ?? ""
            )
          }
        }
      case .accuracyByDraws(let title, _):
        [
          Explanation(
            name: title,
            text:
              "accuracy of predictions that average so many random draws; more draws, less noise"
          )
        ]
      case .plane(let title):
        [
          Explanation(
            name: title.isEmpty ? "plane" : title,
            text:
              "the mean loss from above, darker where it is lower; each task's minimum, the paths of "
              + "adaptation, and the way of the meta-parameters"
          )
        ]
      }
    }
  }
}

extension RunState {
  /// What a key of a declared panel stands for; nil for what this run has not.
  func explanation(_ key: String) -> Explanation? {
    if let probe = firstProbe(of: key) {
      return Explanation(
        name: probe.label,
        text: probe.help,
        healthy: probe.healthy?.words ?? "",
        value: quantity(key).flatMap { $0.value == nil ? nil : $0.text() } ?? "",
        isUnhealthy: quantity(key)?.isUnhealthy ?? false
      )
    }
    if let own = hyperparameter(key) {
      return Explanation(name: own.id, equation: own.symbol, text: own.help)
    }
    guard let quantity = quantity(key) else { return nil }
    let texts = [
      "support_loss": "loss on the examples that the network learns from",
      "query_loss": "loss on the examples that it is judged by",
      "validation_loss": "loss on held-out data, which nothing learns from",
    ]
    return texts[key].map { Explanation(name: quantity.label, text: $0) }
  }

  /// The probe of a key, or the first of its family.
  func firstProbe(of key: String) -> ProbeDescriptor? {
    description.probes.first { $0.key == key } ?? description.probes.first { $0.prefix == key }
  }
}

// MARK: - What every run has

extension DashboardState {
  private static func chart(_ run: RunState?) -> [Explanation] {
    [
      Explanation(
        name: run?.isLossHeldOut == false ? "training loss" : "query loss after adaptation",
        equation: run?.isEpisodic == false ? "" : "L_Q(θ′)",
        text:
          "mean over an outer step's meta-batch, lower is better; the line is smoothed, the band behind it "
          + "the raw extremes, and ◆ or a mark on the axis a change of a hyperparameter"
      ),
      Explanation(
        name: "difference",
        text:
          "with d: another method's loss less the focused one's on the same episodes, with the 95 % "
          + "interval of the paired difference; where it does not hold 0 the two are told apart"
      ),
    ]
  }

  private static func accuracy(_ run: RunState?) -> [Explanation] {
    [
      Explanation(
        name: "query accuracy",
        text:
          "query examples told right after adaptation, mean over a meta-batch, higher is better; guessing "
          + "reaches one over the number of classes"
      )
    ]
  }

  private static let gain = [
    Explanation(
      name: "before → after",
      equation: "L_Q(θ) − L_Q(θ′)",
      text:
        "query loss of measured episodes before (○) and after adaptation, and the gap between them: a "
        + "method that meta-learns keeps or widens it; one whose two curves fall together learns the "
        + "tasks' mean, and adapts little"
    )
  ]

  private static func adaptation(_ run: RunState) -> [Explanation] {
    guard run.isAdapting else {
      return ["support_loss", "query_loss", "validation_loss"].compactMap { run.explanation($0) }
    }
    var all = [
      Explanation(
        name: "support",
        equation: "L_S(θ_k)",
        text:
          "loss on the support examples after k steps of adaptation, which those steps go down: it should "
          + "fall from line to line"
      ),
      Explanation(
        name: "query",
        equation: "L_Q(θ_k)",
        text:
          "loss on the query examples after k steps, which no step has seen: what the outer loop lowers"
      ),
      Explanation(
        name: "meta-val",
        text:
          "the query loss on held-out tasks after k steps, also after more than the method trains with"
      ),
    ]
    if run.isClassification {
      all.append(
        Explanation(name: "val acc.", text: "held-out query examples told right after k steps")
      )
    }
    return all
  }

  private static func validation(isAccuracy: Bool) -> [Explanation] {
    [
      Explanation(
        name: isAccuracy ? "accuracy ± interval" : "loss ± interval",
        text:
          "mean over held-out episodes and half its 95 % interval, 1.96 standard errors; the same episodes "
          + "for all methods, so intervals that overlap may still hold a clear paired difference (d)"
      ),
      Explanation(
        name: "episodes",
        text: "how many were scored: the interval narrows with their root"
      ),
    ]
  }

  private static func layers(_ run: RunState) -> [Explanation] {
    LayerQuantity.quantities(of: run).map { quantity in
      let own = run.firstProbe(of: quantity.prefix)?.help
      return Explanation(
        name: quantity.label,
        text: (own ?? "norm of the first inner step's gradient: which layers adaptation moves")
          + ", by layer (upwards) and outer step (to the right); each row in its own scale"
      )
    }
  }

  private static let events = [
    Explanation(
      name: "step",
      text:
        "the outer step it happened at; meta-validations, changes of values, pauses, notes and refusals"
    )
  ]

  private static let episode = [
    Explanation(
      name: "class before → after",
      text:
        "what the network says of a query picture before and after adaptation, with the probability it "
        + "gives to that; support pictures, which it adapts to, stand above"
    ),
    Explanation(
      name: "right",
      text: "query pictures told right before → after adaptation, of all in this episode"
    ),
    task,
  ]

  private static let task = Explanation(
    name: "task 17",
    text:
      "which of the held-out tasks is shown, and how many of them scored better in the newest "
      + "meta-validation; T goes from the hardest over the middle to the easiest and back to the first, N and "
      + "P to the next and the previous one"
  )

  private static func innerLoop(_ run: RunState) -> [Explanation] {
    let moments = run.description.moments.map {
      Explanation(name: $0.title, equation: $0.equation, text: $0.words)
    }
    return [
      Explanation(
        name: "after k",
        equation: "θ_k+1 = θ_k − α ∇L_S(θ_k)",
        text:
          "losses of one step's mean episode after k inner steps; i goes to the next moment, S on by itself"
      ),
      Explanation(
        name: "target, support, fit",
        text:
          "in regression one held-out task: the function, the examples of it that are known, and the "
          + "network's curve before and after adaptation"
      ),
      task,
    ] + moments
  }
}
