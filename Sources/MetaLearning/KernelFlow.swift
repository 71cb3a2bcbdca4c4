import Autodiff

/// Gradient flow in function space by matrix products alone, where others need eigenvectors, inverses or
/// exponentials.
package enum KernelFlow {
  /// A H⁻¹ (I − exp(−tH)) R for a symmetric H ≥ 0 `[n, n]`, A `[m, n]`, a time t and R `[n, k]`.
  ///
  /// With P(t) = H⁻¹ (I − exp(−tH)): P(2t) = P(t) (2I − H P(t)), begun by the series of P at t / 2^`doublings`,
  /// times H at most about 1; beyond 2.5 it grows without end. H P(t) alone is doubled, and stays bounded where
  /// P itself would grow with t, so single precision is enough; the factors then act on R, the last first,
  /// and never on a matrix of more than k columns.
  /// For a long t it is A H⁻¹ R: a linear system solved.
  package static func flowed(
    _ reach: Tensor,
    _ curvature: Tensor,
    _ residual: Tensor,
    time: Tensor,
    doublings: Int
  ) -> Tensor {
    let graph = curvature.graph
    let identity = graph.identity(curvature.shape.rows)
    let part = time * (1 / Double(1 << doublings))
    let small = curvature * part
    let square = small.matmul(small)
    let series =
      (identity - small * 0.5 + square * (1 / 6.0) - square.matmul(small) * (1 / 24.0)) * part
    var own = curvature.matmul(series)
    var factors: [Tensor] = []
    for doubling in 0..<doublings {
      let factor = identity * 2 - own
      factors.append(factor)
      if doubling < doublings - 1 { own = own.matmul(factor) }
    }
    let moved = factors.reversed().reduce(residual) { $1.matmul($0) }
    return reach.matmul(series.matmul(moved))
  }

  /// Doublings that a largest eigenvalue λ needs up to a time t, so that tλ / 2^D is at most 1.
  package static func doublings(time: Double, largest: Double) -> Int {
    guard time * largest > 1, (time * largest).isFinite else { return 0 }
    var (count, reached) = (0, 1.0)
    while reached < time * largest { (count, reached) = (count + 1, reached * 2) }
    return count
  }

  /// The most doublings that a method offers.
  package static let mostDoublings = 30

  /// A sentence where more doublings are needed than are set, or nil; `remedy` says what else to do where no number
  /// is enough, given the share of the time that would be.
  package static func advice(
    needed: Float?,
    set: Int,
    _ what: String,
    remedy: (_ share: Double) -> String
  ) -> String? {
    guard let needed = needed.flatMap({ Int(exactly: $0) }), needed > set else { return nil }
    let wrong = "doublings: \(set) are too few for \(what)"
    guard needed > mostDoublings else { return wrong + "; use --set doublings=\(needed) or more" }
    let share = (mostDoublings..<needed).reduce(1.0) { share, _ in share / 2 }
    return wrong + ", which is too large for any; use --set doublings=\(mostDoublings) and "
      + remedy(share)
  }

  /// The largest eigenvalues of a symmetric matrix without negative ones, in falling order.
  ///
  /// By orthogonal iteration on two vectors more; good to about a thousandth of the largest.
  package static func largestEigenvalues(_ matrix: [Float], count wanted: Int) -> [Double] {
    let size = Int(Double(matrix.count).squareRoot().rounded())
    guard size > 0, matrix.allSatisfy(\.isFinite) else { return [] }
    let numbers = matrix.map { Double($0) }
    var basis: [[Double]] = (0..<min(size, wanted + 2)).map { column in
      // No kernel's null vectors but by chance.
      (0..<size).map { row -> Double in
        let digit = (row * 7 + column * 3) % 11
        return row == column ? 1 : 0.1 / Double(digit + 1)
      }
    }
    var values: [Double] = []
    var change = Double.infinity
    for _ in 0..<200 where change > 1e-7 {
      orthonormalise(&basis)
      let images = basis.map { image(of: $0, numbers) }
      let found = zip(basis, images).map { product($0, $1) }
      let scale = max(found.max() ?? 0, 1e-300)
      if !values.isEmpty {
        change = zip(found, values).reduce(0.0) { max($0, abs($1.0 - $1.1)) } / scale
      }
      values = found
      basis = images
    }
    return Array(values.map { max($0, 0) }.sorted(by: >).prefix(wanted))
  }

  private static func product(_ first: [Double], _ second: [Double]) -> Double {
    var sum = 0.0
    for index in first.indices { sum += first[index] * second[index] }
    return sum
  }

  private static func image(of vector: [Double], _ matrix: [Double]) -> [Double] {
    let size = vector.count
    return (0..<size).map { row in product(Array(matrix[row * size..<(row + 1) * size]), vector) }
  }

  private static func orthonormalise(_ vectors: inout [[Double]]) {
    for index in vectors.indices {
      // Twice, because what is left of a nearly dependent vector is rounding.
      for _ in 0..<2 {
        for other in 0..<index {
          let share = product(vectors[index], vectors[other])
          for row in vectors[index].indices { vectors[index][row] -= share * vectors[other][row] }
        }
      }
      let norm = product(vectors[index], vectors[index]).squareRoot()
      let scale = norm > 1e-300 ? 1 / norm : 0
      for row in vectors[index].indices { vectors[index][row] *= scale }
    }
  }
}
