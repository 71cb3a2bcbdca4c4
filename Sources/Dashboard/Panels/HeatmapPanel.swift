import CellGrid
import Events

/// Every layer's values over time: one row a layer, one column a stretch of outer steps.
///
/// A cell tells its value twice, by the height of its block and by its colour, so it is legible
/// without colour.
struct HeatmapPanel {
  let state: DashboardState

  /// Much is neither good nor bad: the method's own colour, faint to full.
  private var color: Int { state.heatmapRun?.color ?? 0 }

  func draw(on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let run = state.heatmapRun
    let inner = painter.panel(
      rect,
      title: state.title("layers over time", run, look),
      note: run.map { [Span("\(window($0)) · h: next quantity", look.dim)] } ?? [],
      isSelected: state.panel == .heatmap
    )
    guard let run else {
      painter.write("no method here measures layers", inner.row, inner.column, look.dim)
      return
    }
    let all = LayerQuantity.quantities(of: run)
    var row = inner.row
    for offset in all.indices {
      let quantity = all[(state.heatmap + offset) % all.count]
      let end = inner.row + inner.rows
      guard offset == 0 || row + quantity.layers.count + 1 <= end else { break }
      draw(quantity, of: run, on: &painter, row, in: inner, end)
      row += quantity.layers.count + 2
    }
  }

  private func window(_ run: RunState) -> String {
    run.step > 0 ? "steps 1–\(Numbers.grouped(run.step))" : "not measured yet"
  }

  private func draw(
    _ quantity: LayerQuantity,
    of run: RunState,
    on painter: inout Painter,
    _ row: Int,
    in rect: Rect,
    _ end: Int
  ) {
    let nameWidth = min(quantity.layers.map(\.columns).max() ?? 0, max(4, rect.columns / 4))
    let room = rect.columns - nameWidth - 12
    guard room >= 4 else { return }
    let rows = quantity.layers.indices.map { layer in
      quantity.history(layer, of: run).map { Self.cells($0, count: room) } ?? []
    }
    let values = rows.joined().filter(\.isFinite)
    let range = (values.min() ?? 0)...(values.max() ?? 0)
    drawLegend(quantity, values.isEmpty ? nil : range, on: &painter, row, rect)
    for (offset, layer) in quantity.layers.enumerated() where row + 1 + offset < end {
      let line = row + 1 + offset
      painter.write(layer, line, rect.column, painter.look.text, limit: nameWidth)
      let place = rect.column + nameWidth + 1
      for (column, value) in rows[offset].enumerated() {
        draw(value, range, on: &painter, line, place + column)
      }
      let newest = rows[offset].last(where: \.isFinite).map { Numbers.measured($0) } ?? "–"
      painter.writeRight(newest, line, end: rect.column + rect.columns, painter.look.dim)
    }
  }

  private func drawLegend(
    _ quantity: LayerQuantity,
    _ range: ClosedRange<Float>?,
    on painter: inout Painter,
    _ row: Int,
    _ rect: Rect
  ) {
    let look = painter.look
    var column = rect.column
    let room = rect.columns
    column += painter.write("\(quantity.label)  ", row, column, look.accent, limit: room)
    guard let range else { return }
    let ends = [range.lowerBound, range.upperBound].map { Numbers.measured($0).columns }
    // The scale stands whole or not at all.
    let width = ends[0] + ends[1] + 2 + look.glyphs.lowerBlocks.count
    guard column + width <= rect.column + room else { return }
    column += painter.write("\(Numbers.measured(range.lowerBound)) ", row, column, look.dim)
    let levels = look.glyphs.lowerBlocks.count
    for level in 0..<levels {
      let share = Double(level) / Double(levels - 1)
      let style = look.series(color, strength: share)
      painter.grid.put(look.glyphs.lowerBlocks[level], 1, row, column + level, style)
    }
    painter.write(" \(Numbers.measured(range.upperBound))", row, column + levels, look.dim)
  }

  private func draw(
    _ value: Float,
    _ range: ClosedRange<Float>,
    on painter: inout Painter,
    _ row: Int,
    _ column: Int
  ) {
    guard value.isFinite else { return }
    let span = range.upperBound - range.lowerBound
    let share = span > 0 ? Double((value - range.lowerBound) / span) : 0.5
    let blocks = painter.glyphs.lowerBlocks
    let level = min(blocks.count - 1, Int(share * Double(blocks.count)))
    painter.grid.put(blocks[level], 1, row, column, painter.look.series(color, strength: share))
  }

  /// The whole history in at most `count` cells, means of neighbours; NaN where nothing was told.
  static func cells(_ history: SeriesHistory, count: Int) -> [Float] {
    let buckets = history.buckets.filter { $0.count + $0.bad > 0 }
    guard buckets.count > count else { return buckets.map(\.mean) }
    return (0..<count).map { cell in
      let range = cell * buckets.count / count..<(cell + 1) * buckets.count / count
      return buckets[range].reduce(SeriesHistory.Bucket()) { $0.merged(with: $1) }.mean
    }
  }
}
