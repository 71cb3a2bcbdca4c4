extension LineChart {
  /// Columns between two points of one series, at least, so that they stay apart.
  private static let distance = 4

  /// Draws each series' points with their intervals; of crowded ones, those that have room.
  func drawPoints(_ scale: AxisScale, into grid: inout CellGrid, _ plot: Rect) {
    for series in series {
      var free = 0
      for point in series.points where places.contains(point.x) {
        let column =
          Int((places.share(of: point.x) * Double(plot.columns - 1)).rounded()) + series.shift
        guard column >= free, column < plot.columns else { continue }
        guard draw(point, series, column, scale, into: &grid, plot) else { continue }
        free = column + Self.distance
      }
    }
  }

  private func draw(
    _ point: Sample,
    _ series: Series,
    _ column: Int,
    _ scale: AxisScale,
    into grid: inout CellGrid,
    _ plot: Rect
  ) -> Bool {
    let height = plot.rows * 4
    guard let middle = dot(point.value, scale, height), (0..<height).contains(middle) else {
      return false
    }
    if let low = dot(point.low, scale, height), let high = dot(point.high, scale, height) {
      var canvas = BrailleCanvas(columns: 1, rows: plot.rows)
      canvas.vertical(0, high, low)
      let place = Rect(row: plot.row, column: plot.column + column, rows: plot.rows, columns: 1)
      canvas.draw(into: &grid, at: place, style: series.style, glyphs: glyphs)
    }
    grid.put(series.marker, 1, plot.row + middle / 4, plot.column + column, series.style)
    return true
  }
}
