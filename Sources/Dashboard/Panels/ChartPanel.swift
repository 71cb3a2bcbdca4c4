import CellGrid
import Events

/// The query loss of all methods over outer steps.
struct ChartPanel {
  let state: DashboardState

  func draw(on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let axis = state.isLogarithmic ? "log" : "linear"
    let inner = painter.panel(
      rect,
      title: [Span("query loss", look.title), Span(" after adaptation", look.dim)],
      note: [Span("\(axis) · \(state.smoothing.title)", look.dim)],
      isSelected: state.panel == .chart
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

  private func drawLegend(on painter: inout Painter, in rect: Rect) {
    let full = painter.spelled(legend(painter.look, withValues: true))
    let isShort = full.columns > rect.columns
    let spans = isShort ? legend(painter.look, withValues: false) : full
    painter.write(spans, rect.row, rect.column, limit: rect.columns)
  }

  /// Marker and name of each method and, with room, its newest value.
  private func legend(_ look: Look, withValues: Bool) -> [Span] {
    state.runs.enumerated().flatMap { index, run in
      let value = run.queryLoss.value(state.smoothing).map { Numbers.measured($0).left(8) } ?? "–"
      return [
        Span("\(look.marker(index)) ", look.series(index)), Span("\(run.name)  ", look.text),
        Span(withValues ? "\(value) " : "", look.dim),
      ]
    }
  }

  private func chart(_ look: Look) -> LineChart {
    // The focused method last, so that it lies on top.
    let order = state.runs.indices.filter { $0 != state.focusedRun } + [state.focusedRun]
    return LineChart(
      series: order.filter(state.runs.indices.contains).map { series($0, look) },
      marks: marks(look),
      window: 0...Self.window(steps: state.runs.map(\.step).max() ?? 0, total: total),
      isLogarithmic: state.isLogarithmic,
      unit: "step",
      axis: look.border,
      label: look.dim,
      glyphs: look.glyphs
    )
  }

  private var total: Int { state.runs.map(\.description.totalSteps).max() ?? 0 }

  private func series(_ index: Int, _ look: Look) -> LineChart.Series {
    LineChart.Series(
      samples: state.runs[index].history.samples(smoothing: state.smoothing.rawValue),
      marker: look.marker(index),
      style: look.series(index),
      envelope: look.faintSeries(index)
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
