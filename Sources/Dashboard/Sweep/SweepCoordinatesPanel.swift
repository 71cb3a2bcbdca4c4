import CellGrid
import Events

/// Parallel coordinates: an upright axis for each hyperparameter and one for the score, and each
/// combination a line across them, in its colour between best and worst.
struct SweepCoordinatesPanel {
  let state: SweepState
  let snapshot: SweepSnapshot

  /// Colours between best and worst; each is a canvas of its own.
  private static let shades = 6

  private var method: String { state.selectedRow?.method ?? "" }

  /// The rows of the selected row's method.
  private var rows: [SweepSnapshot.Row] { snapshot.rows.filter { $0.method == method } }

  /// Hyperparameters that have several values for the selected row's method.
  var axes: [Int] { snapshot.axes.indices.filter { values($0).count > 1 } }

  func draw(on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let inner = painter.panel(
      rect,
      title: [Span("lines of the \(snapshot.chosenBy)", look.title)],
      isSelected: state.shownPanel == .map
    )
    let axes = axes
    guard inner.rows >= 6, inner.columns >= 8 * (axes.count + 1) else {
      painter.write("a larger window shows them", inner.row, inner.column, look.dim)
      return
    }
    let plot = Rect(
      row: inner.row + 2,
      column: inner.column,
      rows: inner.rows - 4,
      columns: inner.columns
    )
    let scores = rows.compactMap { snapshot.choosing($0)?.mean }.filter(\.isFinite)
    guard let low = scores.min(), let high = scores.max() else {
      painter.write("no run has come to its end yet", inner.row, inner.column, look.dim)
      return
    }
    let places = axes.map { values($0) }
    /// A row's heights on the axes, the score's last: 0 is the worst or least, 1 the best or greatest.
    func points(_ row: SweepSnapshot.Row) -> [Double]? {
      guard let score = snapshot.choosing(row)?.mean, score.isFinite else { return nil }
      let share = high > low ? (score - low) / (high - low) : 0
      let heights = zip(axes, places).map { position(row.values.at($0) ?? "", $1) }
      return heights + [snapshot.isAccuracy ? share : 1 - share]
    }
    let lines = rows.compactMap(points)
    drawAxes(axes, places, (low, high), on: &painter, plot)
    // The best on top.
    for shade in (0..<Self.shades).reversed() {
      let own = lines.filter { line in
        let loss = 1 - (line.last ?? 0)
        return min(Int(loss * Double(Self.shades)), Self.shades - 1) == shade
      }
      let style = look.gradient((Double(shade) + 0.5) / Double(Self.shades))
      draw(own, style, on: &painter, plot)
    }
    if let selected = state.selectedRow.flatMap(points) {
      draw([selected], look.accent, on: &painter, plot)
    }
    let last = inner.row + inner.rows - 1
    painter.write(method, last, inner.column, look.dim, limit: inner.columns)
  }

  private func draw(
    _ lines: [[Double]],
    _ style: Style,
    on painter: inout Painter,
    _ plot: Rect
  ) {
    guard !lines.isEmpty else { return }
    var canvas = BrailleCanvas(columns: plot.columns, rows: plot.rows)
    for points in lines {
      var previous: (x: Int, y: Int)?
      for (index, value) in points.enumerated() {
        let x = index * (canvas.width - 1) / max(points.count - 1, 1)
        let y = Int(((1 - value) * Double(canvas.height - 1)).rounded())
        if let previous { canvas.line(previous.x, previous.y, x, y) }
        previous = (x, y)
      }
    }
    canvas.draw(into: &painter.grid, at: plot, style: style, glyphs: painter.glyphs)
  }

  /// Names above, the least value below and the greatest above each axis.
  private func drawAxes(
    _ axes: [Int],
    _ places: [[String]],
    _ range: (low: Double, high: Double),
    on painter: inout Painter,
    _ plot: Rect
  ) {
    let look = painter.look
    let scale = snapshot.isAccuracy ? 100.0 : 1
    let ends = [range.low, range.high].map {
      Numbers.fixed($0 * scale, snapshot.isAccuracy ? 1 : 3)
    }
    let score = snapshot.isAccuracy ? (ends[0], ends[1]) : (ends[1], ends[0])
    let names =
      axes.map { snapshot.axes[$0] } + ["\(snapshot.chosenBy)\(snapshot.isAccuracy ? " %" : "")"]
    let labels = places.map { ($0.first ?? "", $0.last ?? "") } + [score]
    let room = plot.columns / names.count
    for (index, name) in names.enumerated() {
      let column = plot.column + index * (plot.columns - 1) / (names.count - 1)
      for row in plot.rowRange {
        painter.grid.put(painter.glyphs.vertical, 1, row, column, look.border)
      }
      let texts = [
        (name, plot.row - 2, look.accent), (labels[index].1, plot.row - 1, look.dim),
        (labels[index].0, plot.row + plot.rows, look.dim),
      ]
      for (text, row, style) in texts {
        let shown = text.clipped(to: room, ellipsis: painter.glyphs.ellipsis)
        let start = column - shown.columns / 2
        let latest = plot.column + plot.columns - shown.columns
        painter.write(shown, row, min(max(start, plot.column), latest), style)
      }
    }
  }

  private func values(_ axis: Int) -> [String] { snapshot.values(of: axis, method: method) }

  /// Values are evenly spaced on their axis.
  private func position(_ value: String, _ values: [String]) -> Double {
    guard let place = values.firstIndex(of: value), values.count > 1 else { return 0 }
    return Double(place) / Double(values.count - 1)
  }
}

extension SweepSnapshot {
  /// The different values of a hyperparameter for one method, in order.
  func values(of axis: Int, method: String) -> [String] {
    let all = rows.filter { $0.method == method }.compactMap { $0.values.at(axis) }
    return Set(all.filter { !$0.isEmpty }).sorted { SweepState.isBefore($0, $1) }
  }
}
