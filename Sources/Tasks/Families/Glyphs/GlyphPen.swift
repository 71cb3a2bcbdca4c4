import Glibc

/// Draws examples of glyphs, one after the other, with memory of its own that is used again.
struct GlyphPen {
  static let side = 28
  /// Where the 28 rows and columns lie in a drawing of 105 pixels.
  private static let grid = (0..<side).map { ((Float($0) + 0.5) * 3.75).rounded(.down) + 0.5 }

  private let jitter: GlyphJitter
  private var points: [SIMD2<Float>] = []
  /// 255 is ink.
  private(set) var pixels = [UInt8](repeating: 0, count: side * side)

  init(jitter: GlyphJitter) {
    self.jitter = jitter
    points.reserveCapacity(6 * GlyphPath.count)
  }

  /// Draws one example of `program` into `pixels`.
  mutating func draw(_ program: GlyphProgram, _ draws: inout RandomDraws) {
    trace(program, &draws)
    place(program, &draws)
    for index in pixels.indices { pixels[index] = 0 }
    for start in stride(from: 0, to: points.count, by: GlyphPath.count) {
      for index in start..<start + GlyphPath.count - 1 { ink(points[index], points[index + 1]) }
    }
  }

  /// The strokes as a hand repeats them: never quite the same.
  private mutating func trace(_ program: GlyphProgram, _ draws: inout RandomDraws) {
    points.removeAll(keepingCapacity: true)
    let tremor = jitter.start / program.scale
    for (stroke, start) in program.strokes {
      var slide: Float = 0
      var distance = tremor
      if case .attached = start {
        slide = draws.normal(0.05)
        distance *= 0.4
      }
      let begin = GlyphProgram.point(start, points, slide: slide)
      let moved = begin + distance * SIMD2(draws.normal(), draws.normal())
      let walk = bendWalk(&draws)
      let heading = stroke.heading + draws.normal(jitter.heading)
      let turn = expf(draws.normal(0.10))
      GlyphPath.trace(
        from: moved,
        length: stroke.length * expf(draws.normal(jitter.length)),
        heading: { heading + turn * stroke.bends[$0] + Self.bend(walk, at: $0) },
        into: &points
      )
    }
  }

  private func bendWalk(_ draws: inout RandomDraws) -> SIMD4<Float> {
    var walk = SIMD4<Float>()
    var sum: Float = 0
    for index in 0..<4 {
      sum += draws.normal(jitter.bend)
      walk[index] = sum
    }
    return walk
  }

  /// The walk between its four places, which are spread evenly over the stroke.
  private static func bend(_ walk: SIMD4<Float>, at step: Int) -> Float {
    let way = 3 * Float(step) / Float(GlyphStroke.steps - 1)
    let index = min(Int(way), 2)
    return walk[index] + (way - Float(index)) * (walk[index + 1] - walk[index])
  }

  /// Turns, shears, scales and shifts the whole drawing.
  private mutating func place(_ program: GlyphProgram, _ draws: inout RandomDraws) {
    let angle = draws.normal(jitter.rotation)
    let (cosine, sine) = (cosf(angle), sinf(angle))
    let shear = draws.normal(jitter.shear)
    let scale =
      program.scale
      * SIMD2(expf(draws.normal(jitter.scale)), expf(draws.normal(jitter.scale)))
    let shift = SIMD2(draws.normal(jitter.shift), draws.normal(jitter.shift))
    for index in points.indices {
      var point = (points[index] - program.middle) * scale
      point.x += shear * point.y
      points[index] = SIMD2(
        cosine * point.x - sine * point.y,
        sine * point.x + cosine * point.y
      )
    }
    let (low, high) = bounds(points)
    let move = GlyphStatistics.centre + shift - (low + high) / 2
    for index in points.indices { points[index] += move }
  }

  /// A straight piece of a stroke: dots at most 1.2 pixels apart.
  private mutating func ink(_ from: SIMD2<Float>, _ to: SIMD2<Float>) {
    let way = to - from
    let dots = max(((way * way).sum().squareRoot() / 1.2).rounded(.up), 1)
    for dot in 0...Int(dots) { ink(from + way * (Float(dot) / dots)) }
  }

  /// A dot: every pixel whose place lies within the pen's radius.
  private mutating func ink(_ dot: SIMD2<Float>) {
    let radius = GlyphStatistics.penRadius
    let columns = Self.reach(dot.x, radius)
    for row in Self.reach(dot.y, radius) {
      let dy = dot.y - Self.grid[row]
      let rest = radius * radius - dy * dy
      guard rest > 0 else { continue }
      for column in columns {
        let dx = dot.x - Self.grid[column]
        if dx * dx < rest { pixels[row * Self.side + column] = 255 }
      }
    }
  }

  /// The rows or columns that can lie within `radius` of `place`, and perhaps one more.
  private static func reach(_ place: Float, _ radius: Float) -> Range<Int> {
    let first = min(max((place - radius - 2.375) / 3.75, 0), Float(side))
    let end = min(max((place + radius - 1.375) / 3.75 + 1, 0), Float(side))
    return Int(first)..<max(Int(end), Int(first))
  }
}
