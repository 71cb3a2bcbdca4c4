/// What a person may choose of the generated glyphs.
package struct GlyphParameters: Sendable, Hashable {
  package var seed: UInt64 = 0
  package var alphabets = 50
  package var classes = 1623
  package var examples = 20
  /// Multiplies every difference between drawings of one glyph: harder above 1, easier below.
  package var jitter: Float = 1
  /// Whether an episode's classes come from one alphabet, which is harder.
  package var withinAlphabet = false

  package init() {}
}

/// Numbers fitted to the pen strokes of Omniglot (Lake, Salakhutdinov and Tenenbaum, 2015).
///
/// Lengths are in pixels of a 105×105 drawing, angles in radians; deviations are those of normal
/// numbers.
enum GlyphStatistics {
  static let strokeCounts: [Float] = [0.24, 0.30, 0.23, 0.13, 0.06, 0.04]
  /// Straight, arc, corners, loopy.
  static let strokeKinds: [Float] = [0.30, 0.24, 0.26, 0.20]
  /// Where a later stroke begins: anywhere, on an earlier stroke, at the last one's start, its end.
  static let attachments: [Float] = [0.42, 0.42, 0.07, 0.09]
  /// How closely an alphabet keeps to the numbers above.
  static let concentration: Float = 4
  static let sharedStrokes = 5
  static let shareOfSharedStrokes: Float = 0.65
  static let medianLength: Float = 60
  static let lengthDeviation: Float = 0.62
  static let glyphSize: ClosedRange<Float> = 56...76
  static let sizeDeviation: Float = 0.15
  static let centre = SIMD2<Float>(50.8, 48.9)
  static let penRadius: Float = 2.7
}

/// How drawings of one glyph differ.
struct GlyphJitter: Sendable {
  let start: Float
  let heading: Float
  let bend: Float
  let length: Float
  let rotation: Float
  let shear: Float
  let scale: Float
  let shift: Float

  /// As in Omniglot at 1.
  init(_ amount: Float) {
    start = 2.5 * amount
    heading = 0.075 * amount
    bend = 0.10 * amount
    length = 0.12 * amount
    rotation = 0.065 * amount
    shear = 0.08 * amount
    scale = 0.15 * amount
    shift = 5.4 * amount
  }
}
