import Autodiff

/// Conjugate gradients in the graph, for symmetric systems that are known by their products.
///
/// A vector is given in parts, of any shapes.
package enum ConjugateGradients {
  /// The inner product of two vectors.
  package static func product(_ first: [Tensor], _ second: [Tensor]) -> Tensor {
    let parts = zip(first, second).map { ($0 * $1).sum() }
    guard let start = parts.first else { preconditionFailure("a vector has parts") }
    return parts.dropFirst().reduce(start, +)
  }

  /// What `system` takes to `target`, after `steps` steps from 0.
  ///
  /// When the squared residual has fallen to `tolerance`, or to `relativeTolerance` of the target's
  /// squared size, the rest of the steps change nothing, so that a solved system divides nothing by
  /// nothing.
  package static func solution(
    of system: ([Tensor]) -> [Tensor],
    _ target: [Tensor],
    steps: Int,
    tolerance: Double = 0,
    relativeTolerance: Double = 0
  ) -> [Tensor] {
    var residual = target
    var direction = target
    var solution = target.map { $0.graph.constant(0, $0.shape) }
    var square = product(residual, residual)
    let enough = square * relativeTolerance + tolerance
    for step in 0..<steps {
      let image = system(direction)
      // The first step is made however small the target.
      let open = step == 0 ? square : square - enough
      let length = (square / product(direction, image)).gated(by: open)
      solution = zip(solution, direction).map { $0 + $1 * length }
      residual = zip(residual, image).map { $0 - $1 * length }
      let next = product(residual, residual)
      let share = (next / square).gated(by: open)
      direction = zip(residual, direction).map { $0 + $1 * share }
      square = next
    }
    return solution
  }
}
