import Glibc

/// Student's t distribution, which a mean of few values needs.
package enum StudentT {
  /// The t with probability `probability` (above one half) below it.
  package static func quantile(_ probability: Double, degrees: Int) -> Double {
    var (low, high) = (0.0, 2.0)
    while below(high, degrees) < probability, high < 1e12 { (low, high) = (high, high * 2) }
    for _ in 0..<100 {
      let middle = (low + high) / 2
      if below(middle, degrees) < probability { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  /// The probability of a value below `t`, for a `t` of at least 0.
  private static func below(_ t: Double, _ degrees: Int) -> Double {
    let n = Double(degrees)
    return 1 - incompleteBeta(n / (n + t * t), n / 2, 0.5) / 2
  }

  /// The regularised incomplete beta function Iₓ(a, b).
  private static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
    guard x > 0 else { return 0 }
    guard x < 1 else { return 1 }
    // The fraction converges quickly on this side of the mean alone.
    guard x < (a + 1) / (a + b + 2) else { return 1 - incompleteBeta(1 - x, b, a) }
    // In two steps, for the type checker takes seconds over one.
    let inverseBeta: Double = lgamma(a + b) - lgamma(a) - lgamma(b)
    let logarithm: Double = inverseBeta + a * log(x) + b * log(1 - x)
    return exp(logarithm) / a / continuedFraction(x, a, b)
  }

  /// DLMF 8.17.22, evaluated forward by Lentz's algorithm.
  private static func continuedFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    let tiny = 1e-300
    var (value, numerator, denominator) = (1.0, 1.0, 0.0)
    for index in 1...500 {
      let m = Double(index / 2)
      let coefficient =
        index % 2 == 0
        ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      denominator = 1 + coefficient * denominator
      denominator = 1 / (abs(denominator) < tiny ? tiny : denominator)
      numerator = 1 + coefficient / numerator
      if abs(numerator) < tiny { numerator = tiny }
      value *= numerator * denominator
      if abs(numerator * denominator - 1) < 1e-15 { break }
    }
    return value
  }
}
