import Glibc

/// One movement of the pen: how far, in which direction, and how it bends on the way.
struct GlyphStroke: Sendable {
  static let steps = 32

  var length: Float
  let heading: Float
  /// The heading at each step, relative to the first.
  let bends: [Float]

  /// A new stroke; `kinds` weighs straight, arc, corners and loopy.
  init(_ draws: inout RandomDraws, kinds: [Float]) {
    let spread = expf(draws.normal(GlyphStatistics.lengthDeviation))
    length = min(max(GlyphStatistics.medianLength * spread, 8), 240)
    // People prefer the eight directions of the compass.
    heading =
      draws.uniform() < 0.65
      ? Float(draws.index(below: 8)) * .pi / 4 + draws.normal(0.12)
      : draws.uniform(-.pi, .pi)
    bends =
      switch draws.choice(kinds) {
      case 0: Self.ramp(to: draws.normal(0.12))
      case 1: Self.ramp(to: draws.sign() * draws.uniform(0.8, 3.6))
      case 2: Self.corners(&draws)
      default: Self.loops(&draws)
      }
  }

  /// The share of the way at each step.
  private static let ways = (0..<steps).map { Float($0) / Float(steps - 1) }

  private static func ramp(to turn: Float) -> [Float] { ways.map { turn * $0 } }

  private static func corners(_ draws: inout RandomDraws) -> [Float] {
    var bends = [Float](repeating: 0, count: steps)
    for _ in 0...draws.index(below: 3) {
      let place = draws.uniform(0.15, 0.85)
      let turn = draws.sign() * draws.uniform(0.9, 2.4)
      for step in 0..<steps where ways[step] > place { bends[step] += turn }
    }
    return bends
  }

  private static func loops(_ draws: inout RandomDraws) -> [Float] {
    var bends = [Float](repeating: 0, count: steps)
    let inner = (0...draws.index(below: 2)).map { _ in draws.uniform(0.2, 0.8) }.sorted()
    let borders = [0] + inner + [1]
    for (begin, end) in zip(borders, borders.dropFirst()) {
      let turn = draws.sign() * draws.uniform(2, 5.5)
      for step in 0..<steps {
        bends[step] += turn * min(max((ways[step] - begin) / max(end - begin, 1e-6), 0), 1)
      }
    }
    return bends
  }
}

/// A pen's path: one point more than steps.
struct GlyphPath {
  static let count = GlyphStroke.steps + 1

  /// Appends the points of a path that begins at `start`.
  static func trace(
    from start: SIMD2<Float>,
    length: Float,
    heading: (Int) -> Float,
    into points: inout [SIMD2<Float>]
  ) {
    var point = start
    let step = length / Float(GlyphStroke.steps)
    points.append(point)
    for index in 0..<GlyphStroke.steps {
      let angle = heading(index)
      point += step * SIMD2(cosf(angle), sinf(angle))
      points.append(point)
    }
  }
}
