/// Two gradients of the same parameters.
struct GradientPair {
  let own: [Float]
  let other: [Float]

  var dot: Float { zip(own, other).reduce(0) { $0 + $1.0 * $1.1 } }
  /// ‖own‖.
  var ownNorm: Float { own.reduce(0) { $0 + $1 * $1 }.squareRoot() }
  private var otherNorm: Float { other.reduce(0) { $0 + $1 * $1 }.squareRoot() }

  /// 0 when either vanishes.
  var cosine: Float {
    let norms = ownNorm * otherNorm
    return norms > 0 ? dot / norms : 0
  }

  /// ‖other‖ / ‖own‖, 0 when own vanishes.
  var normRatio: Float { ownNorm > 0 ? otherNorm / ownNorm : 0 }
}
