import CellGrid
import Events

/// The query loss or accuracy of all methods over outer steps.
struct ChartPanel {
  enum Quantity: Sendable {
    case loss
    /// In percent, with the meta-validations as points.
    case accuracy
  }

  let state: DashboardState
  var quantity = Quantity.loss

  func draw(on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let inner = painter.panel(
      rect,
      title: title(look),
      note: note(room: rect.columns - 42, look),
      isSelected: state.panel == (quantity == .loss ? .chart : .accuracy)
    )
    guard !state.runs.contains(where: { $0.step > 0 }) || inner.rows < 4 else {
      drawLegend(on: &painter, in: inner)
      let plot = Rect(
        row: inner.row + 1,
        column: inner.column - 1,
        rows: inner.rows - 1,
        columns: inner.columns + 2
      )
      chart(look).draw(into: &painter.grid, rect: plot)
      return
    }
    painter.write("no step has been made yet", inner.row, inner.column, look.dim)
  }

  private func title(_ look: Look) -> [Span] {
    switch quantity {
    case .loss: [Span("\(set) loss", look.title), Span(circumstance, look.dim)]
    case .accuracy: [Span("\(set) accuracy", look.title), Span(" in %\(circumstance)", look.dim)]
    }
  }

  /// On what the curves are measured.
  private var set: String {
    state.runs.isEmpty || state.runs.contains(where: \.isLossHeldOut) ? "query" : "training"
  }

  /// Of an inner loop, where some run has one.
  private var circumstance: String {
    guard state.runs.contains(where: \.isEpisodic) || state.runs.isEmpty else { return "" }
    return quantity == .loss ? " after adaptation" : ", after adaptation"
  }

  private func note(room: Int, _ look: Look) -> [Span] {
    let smoothing = state.smoothing.title
    switch quantity {
    case .loss:
      return [Span("\(state.isLogarithmic ? "log" : "linear") · \(smoothing)", look.dim)]
    case .accuracy:
      let points = "markers: meta-validation ± 95 % · "
      let isRoomy = room >= points.columns + smoothing.columns
      return [Span(isRoomy ? points + smoothing : smoothing, look.dim)]
    }
  }

  private func drawLegend(on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let all = [Legend.spacious, .tight, .names].map { painter.spelled(legend(look, $0)) }
    let spans = all.first { $0.columns <= rect.columns } ?? all[2]
    painter.write(spans, rect.row, rect.column, limit: rect.columns)
  }

  /// How much stands behind the methods' names.
  private enum Legend {
    case spacious
    case tight
    case names
  }

  /// Marker and name of each method and, with room, its newest value.
  private func legend(_ look: Look, _ manner: Legend) -> [Span] {
    state.runs.enumerated().flatMap { index, run in
      let width = manner == .spacious ? 9 : 8
      let value = manner == .names ? "" : newest(run)?.left(width) ?? "– "
      return [
        Span("\(look.marker(index)) ", look.series(index)),
        Span(run.name + (manner == .tight ? " " : "  "), look.text),
        Span(value, look.dim),
      ]
    }
  }

  private func newest(_ run: RunState) -> String? {
    switch quantity {
    case .loss: run.queryLoss.value(state.smoothing).map { Numbers.measured($0) }
    case .accuracy: run.queryAccuracy.value(state.smoothing).map { Numbers.percent($0 * 100) }
    }
  }

  private func chart(_ look: Look) -> LineChart {
    // The focused method last, so that it lies on top.
    let order = state.runs.indices.filter { $0 != state.focusedRun } + [state.focusedRun]
    return LineChart(
      series: order.filter(state.runs.indices.contains).map { series($0, look) },
      marks: marks(look),
      window: 0...Self.window(steps: state.runs.map(\.step).max() ?? 0, total: total),
      isLogarithmic: quantity == .loss && state.isLogarithmic,
      unit: "step",
      axis: look.border,
      label: look.dim,
      glyphs: look.glyphs
    )
  }

  private var total: Int { state.runs.map(\.description.totalSteps).max() ?? 0 }

  private func series(_ index: Int, _ look: Look) -> LineChart.Series {
    let run = state.runs[index]
    let history = quantity == .loss ? run.history : run.accuracyHistory
    return LineChart.Series(
      samples: history.samples(smoothing: state.smoothing.rawValue),
      marker: look.marker(index),
      style: look.series(index),
      envelope: look.faintSeries(index),
      points: quantity == .accuracy ? run.validations.compactMap(\.accuracyPoint) : [],
      shift: index - state.runs.count / 2
    )
  }

  /// Every change of a hyperparameter; those of the focused method say which.
  private func marks(_ look: Look) -> [LineChart.Mark] {
    state.runs.enumerated().flatMap { index, run in
      run.changes.map { change in
        let text = run.hyperparameter(change.id)?.format(change.value) ?? String(change.value)
        return LineChart.Mark(
          x: Double(change.step),
          label: index == state.focusedRun ? look.glyphs.text("\(change.id) \(text)") : "",
          style: look.faintSeries(index)
        )
      }
    }
    .sorted { $0.x < $1.x }
  }

  /// The window's end: it stands still while curves fill it and then grows to the next round size.
  ///
  /// A window that slides would change every cell with every frame.
  static func window(steps: Int, total: Int) -> Double {
    var decade = 100
    while true {
      for size in [decade, decade * 2, decade * 5] where steps <= size {
        return Double(total >= steps && total > 0 ? min(size, total) : size)
      }
      decade *= 10
    }
  }
}

extension RunState.Validation {
  /// The accuracy with its interval, for the chart.
  fileprivate var accuracyPoint: LineChart.Sample? {
    accuracy95.map {
      LineChart.Sample(x: Double(step), low: Float($0.low), high: Float($0.high), value: $0.value)
    }
  }
}
