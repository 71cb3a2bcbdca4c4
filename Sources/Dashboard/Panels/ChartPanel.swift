import CellGrid
import Events

/// The query loss or accuracy of all methods over whatever the axis counts.
struct ChartPanel {
  enum Quantity: Sendable {
    case loss
    /// In percent, with the meta-validations as points.
    case accuracy
  }

  let state: DashboardState
  var quantity = Quantity.loss

  var kind: PanelKind { quantity == .loss ? .chart : .accuracy }

  func draw(on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let inner = painter.panel(
      rect,
      title: title(look),
      note: note(room: rect.columns - 42, look),
      isSelected: state.panel == kind
    )
    guard state.runs.contains(where: { $0.step > 0 }), inner.rows >= 4 else {
      painter.write("no step has been made yet", inner.row, inner.column, look.dim)
      return
    }
    let plot = ScreenLayout.plotArea(inner)
    switch arrangement {
    case .overlay:
      ChartLegend(panel: self).draw(on: &painter, in: inner)
      chart(look).draw(into: &painter.grid, rect: plot)
    case .multiples: drawMultiples(on: &painter, inner)
    case .difference:
      ChartLegend(panel: self).draw(on: &painter, in: inner)
      differenceChart(look).draw(into: &painter.grid, rect: plot)
    }
  }

  /// One method alone has nothing to be compared with.
  var arrangement: ChartView.Arrangement {
    state.shownRuns.count > 1 ? state.chart.arrangement : .overlay
  }

  // MARK: - Title

  private func title(_ look: Look) -> [Span] {
    var name = quantity == .loss ? "\(set) loss" : "\(set) accuracy"
    if arrangement == .difference { name += " difference" }
    let unit = quantity == .accuracy ? " in %" : ""
    return [Span(name, look.title), Span(unit + circumstance, look.dim)]
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
    if arrangement == .difference {
      return [Span("paired mean ± 95 %, \(PairedDifference.count) batches", look.dim)]
    }
    var parts = [state.isFolded ? "bands: 95 % over seeds" : state.smoothing.title]
    if quantity == .loss { parts.insert(state.isLogarithmic ? "log" : "linear", at: 0) }
    if !state.chart.isFollowing { parts.insert("held", at: 0) }
    let points = "markers: meta-validation ± 95 %"
    if quantity == .accuracy, room >= points.columns + parts[0].columns + 3 {
      parts.insert(points, at: 0)
    }
    return [Span(parts.joined(separator: " · "), look.dim)]
  }

  // MARK: - Charts

  /// The focused method last, so that it lies on top.
  private var order: [Int] {
    let shown = state.shownRuns
    return (shown.filter { $0 != state.focusedRun } + [state.focusedRun]).filter(shown.contains)
  }

  private func chart(_ look: Look) -> LineChart { chart(of: order, look) }

  private func chart(of runs: [Int], _ look: Look) -> LineChart {
    LineChart(
      series: runs.map { series($0, look, isAlone: runs.count == 1) },
      marks: marks(of: runs, look),
      cursor: cursor(look),
      window: state.shownAxis,
      isLogarithmic: quantity == .loss && state.isLogarithmic,
      unit: state.chart.axis.unit,
      axis: look.border,
      label: look.dim,
      glyphs: look.glyphs
    )
  }

  func history(_ run: RunState) -> SeriesHistory {
    quantity == .loss ? run.history : run.accuracyHistory
  }

  private func series(_ index: Int, _ look: Look, isAlone: Bool) -> LineChart.Series {
    let run = state.runs[index]
    let axis = state.chart.axis
    // That of seeds is narrow, and what they are shown for.
    let isSeries = state.members(of: index).count > 1
    let color = state.color(of: index)
    return LineChart.Series(
      samples: state.samples(of: index, history, smoothing: state.smoothing.rawValue),
      marker: look.marker(color),
      style: look.series(color),
      // The raw bands of several would cover each other's curves.
      envelope: isAlone || index == state.focusedRun || isSeries
        ? look.faintSeries(color) : nil,
      points: quantity == .accuracy
        ? run.validations.compactMap { $0.accuracyPoint(at: run.place(of: $0.step, on: axis)) }
        : [],
      shift: index - state.runs.count / 2
    )
  }

  /// Every change of a hyperparameter; those of the focused method say which.
  private func marks(of runs: [Int], _ look: Look) -> [LineChart.Mark] {
    runs.flatMap { index in
      let run = state.runs[index]
      return run.changes.map { change in
        let text = run.hyperparameter(change.id)?.format(change.value) ?? String(change.value)
        return LineChart.Mark(
          x: run.place(of: change.step, on: state.chart.axis),
          label: index == state.focusedRun ? look.glyphs.text("\(change.id) \(text)") : "",
          style: look.faintSeries(run.color)
        )
      }
    }
    .sorted { $0.x < $1.x }
  }

  private func cursor(_ look: Look) -> LineChart.Mark? {
    state.chart.cursor.map { LineChart.Mark(x: $0, label: "", style: look.accent) }
  }

  // MARK: - Arrangements

  /// Charts side by side where each is readable, else one above the other, over the same axes.
  private func drawMultiples(on painter: inout Painter, _ inner: Rect) {
    let look = painter.look
    let shown = state.shownRuns
    let count = shown.count
    let isWide = inner.columns >= count * 36
    let fitting = isWide ? count : max(1, min(count, inner.rows / 7))
    let all = chart(look)
    let range = all.valueRange(width: inner.columns)
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
      var small = chart(of: [index], look)
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

  /// Every other method minus the focused one; below zero its loss is lower.
  private func differenceChart(_ look: Look) -> LineChart {
    let shown = state.shownAxis
    let zero = [shown.lowerBound, shown.upperBound].map {
      LineChart.Sample(x: $0, low: 0, high: 0, value: 0)
    }
    var series = [
      LineChart.Series(samples: zero, marker: look.glyphs.horizontal, style: look.border)
    ]
    for index in order.dropLast() {
      series.append(
        LineChart.Series(
          samples: difference(index),
          marker: look.marker(state.color(of: index)),
          style: look.series(state.color(of: index)),
          envelope: look.faintSeries(state.color(of: index))
        )
      )
    }
    var chart = chart(of: [], look)
    chart.series = series
    chart.isLogarithmic = false
    return chart
  }

  /// A method's paired difference from the focused one, over the present axis.
  func difference(_ index: Int) -> [LineChart.Sample] {
    guard let focused = state.focused else { return [] }
    let run = state.runs[index]
    var samples = PairedDifference.samples(history(run), history(focused))
    guard state.chart.axis != .steps else { return samples }
    for place in samples.indices {
      samples[place].x = focused.place(of: Int(samples[place].x), on: state.chart.axis)
    }
    return samples
  }
}

extension ValidationReport {
  /// The accuracy with its interval, for the chart.
  fileprivate func accuracyPoint(at x: Double) -> LineChart.Sample? {
    accuracy95.map {
      LineChart.Sample(x: x, low: Float($0.low), high: Float($0.high), value: $0.value)
    }
  }
}
