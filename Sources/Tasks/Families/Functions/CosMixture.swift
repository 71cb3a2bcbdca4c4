import Glibc

/// f(x) = −0.1 Σᵢ A cos(ω xᵢ + φ) − Σᵢ xᵢ² on [−1, 1]² (A-MAML, AISTATS 2023, its synthetic tasks).
///
/// A ~ U[0.1, 1], ω ~ U[π/2, 2π], φ ~ U[3, 6]; one of each for both inputs.
package struct CosMixture: TaskFunction {
  package static let taskName = "cosmixture"
  package static let inputCount = 2
  package static let defaults = TaskDefaults.functions(
    query: 15,
    steps: 5_000,
    metaBatch: 5,
    evaluateEvery: 250,
    width: 32
  )

  private let amplitude: Float
  private let frequency: Float
  private let phase: Float

  package init(_ draws: inout RandomDraws) {
    amplitude = draws.uniform(0.1, 1)
    frequency = draws.uniform(0.5 * .pi, 2 * .pi)
    phase = draws.uniform(3, 6)
  }

  package func input(_ axis: Int, _ draws: inout RandomDraws) -> Float { draws.uniform(-1, 1) }

  package func term(_ x: Float, _ axis: Int) -> Float {
    -0.1 * amplitude * cosf(frequency * x + phase) - x * x
  }
}
