import CellGrid
import Events

/// A space of two numbers from above: contours of a surface, places with names, and ways across it,
/// the main one in the run's own colour and on top.
struct PlaneDrawing {
  /// Contours between the surface's lowest and highest value.
  private static let levels = 10

  let state: DashboardState
  let run: RunState
  let title: String

  func draw(on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    guard let map = run.map, rect.rows >= 4, rect.columns >= 12 else {
      let text = run.map == nil ? "\(title): not shown yet" : "\(title) needs more room"
      painter.write(text, rect.row, rect.column, look.dim, limit: rect.columns)
      return
    }
    let plot = Rect(
      row: rect.row + 1,
      column: rect.column,
      rows: rect.rows - 2,
      columns: rect.columns
    )
    drawContours(map, on: &painter, in: plot)
    let ways = map.paths.indices.sorted { !map.paths[$0].isMain && map.paths[$1].isMain }
    for way in ways { draw(way, of: map, on: &painter, in: plot) }
    for (index, place) in map.places.enumerated() {
      draw(place, index, of: map, on: &painter, in: plot)
    }
    for way in ways { drawEnd(way, of: map, on: &painter, in: plot) }
    painter.write(legend(map, look), rect.row, rect.column, limit: rect.columns)
    let row = rect.row + rect.rows - 1
    painter.write(scale(map), row, rect.column, look.dim, limit: rect.columns)
  }

  // MARK: - Words

  private func legend(_ map: MapSnapshot, _ look: Look) -> [Span] {
    var spans = [Span("\(title)  ", look.text)]
    for (way, path) in map.paths.enumerated() where path.isMain || map.paths.count <= 8 {
      spans.append(Span("\(marker(way, of: map, look)) ", style(way, of: map, look)))
      spans.append(Span("\(path.label)  ", look.dim))
    }
    return spans
  }

  private func scale(_ map: MapSnapshot) -> String {
    func text(_ range: ClosedRange<Float>) -> String {
      "\(Numbers.measured(range.lowerBound)) … \(Numbers.measured(range.upperBound))"
    }
    let values = map.surface.joined().filter(\.isFinite)
    let heights = values.min().map { " · contours \(text($0...(values.max() ?? $0)))" } ?? ""
    return "→ \(text(map.xRange)) · ↑ \(text(map.yRange))\(heights)"
  }

  // MARK: - The surface

  private func drawContours(_ map: MapSnapshot, on painter: inout Painter, in plot: Rect) {
    let values = map.surface.joined().filter(\.isFinite)
    guard let low = values.min(), let high = values.max(), low < high, !(high - low).isInfinite
    else {
      return
    }
    var canvas = BrailleCanvas(columns: plot.columns, rows: plot.rows)
    let (width, height) = (canvas.width, canvas.height)
    // Closer together where it is low, which is where the ways lead.
    func share(_ value: Float) -> Float { ((value - low) / (high - low)).squareRoot() }
    let shares = (0..<height).map { y in
      (0..<width).map { x in
        map.value(at: point(x, y, width, height, map)).map(share) ?? .nan
      }
    }
    func level(_ share: Float) -> Int? { share.isFinite ? Int(share * Float(Self.levels)) : nil }
    for y in 0..<height {
      for x in 0..<width {
        guard let own = level(shares[y][x]) else { continue }
        let right = x + 1 < width ? level(shares[y][x + 1]) : own
        let below = y + 1 < height ? level(shares[y + 1][x]) : own
        if right ?? own != own || below ?? own != own { canvas.set(x, y) }
      }
    }
    for row in 0..<plot.rows {
      for column in 0..<plot.columns {
        guard let scalar = canvas.scalar(row: row, column: column, glyphs: painter.glyphs) else {
          continue
        }
        let share = shares[min(row * 4 + 2, height - 1)][min(column * 2 + 1, width - 1)]
        let style = painter.look.gradient(share.isFinite ? Double(share) : 0)
        painter.grid.put(scalar, 1, plot.row + row, plot.column + column, style)
      }
    }
  }

  private func point(
    _ x: Int,
    _ y: Int,
    _ width: Int,
    _ height: Int,
    _ map: MapSnapshot
  )
    -> MapSnapshot.Point
  {
    func at(_ share: Float, _ range: ClosedRange<Float>) -> Float {
      min(range.lowerBound + share * (range.upperBound - range.lowerBound), range.upperBound)
    }
    return .init(
      x: at((Float(x) + 0.5) / Float(width), map.xRange),
      y: at(1 - (Float(y) + 0.5) / Float(height), map.yRange)
    )
  }

  // MARK: - Ways and places

  private func draw(_ way: Int, of map: MapSnapshot, on painter: inout Painter, in plot: Rect) {
    var canvas = BrailleCanvas(columns: plot.columns, rows: plot.rows)
    let dots = map.paths[way].points.map { dot($0, canvas.width, canvas.height, map) }
    for (from, to) in zip(dots, dots.dropFirst()) {
      if let from, let to { canvas.line(from.x, from.y, to.x, to.y) }
    }
    let style = style(way, of: map, painter.look)
    for row in 0..<plot.rows {
      for column in 0..<plot.columns {
        guard let scalar = canvas.scalar(row: row, column: column, glyphs: painter.glyphs) else {
          continue
        }
        painter.grid.put(scalar, 1, plot.row + row, plot.column + column, style)
      }
    }
  }

  /// Where a way has come to.
  private func drawEnd(_ way: Int, of map: MapSnapshot, on painter: inout Painter, in plot: Rect) {
    guard let last = map.paths[way].points.last, let cell = cell(last, map, plot) else { return }
    let marker = marker(way, of: map, painter.look)
    painter.grid.put(marker, 1, cell.row, cell.column, style(way, of: map, painter.look))
  }

  private func draw(
    _ place: MapSnapshot.Place,
    _ index: Int,
    of map: MapSnapshot,
    on painter: inout Painter,
    in plot: Rect
  ) {
    guard let cell = cell(place.point, map, plot) else { return }
    painter.write(
      "×\(place.label)",
      cell.row,
      cell.column,
      painter.look.accent,
      limit: plot.column + plot.columns - cell.column
    )
  }

  /// The run's own series is the main way's; the others follow it.
  private func series(_ way: Int, of map: MapSnapshot) -> Int {
    let own = run.color
    if map.paths[way].isMain { return own }
    return own + 1 + map.paths[..<way].count { !$0.isMain }
  }

  private func style(_ way: Int, of map: MapSnapshot, _ look: Look) -> Style {
    look.series(series(way, of: map))
  }

  private func marker(_ way: Int, of map: MapSnapshot, _ look: Look) -> Unicode.Scalar {
    look.marker(series(way, of: map))
  }

  private func dot(
    _ point: MapSnapshot.Point,
    _ width: Int,
    _ height: Int,
    _ map: MapSnapshot
  )
    -> (x: Int, y: Int)?
  {
    guard map.xRange.contains(point.x), map.yRange.contains(point.y) else { return nil }
    func share(_ value: Float, _ range: ClosedRange<Float>) -> Float {
      (value - range.lowerBound) / (range.upperBound - range.lowerBound)
    }
    return (
      min(Int(share(point.x, map.xRange) * Float(width)), width - 1),
      min(Int((1 - share(point.y, map.yRange)) * Float(height)), height - 1)
    )
  }

  private func cell(
    _ point: MapSnapshot.Point,
    _ map: MapSnapshot,
    _ plot: Rect
  )
    -> (row: Int, column: Int)?
  {
    dot(point, plot.columns, plot.rows, map).map { (plot.row + $0.y, plot.column + $0.x) }
  }
}
