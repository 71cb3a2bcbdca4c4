import Glibc

/// What the glyphs of one alphabet have in common.
struct GlyphAlphabet: Sendable {
  let kinds: [Float]
  let counts: [Float]
  let sharedStrokes: [GlyphStroke]
  let size: Float

  init(_ draws: inout RandomDraws) {
    let kinds = draws.dirichlet(GlyphStatistics.strokeKinds.map(Self.concentrated))
    self.kinds = kinds
    counts = draws.dirichlet(GlyphStatistics.strokeCounts.map(Self.concentrated))
    sharedStrokes = (0..<GlyphStatistics.sharedStrokes).map { _ in
      GlyphStroke(&draws, kinds: kinds)
    }
    size = draws.uniform(GlyphStatistics.glyphSize.lowerBound, GlyphStatistics.glyphSize.upperBound)
  }

  private static func concentrated(_ share: Float) -> Float {
    share * GlyphStatistics.concentration
  }
}

/// A class: which strokes, and how they hang together.
struct GlyphProgram: Sendable {
  /// Where a stroke begins.
  enum Start: Sendable {
    case free(SIMD2<Float>)
    /// At a share of the way along an earlier stroke.
    case attached(stroke: Int, way: Float)
  }

  private(set) var strokes: [(stroke: GlyphStroke, start: Start)] = []
  let scale: Float
  let middle: SIMD2<Float>

  init(_ draws: inout RandomDraws, _ alphabet: GlyphAlphabet) {
    var points: [SIMD2<Float>] = []
    for number in 0...draws.choice(alphabet.counts) {
      let stroke = Self.stroke(&draws, alphabet)
      let start = Self.start(&draws, number)
      GlyphPath.trace(
        from: Self.point(start, points),
        length: stroke.length,
        heading: { stroke.heading + stroke.bends[$0] },
        into: &points
      )
      strokes.append((stroke, start))
    }
    let (low, high) = bounds(points)
    let wanted = alphabet.size * expf(draws.normal(GlyphStatistics.sizeDeviation))
    scale = min(wanted / max((high - low).max(), 1), 3)
    middle = (low + high) / 2
  }

  /// One of the alphabet's own strokes, or a new one.
  private static func stroke(_ draws: inout RandomDraws, _ alphabet: GlyphAlphabet) -> GlyphStroke {
    guard draws.uniform() < GlyphStatistics.shareOfSharedStrokes else {
      return GlyphStroke(&draws, kinds: alphabet.kinds)
    }
    var stroke = alphabet.sharedStrokes[draws.index(below: alphabet.sharedStrokes.count)]
    stroke.length *= expf(draws.normal(0.2))
    return stroke
  }

  private static func start(_ draws: inout RandomDraws, _ number: Int) -> Start {
    let kind = number == 0 ? 0 : draws.choice(GlyphStatistics.attachments)
    switch kind {
    case 0: return .free(SIMD2(draws.uniform(20, 85), draws.uniform(20, 85)))
    case 1:
      return .attached(stroke: draws.index(below: number), way: draws.uniform(0.1, 0.9))
    case 2: return .attached(stroke: number - 1, way: 0)
    default: return .attached(stroke: number - 1, way: 1)
    }
  }

  /// Where a start lies, given the points of the strokes before it.
  static func point(_ start: Start, _ points: [SIMD2<Float>], slide: Float = 0) -> SIMD2<Float> {
    switch start {
    case .free(let point): return point
    case .attached(let stroke, let way):
      let last = Float(GlyphPath.count - 1)
      let index = min(max(((way + slide) * last).rounded(), 0), last)
      return points[stroke * GlyphPath.count + Int(index)]
    }
  }
}

/// The corners of the box about some points.
func bounds(_ points: [SIMD2<Float>]) -> (low: SIMD2<Float>, high: SIMD2<Float>) {
  var low = SIMD2<Float>(repeating: .infinity)
  var high = -low
  for point in points {
    low = pointwiseMin(low, point)
    high = pointwiseMax(high, point)
  }
  return (low, high)
}
