import Glibc

extension Landscape {
  private static let columns = 48
  private static let rows = 32

  /// As far as two thirds of a surface reach about its centre.
  package var map: SurfaceMap? {
    let reach = 10.0
    let xs = surfaces.map(\.centre.x)
    let ys = surfaces.map(\.centre.y)
    let x = (xs.min() ?? 0) - reach...(xs.max() ?? 0) + reach
    let y = (ys.min() ?? 0) - reach...(ys.max() ?? 0) + reach
    guard [x.lowerBound, x.upperBound, y.lowerBound, y.upperBound].allSatisfy({ abs($0) < 1e6 })
    else { return nil }
    func place(_ index: Int, _ count: Int, _ range: ClosedRange<Double>) -> Double {
      range.lowerBound + (range.upperBound - range.lowerBound) * Double(index) / Double(count - 1)
    }
    let heights = (0..<Self.rows).map { row in
      (0..<Self.columns).map { column -> Float in
        let point = (place(column, Self.columns, x), place(row, Self.rows, y))
        let sum = surfaces.reduce(0) { $0 + $1.height(point.0, point.1) }
        return Float(log1p(sum / Double(surfaces.count)))
      }
    }
    return SurfaceMap(
      x: Float(x.lowerBound)...Float(x.upperBound),
      y: Float(y.lowerBound)...Float(y.upperBound),
      heights: heights,
      minima: surfaces.enumerated().flatMap { index, surface in
        surface.minima.map { .init(label: "\(index + 1)", x: Float($0.x), y: Float($0.y)) }
      }
    )
  }
}

extension Landscape.Surface {
  /// Himmelblau's four, moved, turned and stretched like the surface.
  package var minima: [(x: Double, y: Double)] {
    [(3, 2), (-2.805118, 3.131312), (-3.779310, -3.283186), (3.584428, -1.848126)].map { u, v in
      (
        centre.x + Landscape.scale * (cos(angle) * u + sin(angle) * v),
        centre.y + Landscape.scale * (cos(angle) * v - sin(angle) * u)
      )
    }
  }
}
