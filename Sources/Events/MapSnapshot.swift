/// A space of two numbers seen from above: a surface, places on it, and ways across it.
///
/// For tasks whose parameters are a point of a plane: the mean loss as contours, each task's minimum,
/// the trajectories that run, and the initialisation's own path.
package struct MapSnapshot: Sendable, Equatable {
  /// Values of the surface in either direction, at most.
  package static let gridLimit = 64
  package static let placeLimit = 64
  package static let pathLimit = 64
  /// Points of a path, at most; a longer one keeps its newest.
  package static let pointLimit = 512
  /// Characters of a label, at most.
  package static let labelLimit = 40

  package struct Point: Sendable, Equatable {
    package var x: Float
    package var y: Float

    package init(x: Float, y: Float) {
      self.x = x
      self.y = y
    }
  }

  /// A point with a name, for example a task's minimum.
  package struct Place: Sendable, Equatable {
    package var label: String
    package var point: Point

    package init(label: String, point: Point) {
      self.label = label
      self.point = point
    }
  }

  /// Where something has been, oldest first.
  package struct Path: Sendable, Equatable {
    package var label: String
    package var points: [Point]
    /// The one that matters most: drawn on top, in the run's own colour.
    package var isMain: Bool

    package init(label: String, points: [Point], isMain: Bool = false) {
      self.label = label
      self.points = points
      self.isMain = isMain
    }
  }

  package var run: RunID
  /// Outer steps made.
  package var step: Int
  package var xRange: ClosedRange<Float>
  package var yRange: ClosedRange<Float>
  /// The surface over the ranges in equal steps, ends included; empty where there is none.
  ///
  /// Rows by rising y, in a row by rising x.
  package var surface: [[Float]]
  package var places: [Place]
  package var paths: [Path]

  /// What is beyond the limits is cut off; a surface whose rows differ in length is left out, and
  /// empty ranges become 0…1.
  package init(
    run: RunID,
    step: Int,
    x: (low: Float, high: Float),
    y: (low: Float, high: Float),
    surface: [[Float]] = [],
    places: [Place] = [],
    paths: [Path] = []
  ) {
    self.run = run
    self.step = step
    xRange = Self.range(x)
    yRange = Self.range(y)
    let rows = surface.prefix(Self.gridLimit).map { Array($0.prefix(Self.gridLimit)) }
    let isGrid = rows.count > 1 && rows.allSatisfy { $0.count == rows[0].count && $0.count > 1 }
    self.surface = isGrid ? rows : []
    self.places = places.prefix(Self.placeLimit).map {
      Place(label: String($0.label.prefix(Self.labelLimit)), point: $0.point)
    }
    self.paths = paths.prefix(Self.pathLimit).map {
      Path(
        label: String($0.label.prefix(Self.labelLimit)),
        points: $0.points.suffix(Self.pointLimit),
        isMain: $0.isMain
      )
    }
  }

  private static func range(_ ends: (low: Float, high: Float)) -> ClosedRange<Float> {
    guard ends.low < ends.high, ends.low > -1e30, ends.high < 1e30 else { return 0...1 }
    return ends.low...ends.high
  }

  /// The surface's value at a point, between its neighbours; nil outside, and where there is none.
  package func value(at point: Point) -> Float? {
    guard let width = surface.first?.count, xRange.contains(point.x), yRange.contains(point.y)
    else {
      return nil
    }
    func place(_ value: Float, _ range: ClosedRange<Float>, _ count: Int) -> (Int, Float) {
      let share = (value - range.lowerBound) / (range.upperBound - range.lowerBound)
      let exact = min(max(share, 0), 1) * Float(count - 1)
      let index = min(Int(exact), count - 2)
      return (index, exact - Float(index))
    }
    let (column, right) = place(point.x, xRange, width)
    let (row, up) = place(point.y, yRange, surface.count)
    func between(_ values: [Float]) -> Float {
      values[column] * (1 - right) + values[column + 1] * right
    }
    return between(surface[row]) * (1 - up) + between(surface[row + 1]) * up
  }
}
