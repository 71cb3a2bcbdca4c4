import CellGrid
import Events

/// One method: how far it is and how well it does.
struct CardPanel {
  let state: DashboardState
  let index: Int

  private var run: RunState { state.runs[index] }
  private var smoothing: Smoothing { state.smoothing }

  func draw(on painter: inout Painter, in rect: Rect, _ style: ScreenLayout.CardStyle) {
    guard style != .line else {
      drawLine(on: &painter, in: rect)
      return
    }
    let inner = painter.panel(
      rect,
      title: state.nameSpans(at: index, painter.look),
      note: [statusSpan(painter.look, isShort: style == .compact)],
      isSelected: index == state.focusedRun && state.runs.count > 1
    )
    if style == .compact {
      drawCompact(on: &painter, in: inner)
    } else if inner.columns >= ScreenLayout.wideCardColumns {
      drawWide(on: &painter, in: inner)
    } else {
      drawNarrow(on: &painter, in: inner)
    }
  }

  // MARK: - Layouts

  private func drawLine(on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let isFocused = index == state.focusedRun && state.runs.count > 1
    let pointer = isFocused ? "\(look.glyphs.pointer) " : "  "
    var column = rect.column
    column += painter.write(pointer, rect.row, column, look.accent)
    let width = nameWidth(rect.columns)
    painter.write(state.nameSpans(at: index, look), rect.row, column, limit: width - 1)
    column += width
    let room = rect.column + rect.columns - column
    let score = [Span("\(scoreName) ", look.dim), Span(scoreText, look.text)]
    guard room >= 50 else {
      let step = Numbers.grouped(run.shown.step).right(min(totalText.count, 7))
      let isRunning = run.status == .running
      let state = isRunning ? [] : [statusSpan(look, isShort: true), Span(" ", look.dim)]
      let spans = [Span(isRunning ? "step " : "", look.dim), Span("\(step) ", look.text)] + state
      let last = [Span(isRunning ? "\(shortName) " : "", look.dim), Span(shortScore, look.text)]
      painter.write(spans + last, rect.row, column, limit: room)
      return
    }
    let spans = [
      statusSpan(look, width: 9), Span("outer ", look.dim), Span(stepText, look.text),
      Span(" / \(totalText)  ", look.dim),
    ]
    let more = room >= 80 ? [Span("  ", look.dim)] + validation(look, label: "validation ") : []
    painter.write(spans + score + more, rect.row, column, limit: room)
  }

  /// Of the name's column, its blank included: as wide as the longest where there is room.
  private func nameWidth(_ columns: Int) -> Int {
    guard columns >= 100 else { return 14 }
    return min(28, max(14, (state.shownRuns.map { state.shownName($0).columns }.max() ?? 0) + 3))
  }

  private func drawCompact(on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let (row, column) = (rect.row, rect.column)
    painter.write(outer(look, width: 6, room: rect.columns), row, column, limit: rect.columns)
    drawBar(on: &painter, row + 1, column, rect.columns)
    let inner = innerText.filter { $0 != " " }
    painter.write([Span("\(innerLabel) ", look.dim), Span(inner, look.text)], row + 2, column)
    let score = scoreText
    let isLabelled = rect.columns >= 6 + inner.count + 6 + score.count
    painter.writeRight(score, row + 2, end: column + rect.columns, look.text)
    if isLabelled {
      let end = column + rect.columns - score.count
      painter.writeRight("\(shortName) ", row + 2, end: end, look.dim)
    }
    painter.write(validation(look, label: "val "), row + 3, column, limit: rect.columns)
  }

  private func drawNarrow(on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let (row, column, end) = (rect.row, rect.column, rect.column + rect.columns)
    painter.write(outer(look, width: 12, room: rect.columns), row, column, limit: rect.columns)
    drawBar(on: &painter, row + 1, column, rect.columns)
    field(innerLabel, innerText, on: &painter, row + 2, column)
    painter.writeRight(innerTotal, row + 2, end: end, look.dim)
    // The score comes first, and its validation next to it.
    let (scoreRow, lossRow) = run.isClassification ? (row + 3, row + 5) : (row + 3, row + 3)
    if run.isClassification {
      field("accuracy", scoreText, on: &painter, scoreRow, column)
      painter.writeRight(chanceText, scoreRow, end: end, look.dim)
    }
    painter.write(validation(look, label: "validation  "), row + 4, column, limit: rect.columns)
    field(run.lossName, lossText, on: &painter, lossRow, column)
    if run.isLossHeldOut {
      let beside = run.isAdapting ? "before" : "training"
      painter.writeRight("\(value(run.shown.lossBefore)) \(beside)", lossRow, end: end, look.dim)
    }
    let last = max(lossRow, row + 4) + 1
    field("gradient", value(run.shown.metaGradientNorm), on: &painter, last, column)
    painter.writeRight(rateText, last, end: end, look.dim)
  }

  private func drawWide(on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let (row, column) = (rect.row, rect.column)
    // Two numbers that belong together stand together, however wide the card is.
    let second = column + min(max(31, rect.columns / 2), 44)
    let used = painter.write(outer(look, width: 14, room: rect.columns), row, column)
    drawBar(on: &painter, row, column + used + 2, rect.columns - used - 2)
    field(innerLabel, innerText, width: 14, on: &painter, row + 1, column)
    if isCounted {
      let total = Numbers.grouped(run.shown.innerSteps)
      painter.write([Span(total, look.text), Span(" inner steps", look.dim)], row + 1, second)
    }
    let lossRow = run.isClassification ? row + 4 : row + 2
    if run.isClassification {
      field("accuracy", scoreText, width: 14, on: &painter, row + 2, column)
      painter.write(chanceText, row + 2, second, look.dim)
    }
    field(run.lossName, lossText, width: 14, on: &painter, lossRow, column)
    if run.isLossHeldOut {
      let beside = run.isAdapting ? " before adaptation" : " on the training half"
      let spans = [Span(value(run.shown.lossBefore), look.text), Span(beside, look.dim)]
      painter.write(spans, lossRow, second)
    }
    painter.write(validation(look, label: "validation    "), row + 3, column)
    if let validation = run.validation, !run.isTestUnderWay {
      painter.write("at step \(Numbers.grouped(validation.step))", row + 3, second, look.dim)
    }
    let last = max(lossRow, row + 3) + 1
    let gradient = run.isEpisodic ? "meta-gradient" : "gradient"
    field(gradient, value(run.shown.metaGradientNorm), width: 14, on: &painter, last, column)
    painter.write(rateText, last, second, look.dim)
  }

  // MARK: - Pieces

  private func field(
    _ label: String,
    _ value: String,
    width: Int = 12,
    on painter: inout Painter,
    _ row: Int,
    _ column: Int
  ) {
    painter.write(label, row, column, painter.look.dim)
    painter.write(value, row, column + width, painter.look.text)
  }

  private var scoreName: String { run.isClassification ? "accuracy" : "loss" }
  private var shortName: String { run.isClassification ? "acc." : "loss" }

  /// What the method is judged by: the query set's accuracy where there are classes, else its loss.
  private var scoreText: String {
    guard run.isClassification else { return lossText }
    return state.mean(of: index) { $0.shown.queryAccuracy.value(smoothing) }
      .map { Numbers.percent($0 * 100) } ?? "– %"
  }

  /// Of a series the mean.
  private var lossText: String {
    guard state.members(of: index).count > 1 else { return value(run.shown.queryLoss) }
    return state.mean(of: index) { $0.shown.queryLoss.value(smoothing) }
      .map { Numbers.measured($0) } ?? "–"
  }

  /// What guessing would reach.
  private var chanceText: String {
    run.description.task.way.map { "\(Numbers.percent(100 / Float($0))) chance" } ?? ""
  }

  /// The bar with its percentage behind it.
  private func drawBar(on painter: inout Painter, _ row: Int, _ column: Int, _ columns: Int) {
    let share = Double(run.shown.step) / Double(max(run.description.totalSteps, 1))
    painter.bar(
      share,
      row,
      column,
      columns: columns - 6,
      painter.look.series(state.color(of: index))
    )
    let percent = "\(Int(min(share, 1) * 100)) %"
    painter.writeRight(percent, row, end: column + columns, painter.look.dim)
  }

  /// Steps made of all; where the digits have no room, the goal loses its own first.
  private func outer(_ look: Look, width: Int, room: Int) -> [Span] {
    let all = Double(run.description.totalSteps)
    let short = all < 1e9 ? Numbers.compact(all) : Numbers.power(all)
    let (step, total) =
      width + stepText.count + 3 + totalText.count <= room
      ? (stepText, totalText) : (Numbers.grouped(run.shown.step), short)
    return [
      Span("outer".left(width), look.dim), Span(step, look.text), Span(" / ", look.dim),
      Span(total, look.dim),
    ]
  }

  private func validation(_ look: Look, label: String) -> [Span] {
    let test = (label.count < 10 ? "test " : "meta-test ").left(label.count)
    if run.isTestUnderWay { return [Span(test, look.dim), Span("under way", look.dim)] }
    let label = run.validation?.isMetaTest == true ? test : label
    guard let score = state.score(of: index) else {
      return [Span(label, look.dim), Span(run.isOver ? "none" : "none yet", look.dim)]
    }
    return [
      Span(label, look.dim), Span(score.valueText, look.text),
      Span(" \(score.halfText)", look.dim),
    ]
  }

  func statusSpan(_ look: Look, width: Int = 0, isShort: Bool = false) -> Span {
    let style =
      switch run.status {
      case .running, .finished: look.good
      case .paused, .stopped: look.warning
      case .diverged: look.bad
      }
    let word = isShort ? run.status.shortTitle : run.status.rawValue
    return Span(word.left(width), style)
  }

  private var totalText: String { Numbers.grouped(run.description.totalSteps) }
  private var stepText: String { Numbers.grouped(run.shown.step).right(totalText.count) }

  /// What has no inner loop has tasks, or neither.
  private var innerLabel: String { tasks == nil ? "inner" : "tasks" }

  private var tasks: Int? {
    guard case .tasks(let count, _) = run.description.regime, count > 1 else { return nil }
    return count
  }

  /// Reports come after an outer step, so the inner loop they tell of is complete.
  private var innerText: String {
    if let tasks { return String(tasks) }
    switch run.description.adaptation {
    case .none: return "none"
    case .once: return "one go"
    case .time(let times): return "t = \(times.last.map { Numbers.measured($0) } ?? "–")"
    case .innerSteps:
      guard let steps = run.adaptationSteps else { return "– / –" }
      return "\(run.shown.step > 0 ? steps : 0) / \(steps)"
    }
  }

  private var innerTotal: String {
    isCounted ? "\(Numbers.grouped(run.shown.innerSteps)) in all" : ""
  }

  /// Whether adaptation is made of steps.
  private var isCounted: Bool {
    if case .innerSteps = run.description.adaptation { true } else { false }
  }

  private var rateText: String {
    guard run.status == .running || run.isOver else { return "paused" }
    let rate = (run.isOver ? overallRate : state.rates.rate(run)).map { Numbers.compact($0) } ?? "–"
    return "\(rate.right(6)) steps/s"
  }

  /// Of a run that has ended: all its steps over all its computing time.
  private var overallRate: Double? {
    run.computingSeconds > 0 ? Double(run.step) / run.computingSeconds : nil
  }

  /// The score in at most seven columns.
  private var shortScore: String {
    if run.isClassification { return scoreText }
    guard let loss = run.shown.queryLoss.value(smoothing) else { return "–" }
    let text = Numbers.measured(loss)
    return text.count <= 6 ? text : Numbers.power(Double(loss))
  }

  private func value(_ quantity: SmoothedValue) -> String {
    quantity.value(smoothing).map { Numbers.measured($0) }?.left(6) ?? "–".left(6)
  }
}

extension RunStatus {
  /// A word of at most five columns for narrow cards.
  var shortTitle: String {
    switch self {
    case .running: "run"
    case .paused: "pause"
    case .finished: "done"
    case .diverged: "NaN"
    case .stopped: "stop"
    }
  }
}
