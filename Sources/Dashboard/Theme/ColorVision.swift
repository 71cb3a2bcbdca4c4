import CellGrid
import Glibc

/// How far two colours are apart for eyes that lack one kind of cone.
///
/// Machado, Oliveira, Fernandes 2009 at full severity, then the Euclidean distance in CIE L*a*b*;
/// about 2 is just noticeable, 20 is told apart at a glance.
package enum ColorVision {
  package static let matrices: [(eyes: String, matrix: [[Double]])] = [
    ("normal", [[1, 0, 0], [0, 1, 0], [0, 0, 1]]),
    (
      "deuteranopia",
      [
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
      ]
    ),
    (
      "protanopia",
      [
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
      ]
    ),
    (
      "tritanopia",
      [
        [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
      ]
    ),
  ]

  /// 0 for colours whose value only the terminal knows.
  package static func distance(_ first: Color, _ second: Color, _ matrix: [[Double]]) -> Double {
    guard let first = lab(first, matrix), let second = lab(second, matrix) else { return 0 }
    return zip(first, second).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
  }

  private static func lab(_ color: Color, _ matrix: [[Double]]) -> [Double]? {
    guard case .rgb(let red, let green, let blue) = color.value else { return nil }
    let light = [red, green, blue].map { linear(Double($0) / 255) }
    let seen = matrix.map { min(max(product($0, light), 0), 1) }
    let x = root(product([0.4124, 0.3576, 0.1805], seen) / 0.9505)
    let y = root(product([0.2126, 0.7152, 0.0722], seen))
    let z = root(product([0.0193, 0.1192, 0.9505], seen) / 1.089)
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
  }

  private static func product(_ first: [Double], _ second: [Double]) -> Double {
    zip(first, second).reduce(0) { $0 + $1.0 * $1.1 }
  }

  private static func linear(_ share: Double) -> Double {
    share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
  }

  private static func root(_ t: Double) -> Double {
    t > 0.008856 ? cbrt(t) : 7.787 * t + 16.0 / 116
  }
}
