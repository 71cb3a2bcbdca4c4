import Glibc

/// Draws examples of glyphs, one after the other, with memory of its own that is used again.
struct GlyphPen {
  static let side = 28
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
    ink()
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

  /// Covers the strokes with dots at most 1.2 pixels apart.
  private mutating func ink() {
    points.withUnsafeBufferPointer { points in
      pixels.withUnsafeMutableBufferPointer { pixels in
        pixels.update(repeating: 0)
        for index in points.indices {
          let point = points[index]
          guard index % GlyphPath.count < GlyphPath.count - 1 else {
            Self.ink(point, pixels)
            continue
          }
          let way = points[index + 1] - point
          let dots = Float(Int((way * way).sum().squareRoot() / 1.2) + 1)
          for dot in 0..<Int(dots) { Self.ink(point + way * (Float(dot) / dots), pixels) }
        }
      }
    }
  }

  /// A dot: every pixel whose place lies within the pen's radius.
  private static func ink(_ dot: SIMD2<Float>, _ pixels: UnsafeMutableBufferPointer<UInt8>) {
    let radius = GlyphStatistics.penRadius
    let columns = reach(dot.x)
    for row in reach(dot.y) {
      let dy = dot.y - place(row)
      let rest = radius * radius - dy * dy
      for column in columns {
        let dx = dot.x - place(column)
        if dx * dx < rest { pixels[row * side + column] = 255 }
      }
    }
  }

  /// Where a row or column lies in a drawing of 105 pixels.
  private static func place(_ index: Int) -> Float { Float(Int(3.75 * Float(index) + 1.875)) + 0.5 }

  /// The rows or columns that can lie within the pen's radius, and perhaps one more.
  private static func reach(_ place: Float) -> Range<Int> {
    let radius = GlyphStatistics.penRadius
    let first = min(max((place - radius - 2.375) / 3.75, 0), Float(side))
    let end = min(max((place + radius - 1.375) / 3.75 + 1, 0), Float(side))
    return Int(first)..<max(Int(end), Int(first))
  }
}
