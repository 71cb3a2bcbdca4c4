import Glibc

/// f(x) = Σᵢ |xᵢ sin(xᵢ + φᵢ) + 0.1 xᵢ| on [−10, 10]² (A-MAML, AISTATS 2023, its synthetic tasks).
///
/// φᵢ ~ U[−5π/12, 5π/12], one for each input.
package struct Alpine: TaskFunction {
  package static let taskName = "alpine"
  package static let inputCount = 2
  package static let defaults = TaskDefaults.functions(
    query: 15,
    steps: 5_000,
    metaBatch: 5,
    evaluateEvery: 250,
    width: 32
  )

  private let phases: (Float, Float)

  package init(_ draws: inout RandomDraws) {
    let end = 5 * Float.pi / 12
    phases = (draws.uniform(-end, end), draws.uniform(-end, end))
  }

  package func input(_ axis: Int, _ draws: inout RandomDraws) -> Float { draws.uniform(-10, 10) }

  package func term(_ x: Float, _ axis: Int) -> Float {
    abs(x * sinf(x + (axis == 0 ? phases.0 : phases.1)) + 0.1 * x)
  }
}
