import CellGrid
import Events

/// The line above a chart: the methods' names with their newest values, or those at the cursor.
struct ChartLegend {
  let panel: ChartPanel
  /// Only this run, where each has a chart of its own.
  var only: Int?

  private var state: DashboardState { panel.state }

  /// How much stands behind the methods' names.
  private enum Manner: CaseIterable {
    case spacious
    case tight
    case names
  }

  func draw(on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let place = painter.spelled(placeSpans(look))
    let all = Manner.allCases.map { place + painter.spelled(legend(look, $0)) }
    let spans = all.first { $0.columns <= rect.columns } ?? shortened(painter, rect.columns)
    painter.write(spans, rect.row, rect.column, limit: rect.columns)
  }

  /// With many methods: the beginnings of their names, or their markers alone, so that none is
  /// missing.
  private func shortened(_ painter: Painter, _ room: Int) -> [Span] {
    let look = painter.look
    let isDifference = panel.arrangement == .difference
    guard !isDifference, only == nil, panel.curves.shownRuns.count > 3 else {
      return painter.spelled(legend(look, .names))
    }
    let shown = panel.curves.shownRuns
    let each = room / shown.count - 3
    return shown.flatMap { index -> [Span] in
      let name = look.glyphs.text(state.shownName(index))
        .clipped(to: max(each, 0), ellipsis: look.glyphs.ellipsis)
      let style = index == state.focusedRun ? look.text : look.dim
      return [
        Span("\(look.marker(state.color(of: index))) ", look.series(state.color(of: index))),
        Span("\(name) ", style),
      ]
    }
  }

  /// Where the cursor stands.
  private func placeSpans(_ look: Look) -> [Span] {
    guard let cursor = state.chart.cursor else { return [] }
    let text: String
    switch state.chart.axis {
    case .steps: text = "step \(Numbers.grouped(Int(cursor.rounded())))"
    case .seconds: text = "\(Numbers.fixed(cursor, 2)) s"
    case .episodes: text = "episode \(Numbers.grouped(Int(cursor.rounded())))"
    case .operations: text = "\(Numbers.measured(cursor)) GFLOP"
    }
    return [Span("\(text)  ", look.accent)]
  }

  private func legend(_ look: Look, _ manner: Manner) -> [Span] {
    let isDifference = panel.arrangement == .difference
    let shown = panel.curves.shownRuns.filter { only == nil || only == $0 }
    let methods = shown.flatMap { index -> [Span] in
      if isDifference, index == state.focusedRun { return [] }
      let width = manner == .spacious ? 9 : 8
      let value = value(index)?.left(width) ?? "– "
      return [
        Span("\(look.marker(state.color(of: index))) ", look.series(state.color(of: index))),
        Span(state.shownName(index) + (manner == .tight ? " " : "  "), look.text),
        Span(manner == .names ? "" : value, look.dim),
      ]
    }
    guard isDifference, let focused = state.focused else { return methods }
    return methods + [
      Span("minus ", look.dim),
      Span(
        "\(look.marker(state.color(of: state.focusedRun))) ",
        look.series(state.color(of: state.focusedRun))
      ),
      Span(focused.name, look.text),
    ]
  }

  /// The value at the cursor, or the newest.
  private func value(_ index: Int) -> String? {
    if panel.arrangement == .difference { return difference(index) }
    if panel.quantity == .gain { return gain(index) }
    if let cursor = state.chart.cursor {
      return Self.nearest(panel.curves.samples(index), to: cursor).map { text($0.value) }
    }
    switch panel.quantity {
    case .loss: return state.mean(of: index) { $0.shown.queryLoss.value(state.smoothing) }.map(text)
    case .gain: return nil
    case .accuracy:
      return state.mean(of: index) { $0.shown.queryAccuracy.value(state.smoothing) }
        .map { text($0 * 100) }
    }
  }

  private func text(_ value: Float) -> String {
    panel.quantity != .accuracy ? Numbers.measured(value) : Numbers.percent(value)
  }

  /// Before and after.
  private func gain(_ index: Int) -> String? {
    let (before, after) = (panel.curves.samplesBefore(index), panel.curves.samples(index))
    let places = [before, after].map { samples in
      state.chart.cursor.map { Self.nearest(samples, to: $0) } ?? samples.last
    }
    guard let from = places[0]?.value, let to = places[1]?.value else { return nil }
    func short(_ value: Float) -> String {
      abs(value) < 1000 ? Numbers.fixed(Double(value), 2) : Numbers.power(Double(value))
    }
    return "\(short(from)) → \(short(to)) "
  }

  private func difference(_ index: Int) -> String? {
    let samples = panel.curves.difference(index)
    let sample = state.chart.cursor.map { Self.nearest(samples, to: $0) } ?? samples.last
    guard let sample, sample.value.isFinite else { return nil }
    let half = (sample.high - sample.low) / 2
    return "\(Numbers.measured(sample.value)) ± \(Numbers.measured(half))  "
  }

  /// The sample whose place is nearest, nil outside of the curve by more than a sample's width.
  static func nearest(_ samples: [LineChart.Sample], to x: Double) -> LineChart.Sample? {
    guard let first = samples.first, let last = samples.last else { return nil }
    let spacing = samples.count > 1 ? (last.x - first.x) / Double(samples.count - 1) : 1
    guard x >= first.x - spacing, x <= last.x + spacing else { return nil }
    var (low, high) = (0, samples.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if samples[middle].x < x { low = middle + 1 } else { high = middle }
    }
    guard low > 0, x - samples[low - 1].x < samples[low].x - x else { return samples[low] }
    return samples[low - 1]
  }
}
