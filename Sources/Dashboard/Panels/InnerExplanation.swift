import CellGrid
import Events

/// The equation of one moment of the outer step, and what it says, with this run's numbers.
struct InnerExplanation {
  let state: DashboardState
  let run: RunState
  let phase: InnerPhase

  func draw(on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let phases = run.innerPhases
    let place = (phases.firstIndex(of: phase) ?? 0) + 1
    let heading = [
      Span("\(place)/\(phases.count) ", look.dim), Span(title, look.title),
    ]
    painter.write(painter.spelled(heading), rect.row, rect.column, limit: rect.columns)
    guard rect.rows >= 2 else { return }
    painter.write(equation, rect.row + 1, rect.column, look.accent, limit: rect.columns)
    var row = rect.row + 2
    for line in painter.glyphs.text(words).wrapped(rect.columns) where row < rect.row + rect.rows {
      painter.write(line, row, rect.column, look.text, limit: rect.columns)
      row += 1
    }
    guard rect.rows >= 10 else { return }
    drawLosses(on: &painter, row + 1, rect)
  }

  private var title: String {
    switch phase {
    case .inner(let step): "inner step \(step + 1) of \(steps)"
    case .query: "the query loss"
    case .metaGradient: isFirstOrder ? "the meta-gradient, first order" : "the meta-gradient"
    case .coLearner: "the co-learner's term"
    case .perturbation: "the perturbation"
    case .update: "the outer update"
    }
  }

  /// With the field's symbols.
  var equation: String {
    switch phase {
    case .inner(let step):
      "θ′\(lowered(step + 1)) = θ′\(lowered(step)) − α ∇L_S(θ′\(lowered(step))),  α = \(value("inner-lr"))"
    case .query: "L_Q(θ′\(lowered(steps)))"
    case .metaGradient:
      isFirstOrder
        ? "∇L ≈ ∇L_Q(θ′\(lowered(steps)))"
        : "∇L = Π (I − α ∇²L_S(θ′ₖ)) ∇L_Q(θ′\(lowered(steps)))"
    case .coLearner: "g = g_m + γ g_c,  γ = \(value("gamma"))"
    case .perturbation: "h ← h · z(h; φ)"
    case .update:
      "θ ← Adam(θ, mean of \(run.description.metaBatchSize) gradients),  β = \(value("outer-lr"))"
    }
  }

  /// What the equation says, in plain words and this episode's numbers.
  var words: String {
    switch phase {
    case .inner(let step):
      "One gradient step on the support set alone\(support(step)). The weights it makes are used "
        + "for this task only; the initialisation θ stays."
    case .query: "The adapted weights are judged on examples the inner loop has not seen\(query)."
    case .metaGradient:
      isFirstOrder
        ? "The inner steps count as constants: the second-order terms are dropped (F puts them "
          + "back). ‖∇L‖ = \(measured(run.metaGradientNorm.newest))."
        : "The query loss's gradient is taken back through every inner step to the "
          + "initialisation; the Hessian ∇²L_S says how those steps would change (F drops it). "
          + "‖∇L‖ = \(measured(run.metaGradientNorm.newest))."
    case .coLearner: coLearner
    case .perturbation: perturbation
    case .update:
      "The gradients of all episodes of the meta-batch are averaged and the optimizer moves the "
        + "initialisation. \(Numbers.grouped(run.step)) outer steps are made."
    }
  }

  private var coLearner: String {
    if run.values["gamma"] == 0 {
      return
        "Switched off (C switches it on): the second head learns, but the body does not feel it."
    }
    return "A second head without inner steps reads the same features; its query loss "
      + "\(measured(run.probe("colearner_loss"))) adds its gradient to the body's, the learnable "
      + "noise: cos(g_m, g_c) = \(measured(run.probe("colearner_cosine"))), γ‖g_c‖/‖g_m‖ = "
      + "\(measured(run.probe("colearner_norm_ratio"))). C switches it off."
  }

  private var perturbation: String {
    "In every layer, inner loop and query pass, the features are multiplied by noise that depends "
      + "on them, from one small network φ shared by all layers: mean z \(measured(run.probe("noise_mean"))), "
      + "std \(measured(run.probe("noise_std"))), scale \(measured(run.probe("noise_scale")))."
  }

  private func support(_ step: Int) -> String {
    let losses = run.fit?.supportLosses ?? run.probes?.supportLosses ?? []
    guard let before = losses.at(step), let after = losses.at(step + 1) else { return "" }
    return ": its loss goes from \(Numbers.measured(before)) to \(Numbers.measured(after))"
  }

  private var query: String {
    guard let (before, after) = queryEnds else { return "" }
    return ": loss \(Numbers.measured(after)), and \(Numbers.measured(before)) before adaptation"
  }

  private var queryEnds: (Float, Float)? {
    if let fit = run.fit { return (fit.queryLoss(after: 0), fit.queryLoss(after: fit.innerSteps)) }
    guard let losses = run.probes?.queryLosses, let first = losses.first, let last = losses.last
    else { return nil }
    return (first, last)
  }

  /// Losses after every inner step, the present ones bright.
  private func drawLosses(on painter: inout Painter, _ row: Int, _ rect: Rect) {
    let look = painter.look
    let support = run.fit?.supportLosses ?? run.probes?.supportLosses ?? []
    let query =
      run.fit.map { fit in (0...fit.innerSteps).map { fit.queryLoss(after: $0) } }
      ?? run.probes?.queryLosses ?? []
    let end = rect.row + rect.rows
    guard row < end, !support.isEmpty else { return }
    painter.write("inner   support     query", row, rect.column, look.dim, limit: rect.columns)
    for step in support.indices where row + 1 + step < end {
      let line =
        String(step).right(5) + Numbers.measured(support[step]).right(10)
        + (query.at(step).map { Numbers.measured($0) } ?? "–").right(10)
      painter.write(line, row + 1 + step, rect.column, isShown(step) ? look.text : look.dim)
    }
  }

  private func isShown(_ step: Int) -> Bool {
    if case .inner(let present) = phase { return step == present || step == present + 1 }
    return step == steps
  }

  private var steps: Int { run.fit?.innerSteps ?? run.adaptationSteps ?? 1 }
  private var isFirstOrder: Bool { (run.values["first-order"] ?? 0) != 0 }

  private func value(_ id: String) -> String {
    run.hyperparameter(id).map { $0.format(run.value($0)) } ?? "–"
  }

  private func measured(_ value: Float?) -> String { value.map { Numbers.measured($0) } ?? "–" }

  private func lowered(_ number: Int) -> String {
    let digits: [Character] = ["₀", "₁", "₂", "₃", "₄", "₅", "₆", "₇", "₈", "₉"]
    return String(String(number).compactMap { $0.wholeNumberValue.map { digits[$0] } })
  }
}
