import CellGrid
import Events

/// The query loss, accuracy or gain of all methods over whatever the axis counts.
struct ChartPanel {
  let state: DashboardState
  var quantity = ChartQuantity.loss

  var kind: PanelKind { quantity.kind }
  var curves: ChartCurves { ChartCurves(state, quantity) }
  var arrangement: ChartView.Arrangement { curves.arrangement }

  func draw(on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let inner = painter.panel(
      rect,
      title: title(look, room: rect.columns - 6),
      note: note(room: rect.columns - 42, look),
      isSelected: state.panel == kind
    )
    guard state.runs.contains(where: { $0.step > 0 }), inner.rows >= 4 else {
      painter.write("no step has been made yet", inner.row, inner.column, look.dim)
      return
    }
    guard quantity != .gain || state.runs.contains(where: \.hasGain) else {
      painter.write("no episode has been measured yet", inner.row, inner.column, look.dim)
      return
    }
    guard arrangement != .multiples else { return drawMultiples(on: &painter, inner) }
    ChartLegend(panel: self).draw(on: &painter, in: inner)
    curves.chart.draw(into: &painter.grid, rect: ScreenLayout.plotArea(inner))
  }

  // MARK: - Title

  private func title(_ look: Look, room: Int) -> [Span] {
    var (name, unit, more) = ("\(set) loss", "", circumstance)
    switch quantity {
    case .gain: (name, more) = ("gain of adaptation", ": \(set) loss before, after")
    case .accuracy: (name, unit) = ("\(set) accuracy", " in %")
    default: break
    }
    if arrangement == .difference, quantity != .gain { name += " difference" }
    // What has no room whole is left out.
    let isWhole = name.columns + unit.columns + more.columns <= room
    return [Span(name, look.title), Span(unit + (isWhole ? more : ""), look.dim)]
  }

  /// On what the curves are measured.
  private var set: String {
    state.runs.isEmpty || state.runs.contains(where: \.isLossHeldOut) ? "query" : "training"
  }

  /// Of an inner loop, where some run has one.
  private var circumstance: String {
    guard state.runs.contains(where: \.isAdapting) || state.runs.isEmpty else { return "" }
    return quantity == .loss ? " after adaptation" : ", after adaptation"
  }

  private func note(room: Int, _ look: Look) -> [Span] {
    if arrangement == .difference, case .robust = curves.values {
      return [Span("paired mean ± 95 %, \(PairedDifference.count) batches", look.dim)]
    }
    let isFolded = state.isFolded && quantity != .gain
    var parts = [isFolded ? "bands: 95 % over seeds" : state.smoothing.title]
    let isWideLog = state.leastPlace != nil
    if quantity != .accuracy {
      let isLog = state.isLogarithmic
      parts.insert(isLog ? (isWideLog ? "log-log" : "log") : isWideLog ? "log x" : "linear", at: 0)
    } else if isWideLog {
      parts.insert("log x", at: 0)
    }
    if !state.chart.isFollowing { parts.insert("held", at: 0) }
    switch curves.values {
    case .exact: parts.insert("zoomed", at: 0)
    case .all: parts.insert("all values", at: 0)
    case .robust: break
    }
    let points = "markers: meta-validation ± 95 %"
    let used = parts.map(\.columns).reduce(0, +) + 3 * parts.count
    if quantity == .accuracy, room >= points.columns + used { parts.insert(points, at: 0) }
    // The comparison that one chart hides is a key away.
    let hint = "d: differences"
    if state.shownRuns.count > 1, quantity == .loss, room >= used + hint.columns + 6 {
      parts.append(hint)
    }
    return [Span(parts.joined(separator: " · "), look.dim)]
  }

  // MARK: - Arrangements

  /// Charts side by side where each is readable, else one above the other, over the same axes.
  private func drawMultiples(on painter: inout Painter, _ inner: Rect) {
    let curves = curves
    let shown = curves.shownRuns
    let count = shown.count
    let isWide = inner.columns >= count * 36
    let fitting = isWide ? count : max(1, min(count, inner.rows / 7))
    let range = curves.chart(of: curves.order).valueRange(width: inner.columns)
    let parts =
      isWide
      ? inner.splitColumns(Array(repeating: .flexible(), count: fitting))
      : count > 3 && fitting < count
        ? Self.grid(count, in: inner)
        : inner.splitRows(Array(repeating: .flexible(), count: fitting))
    let focus = shown.firstIndex(of: state.focusedRun) ?? 0
    let first = max(0, min(focus - parts.count / 2, count - parts.count))
    for (offset, rect) in parts.enumerated() {
      guard let index = shown.at(first + offset) else { continue }
      ChartLegend(panel: self, only: index).draw(on: &painter, in: rect)
      var small = curves.chart(of: [index])
      small.fixedRange = range
      var plot = ScreenLayout.plotArea(rect)
      // A column between the last label and the next chart's unit.
      if isWide, offset < parts.count - 1 { plot.columns -= 1 }
      small.draw(into: &painter.grid, rect: plot)
    }
  }

  /// Places for many charts: as many side by side as are readable, as many rows as are.
  private static func grid(_ count: Int, in rect: Rect) -> [Rect] {
    let columns = max(1, min(count, rect.columns / 36))
    let rows = max(1, min((count + columns - 1) / columns, rect.rows / 7))
    let places = rect.splitRows(Array(repeating: .flexible(), count: rows)).flatMap { row in
      row.splitColumns(Array(repeating: .flexible(), count: columns), gap: 1)
    }
    return Array(places.prefix(count))
  }
}
