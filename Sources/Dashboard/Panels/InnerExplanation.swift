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
    case .adaptation: "adaptation"
    case .metaGradient: isFirstOrder ? "the meta-gradient, first order" : "the meta-gradient"
    case .update: "the outer update"
    case .declared(let id, _): run.moment(id)?.title ?? id
    }
  }

  /// With the field's symbols.
  var equation: String {
    switch phase {
    case .inner(let step):
      "θ′\(lowered(step + 1)) = θ′\(lowered(step)) − α ∇L_S(θ′\(lowered(step))),  α = \(value(.innerRate))"
    case .adaptation: "θ′ = adapted(θ; S)"
    case .query: "L_Q(θ′\(lowered(steps)))"
    case .metaGradient:
      isFirstOrder
        ? "∇L ≈ ∇L_Q(θ′\(lowered(steps)))"
        : "∇L = Π (I − α ∇²L_S(θ′ₖ)) ∇L_Q(θ′\(lowered(steps)))"
    case .update:
      "θ ← Adam(θ, mean of \(run.description.metaBatchSize) gradients),  β = \(value(.outerRate))"
    case .declared(let id, let step):
      run.moment(id).map { MomentText(run: run, step: step).filled($0.equation) } ?? ""
    }
  }

  /// What the equation says, in plain words and this episode's numbers.
  var words: String {
    switch phase {
    case .inner(let step):
      "One gradient step on the support set alone\(support(step)). The weights it makes are used "
        + "for this task only; the initialisation θ stays."
    case .adaptation:
      "The weights for this task are made from the support set in one go\(support(0)). The "
        + "initialisation θ stays."
    case .query: "The adapted weights are judged on examples the inner loop has not seen\(query)."
    case .metaGradient:
      isFirstOrder
        ? "The inner steps count as constants: the second-order terms are dropped (F puts them "
          + "back). ‖∇L‖ = \(measured(run.metaGradientNorm.newest))."
        : "The query loss's gradient is taken back through every inner step to the "
          + "initialisation; the Hessian ∇²L_S says how those steps would change (F drops it). "
          + "‖∇L‖ = \(measured(run.metaGradientNorm.newest))."
    case .update:
      "The gradients of all episodes of the meta-batch are averaged and the optimizer moves the "
        + "initialisation. \(Numbers.grouped(run.step)) outer steps are made."
    case .declared(let id, let step): run.moment(id).map { words(of: $0, step) } ?? ""
    }
  }

  /// A declared moment's words, with what switches it off.
  private func words(of moment: MomentDescription, _ step: Int) -> String {
    let text = MomentText(run: run, step: step)
    guard let part = moment.switchID.flatMap({ run.hyperparameter($0) }),
      let off = part.offValue
    else { return text.filled(moment.words) }
    // The key belongs to the method's first switch.
    let key = part.id == run.partSwitch?.id ? "C" : part.id
    guard run.value(part) == off else {
      return "\(text.filled(moment.words)) \(key) switches it off."
    }
    let words = moment.wordsWhenOff.map { ": \(text.filled($0))" } ?? "."
    return "Switched off (\(key) switches it on)\(words)"
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
  private var isFirstOrder: Bool {
    run.hyperparameter(in: .firstOrder).map { run.value($0) != 0 } ?? false
  }

  private func value(_ role: HyperparameterDescriptor.Role) -> String {
    run.hyperparameter(in: role).map { $0.format(run.value($0)) } ?? "–"
  }

  private func measured(_ value: Float?) -> String { value.map { Numbers.measured($0) } ?? "–" }

  private func lowered(_ number: Int) -> String {
    let digits: [Character] = ["₀", "₁", "₂", "₃", "₄", "₅", "₆", "₇", "₈", "₉"]
    return String(String(number).compactMap { $0.wholeNumberValue.map { digits[$0] } })
  }
}
