import Glibc
import Kernels

/// Single numbers from a stream, one after the other, for what is drawn in small pieces.
///
/// SplitMix64 (Steele, Lea and Flood 2014) from the stream's key: depends on nothing but the name
/// of the stream.
package struct RandomDraws: RandomNumberGenerator {
  private var state: UInt64
  private var spareNormal: Float?

  package init(_ stream: RandomStream) { state = stream.key }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// A number in [0, 1).
  package mutating func uniform() -> Float { Float(next() >> 40) * 0x1p-24 }

  package mutating func uniform(_ lower: Float, _ upper: Float) -> Float {
    lower + (upper - lower) * uniform()
  }

  /// A whole number in 0..<`count`.
  package mutating func index(below count: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(count)).high)
  }

  package mutating func sign() -> Float { next() >> 63 == 0 ? 1 : -1 }

  /// A normal number (Box and Muller 1958).
  package mutating func normal() -> Float {
    if let spare = spareNormal {
      spareNormal = nil
      return spare
    }
    // 1 - u lies in (0, 1], so its logarithm is finite.
    let radius = (-2 * logf(1 - uniform())).squareRoot()
    let angle = 2 * Float.pi * uniform()
    spareNormal = radius * sinf(angle)
    return radius * cosf(angle)
  }

  package mutating func normal(_ deviation: Float) -> Float { deviation * normal() }

  /// An index with probability proportional to its weight.
  package mutating func choice(_ weights: [Float]) -> Int {
    var rest = uniform() * weights.reduce(0, +)
    for (index, weight) in weights.enumerated() {
      rest -= weight
      if rest < 0 { return index }
    }
    return weights.count - 1
  }

  /// `count` different whole numbers below `limit`, in random order.
  package mutating func sample(_ count: Int, below limit: Int) -> ArraySlice<Int> {
    precondition(count <= limit, "\(count) different ones of \(limit)")
    var all = Array(0..<limit)
    for position in 0..<count { all.swapAt(position, position + index(below: limit - position)) }
    return all[..<count]
  }

  /// A number in [0, 1] that is beta distributed; both parameters above 0.
  ///
  /// From two gamma variables by their logarithms, for those of small parameters are smaller than any
  /// number.
  package mutating func beta(_ a: Double, _ b: Double) -> Double {
    let (x, y) = (logGamma(a), logGamma(b))
    return 1 / (1 + exp(y - x))
  }

  /// The logarithm of a gamma variable of scale one (Marsaglia and Tsang 2000).
  private mutating func logGamma(_ shape: Double) -> Double {
    guard shape >= 1 else { return logGamma(shape + 1) + log(1 - Double(uniform())) / shape }
    let d = shape - 1 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = Double(normal())
      let root = 1 + c * x
      let v = root * root * root
      if v > 0, log(1 - Double(uniform())) < 0.5 * x * x + d * (1 - v + log(v)) {
        return log(d * v)
      }
    }
  }

  /// Weights that sum to one, spread about `concentrations` (a Dirichlet distribution).
  package mutating func dirichlet(_ concentrations: [Float]) -> [Float] {
    let weights = concentrations.map { gamma($0) }
    let total = max(weights.reduce(0, +), .leastNormalMagnitude)
    return weights.map { $0 / total }
  }

  /// A gamma variable of scale one (Marsaglia and Tsang 2000).
  private mutating func gamma(_ shape: Float) -> Float {
    guard shape >= 1 else { return gamma(shape + 1) * powf(1 - uniform(), 1 / shape) }
    let d = shape - 1 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normal()
      let root = 1 + c * x
      let v = root * root * root
      if v > 0, logf(1 - uniform()) < 0.5 * x * x + d * (1 - v + logf(v)) { return d * v }
    }
  }
}
