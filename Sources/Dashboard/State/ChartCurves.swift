import CellGrid
import Events

/// What a chart is of.
enum ChartQuantity: Sendable, CaseIterable {
  case loss
  /// In percent, with the meta-validations as points.
  case accuracy
  /// The query loss before and after adaptation, with the gap between them.
  case gain

  var kind: PanelKind {
    switch self {
    case .loss: .chart
    case .accuracy: .accuracy
    case .gain: .gain
    }
  }

  init?(_ kind: PanelKind) {
    guard let own = Self.allCases.first(where: { $0.kind == kind }) else { return nil }
    self = own
  }
}

/// The curves of one chart, in the theme's colours.
struct ChartCurves {
  let state: DashboardState
  let quantity: ChartQuantity
  let look: Look

  init(_ state: DashboardState, _ quantity: ChartQuantity) {
    (self.state, self.quantity) = (state, quantity)
    look = Look(theme: state.theme, capabilities: state.capabilities)
  }

  /// One method alone has nothing to be compared with.
  var arrangement: ChartView.Arrangement {
    guard state.shownRuns.count > 1 else { return .overlay }
    return quantity == .gain && state.chart.arrangement == .difference
      ? .multiples : state.chart.arrangement
  }

  var isLogarithmic: Bool {
    quantity != .accuracy && state.isLogarithmic && arrangement != .difference
  }

  var values: LineChart.ValueWindow {
    state.chart.values(of: quantity.kind, arrangement)
  }

  /// Runs that have what is shown.
  var shownRuns: [Int] {
    state.shownRuns.filter { quantity != .gain || state.runs[$0].isAdapting }
  }

  /// The focused method last, so that it lies on top.
  var order: [Int] {
    let shown = shownRuns
    return (shown.filter { $0 != state.focusedRun } + [state.focusedRun]).filter(shown.contains)
  }

  /// All methods' curves, or their differences from the focused one.
  var chart: LineChart {
    arrangement == .difference ? differences : chart(of: order)
  }

  func chart(of runs: [Int]) -> LineChart {
    var chart = LineChart(
      series: runs.flatMap { series($0, isAlone: runs.count == 1) },
      marks: marks(of: runs),
      cursor: state.chart.cursor.map { LineChart.Mark(x: $0, label: "", style: look.accent) },
      window: state.shownAxis,
      isLogarithmic: isLogarithmic,
      unit: state.chart.axis.unit,
      axis: look.border,
      label: look.dim,
      glyphs: look.glyphs
    )
    chart.values = values
    chart.leastPlace = state.leastPlace
    return chart
  }

  func history(_ run: RunState) -> SeriesHistory {
    switch quantity {
    case .loss: run.history
    case .accuracy: run.accuracyHistory
    case .gain: run.adaptedHistory
    }
  }

  func samples(_ index: Int) -> [LineChart.Sample] {
    state.samples(of: index, history, smoothing: state.smoothing.rawValue)
  }

  /// The same before adaptation.
  func samplesBefore(_ index: Int) -> [LineChart.Sample] {
    state.samples(of: index, \.unadaptedHistory, smoothing: state.smoothing.rawValue)
  }

  private func series(_ index: Int, isAlone: Bool) -> [LineChart.Series] {
    if quantity == .gain { return gain(index, isAlone: isAlone) }
    let run = state.runs[index]
    let axis = state.chart.axis
    // That of seeds is narrow, and what they are shown for.
    let isSeries = state.members(of: index).count > 1
    let color = state.color(of: index)
    return [
      LineChart.Series(
        samples: samples(index),
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
    ]
  }

  /// Before, faintly, and after; the focused method's gap, or that of one alone, is shaded.
  private func gain(_ index: Int, isAlone: Bool) -> [LineChart.Series] {
    let color = state.color(of: index)
    let (before, after) = (samplesBefore(index), samples(index))
    let isShaded = isAlone || index == state.focusedRun
    let gap = zip(before, after).map { before, after in
      LineChart.Sample(
        x: after.x,
        low: min(before.value, after.value),
        high: max(before.value, after.value),
        value: after.value
      )
    }
    return [
      LineChart.Series(
        samples: before,
        marker: look.glyphs.lampOff,
        style: isShaded ? look.series(color) : look.faintSeries(color)
      ),
      LineChart.Series(
        samples: gap,
        marker: look.marker(color),
        style: look.series(color),
        envelope: isShaded ? look.faintSeries(color) : nil
      ),
    ]
  }

  /// Every change of a hyperparameter, and where a run left its band; those of the focused method say
  /// which.
  private func marks(of runs: [Int]) -> [LineChart.Mark] {
    runs.flatMap { index -> [LineChart.Mark] in
      let run = state.runs[index]
      let isFocused = index == state.focusedRun
      let changes = run.changes.map { change in
        let text = run.hyperparameter(change.id)?.format(change.value) ?? String(change.value)
        return LineChart.Mark(
          x: run.place(of: change.step, on: state.chart.axis),
          label: isFocused ? look.glyphs.text("\(change.id) \(text)") : "",
          style: look.faintSeries(run.color)
        )
      }
      guard let divergence = run.divergence else { return changes }
      let what = divergence.isDivergence ? "diverged" : "alarm"
      return changes + [
        LineChart.Mark(
          x: run.place(of: max(divergence.since, 1), on: state.chart.axis),
          label: look.glyphs.text(runs.count == 1 ? what : "\(run.name) \(what)"),
          style: look.bad
        )
      ]
    }
    .sorted { $0.x < $1.x }
  }

  /// Every other method minus the focused one; below zero its loss is lower.
  private var differences: LineChart {
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
    var chart = chart(of: [])
    chart.series = series
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
