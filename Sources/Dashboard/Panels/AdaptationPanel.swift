import CellGrid
import Events

/// The inner loop of the focused method: losses before and after each of its steps, and of classes
/// the accuracy.
struct AdaptationPanel {
  let state: DashboardState

  func draw(on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let run = state.runAtCursor
    let inner = painter.panel(
      rect,
      title: state.title(run?.isAdapting == false ? "predictions" : "adaptation", run, look),
      note: run.flatMap { $0.isAdapting ? place($0, look) + (note($0, look) ?? []) : nil } ?? [],
      isSelected: state.panel == .adaptation
    )
    guard let run, run.probes != nil || run.validation?.lossByInnerStep.isEmpty == false else {
      painter.write("not measured yet", inner.row, inner.column, look.dim)
      return
    }
    if run.isAdapting {
      drawTable(run, on: &painter, in: inner)
    } else {
      DeclaredParts(state: state, run: run).draw(Self.predictions(run), on: &painter, in: inner)
    }
  }

  /// In the place of the inner loop, for a run that has none: the losses of both halves, and how
  /// accurate predictions are that average several draws.
  private static func predictions(_ run: RunState) -> [PanelPart] {
    // Where the steps' loss is not held out, only predictions meet what is.
    let heldOut = run.isLossHeldOut ? "query_loss" : "validation_loss"
    return [
      .rows(["support_loss", heldOut]), .accuracyByDraws(title: "noise draws S", hasBars: true),
    ]
  }

  /// One column of the table.
  private struct Column {
    /// From the longest to the shortest that says it.
    let titles: [String]
    let values: [Float]
    var isPercent = false

    func text(_ step: Int, _ width: Int) -> String {
      guard let value = values.at(step) else { return "–".right(width) }
      let text = isPercent ? Numbers.percent(value * 100) : Numbers.measured(value)
      return (text.columns >= width ? Numbers.power(Double(value)) : text).right(width)
    }
  }

  private func columns(_ run: RunState) -> [Column] {
    let losses = [
      Column(titles: ["support"], values: run.probes?.supportLosses ?? []),
      Column(titles: ["query"], values: run.probes?.queryLosses ?? []),
      Column(
        titles: run.isClassification ? ["val loss", "val"] : ["meta-val", "val"],
        values: run.validation?.lossByInnerStep ?? []
      ),
    ]
    guard run.isClassification else { return losses }
    let titles = ["val acc.", "val acc"]
    return losses + [Column(titles: titles, values: accuracies(run), isPercent: true)]
  }

  private func accuracies(_ run: RunState) -> [Float] { run.validation?.accuracyByInnerStep ?? [] }

  /// Which outer step's inner loop it is, where the charts' cursor chose it.
  private func place(_ run: RunState, _ look: Look) -> [Span] {
    state.isAtCursor ? [Span("step \(Numbers.grouped(run.probeStep)) ", look.accent)] : []
  }

  /// What adaptation gains: accuracy before and after, or the change of the loss in percent.
  private func note(_ run: RunState, _ look: Look) -> [Span]? {
    if run.isClassification {
      guard let before = accuracies(run).first,
        let after = accuracies(run).at(run.adaptationSteps ?? accuracies(run).count - 1)
      else { return nil }
      return [
        Span("accuracy \(Numbers.fixed(Double(before) * 100, 1)) → ", look.dim),
        Span(Numbers.percent(after * 100), after >= before ? look.good : look.bad),
      ]
    }
    guard let first = run.probes?.queryLosses.first, let last = run.probes?.queryLosses.last,
      first.isFinite, last.isFinite, first > 0
    else { return nil }
    let change = Double(last / first - 1) * 100
    let text = "\(change > 0 ? "+" : "−")\(Numbers.fixed(abs(change), 1)) %"
    return [Span("query loss ", look.dim), Span(text, change <= 0 ? look.good : look.bad)]
  }

  private func drawTable(_ run: RunState, on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    var columns = columns(run)
    // Where four columns have no room, the held-out loss goes: its accuracy says more.
    if columns.count > 3, rect.columns < 37 { columns.remove(at: 2) }
    // Seven hold every number; below that the support loss goes.
    if columns.count > 1, rect.columns < 5 + 7 * columns.count { columns.removeFirst() }
    let isWide = rect.columns >= 5 + 10 * columns.count
    let width = isWide ? 10 : min(9, max(7, (rect.columns - 5) / columns.count))
    let titles = columns.map { ($0.titles.first { $0.count < width } ?? "").right(width) }
    let header = run.description.adaptation.title.left(5) + titles.joined()
    painter.write(header, rect.row, rect.column, look.dim, limit: rect.columns)
    let count = columns.map(\.values.count).max() ?? 0
    let lines = Self.lines(of: count, in: rect.rows - 1, keeping: run.adaptationSteps)
    for (row, line) in lines.enumerated() {
      guard case .step(let step) = line else {
        drawGap(line, on: &painter, rect.row + 1 + row, rect)
        continue
      }
      let cells = columns.enumerated().map { index, column in
        Span(column.text(step, width), index == 0 ? look.dim : look.text)
      }
      let spans = [Span(run.description.adaptation.label(step).right(5), look.dim)] + cells
      painter.write(spans, rect.row + 1 + row, rect.column, limit: rect.columns)
    }
    drawBars(columns, lines, start: 7 + columns.count * width, on: &painter, in: rect)
  }

  /// A line of the table.
  enum Line: Equatable {
    case step(Int)
    /// Steps that have no room.
    case gap(ClosedRange<Int>)
  }

  /// The steps for which there is room: the first ones, where most happens, the one whose weights are used,
  /// and the last; a line says which are left out.
  static func lines(of count: Int, in room: Int, keeping used: Int?) -> [Line] {
    guard count > max(room, 0) else { return (0..<count).map { .step($0) } }
    guard room >= 3 else { return (0..<max(room, 0)).map { .step($0) } }
    func lines(first: Int) -> [Line] {
      let kept = (0..<count).filter { $0 < first || $0 == used || $0 == count - 1 }
      return kept.enumerated().flatMap { place, step -> [Line] in
        let before = place > 0 ? kept[place - 1] : -1
        return (step > before + 1 ? [.gap(before + 1...step - 1)] : []) + [.step(step)]
      }
    }
    // Where three pieces have no room, the beginning and the end do.
    return (1...room).reversed().lazy.map { lines(first: $0) }.first { $0.count <= room }
      ?? Self.lines(of: count, in: room, keeping: nil)
  }

  private func drawGap(_ line: Line, on painter: inout Painter, _ row: Int, _ rect: Rect) {
    guard case .gap(let steps) = line else { return }
    let many = "\(Numbers.grouped(steps.lowerBound))–\(Numbers.grouped(steps.upperBound))"
    let which = steps.count == 1 ? "step \(steps.lowerBound)" : "steps \(many)"
    let words = ["\(which) left out here; v shows more", "\(which) left out", which]
    let text = words.first { $0.count + 6 <= rect.columns } ?? ""
    let dots = painter.glyphs.ellipsis.right(5)
    painter.write("\(dots) \(text)", row, rect.column, painter.look.dim, limit: rect.columns)
  }

  /// The last column as bars: accuracies out of 100 %, losses relative to the greatest.
  private func drawBars(
    _ columns: [Column],
    _ lines: [Line],
    start: Int,
    on painter: inout Painter,
    in rect: Rect
  ) {
    let room = rect.columns - start
    guard room >= 4, let last = columns.last else { return }
    let isPercent = last.isPercent
    // Before the first validation, the query loss of training stands in.
    let stand = isPercent ? [] : columns.dropLast().last?.values ?? []
    let values = lines.map { line -> Float? in
      guard case .step(let step) = line else { return nil }
      return last.values.at(step) ?? stand.at(step)
    }
    let largest = isPercent ? 1 : values.compactMap { $0 }.filter(\.isFinite).max() ?? 1
    for (row, value) in values.enumerated() {
      guard let value else { continue }
      let style = painter.look.series(state.focused?.color ?? 0)
      // What is no number is worse than the worst.
      painter.bar(
        value.isFinite ? Double(value / largest) : 1,
        rect.row + 1 + row,
        rect.column + start,
        columns: room,
        value.isFinite ? style : painter.look.bad
      )
    }
  }
}

extension AdaptationAxis {
  /// What the table's lines count, in at most five columns.
  fileprivate var title: String {
    switch self {
    case .innerSteps: "inner"
    case .time: "time"
    case .once, .none: ""
    }
  }

  fileprivate func label(_ step: Int) -> String {
    switch self {
    case .innerSteps: String(step)
    case .time(let times): times.at(step).map { String(Numbers.measured($0).prefix(5)) } ?? "–"
    case .once, .none: step == 0 ? "start" : "after"
    }
  }
}
