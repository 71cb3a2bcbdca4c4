import CellGrid
import Events

/// In the place of the inner loop, for a run that has none: losses of both halves, and how accurate
/// predictions are that average 1, 5, … noise draws.
struct PredictionTable {
  let state: DashboardState
  let run: RunState

  func draw(on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let losses = [
      ("training loss", run.probes?.supportLosses.first),
      // A transfer's arm meets the held-out images in its predictions alone.
      (
        "held-out loss",
        run.isLossHeldOut ? run.probes?.queryLosses.first : run.validationCurve.first
      ),
    ]
    for (offset, (name, value)) in losses.enumerated() where offset < rect.rows {
      painter.write(name, rect.row + offset, rect.column, look.dim, limit: rect.columns)
      let text = value.map { Numbers.measured($0) } ?? "–"
      painter.write(text.right(8), rect.row + offset, rect.column + 14, look.text)
    }
    drawSamples(on: &painter, in: rect.droppingRows(losses.count))
  }

  private func drawSamples(on painter: inout Painter, in rect: Rect) {
    guard !run.samplesCurve.isEmpty, rect.rows > 1 else { return }
    let look = painter.look
    painter.write("noise draws S", rect.row, rect.column, look.dim)
    painter.write("accuracy".right(9), rect.row, rect.column + 13, look.dim)
    for (offset, score) in run.samplesCurve.prefix(rect.rows - 1).enumerated() {
      let row = rect.row + 1 + offset
      painter.write(String(score.samples).right(13), row, rect.column, look.dim)
      let text = Numbers.percent(score.accuracy * 100).right(9)
      painter.write(text, row, rect.column + 13, look.text)
      let style = look.series(state.index(of: run.id) ?? 0)
      painter.bar(
        Double(score.accuracy),
        row,
        rect.column + 24,
        columns: rect.columns - 24,
        style
      )
    }
  }
}
