/// Points of a plane joined by lines: lines in dots, and marks over them.
package struct LinkDrawing: Sendable {
  /// What a point is marked as.
  package enum Mark: Int, Sendable {
    case middle
    case same
    case other
    case none
  }

  /// Both coordinates from 0 to 1, from the upper left.
  package let points: [(x: Double, y: Double, mark: Mark)]
  /// Pairs of points, by their places.
  package let links: [(Int, Int)]

  /// Marks by their numbers; any other number is none.
  package init(_ points: [(x: Double, y: Double, mark: Int)], _ links: [(Int, Int)]) {
    self.points = points.map { ($0.x, $0.y, Mark(rawValue: $0.mark) ?? .none) }
    self.links = links
  }

  /// Marks brighter the nearer a point is to the one in the middle; lines are the darkest.
  private static let brightness: [UInt8] = [255, 255, 150, 110]
  private static let lineBrightness: UInt8 = 90

  /// Draws over what is there; a point of the middle hides others in its cell.
  package func draw(into grid: inout CellGrid, in rect: Rect, glyphs: Glyphs) {
    guard !rect.isEmpty else { return }
    var canvas = BrailleCanvas(columns: rect.columns, rows: rect.rows)
    func place(_ share: Double, _ count: Int) -> Int {
      min(max(Int(share * Double(count)), 0), count - 1)
    }
    func dot(_ point: Int) -> (x: Int, y: Int)? {
      guard points.indices.contains(point) else { return nil }
      return (place(points[point].x, canvas.width), place(points[point].y, canvas.height))
    }
    for (first, second) in links {
      guard let from = dot(first), let to = dot(second) else { continue }
      canvas.line(from.x, from.y, to.x, to.y)
    }
    canvas.draw(into: &grid, at: rect, style: Self.style(Self.lineBrightness), glyphs: glyphs)
    let marks: [Unicode.Scalar] =
      glyphs.isUnicode ? ["◉", "●", "○", "·"] : ["@", "*", "o", "."]
    for point in points.sorted(by: { $0.mark.rawValue > $1.mark.rawValue }) {
      grid.put(
        marks[point.mark.rawValue],
        1,
        rect.row + place(point.y, rect.rows),
        rect.column + place(point.x, rect.columns),
        Self.style(Self.brightness[point.mark.rawValue])
      )
    }
  }

  private static func style(_ grey: UInt8) -> Style {
    Style(.rgb(grey, grey, grey), on: .rgb(0, 0, 0))
  }
}
