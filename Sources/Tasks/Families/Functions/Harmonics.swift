import Glibc

/// y = a₁ sin(ω x + b₁) + a₂ sin(2ω x + b₂), seen through a window (Lacoste et al., 2018).
///
/// a₁, a₂ ~ N(0, 1), ω ~ U[5, 7], b₁, b₂ ~ U[0, 2π]; x ~ N(μ, 1) with μ ~ U[−4, 4] of the task.
package struct Harmonics: TaskFunction {
  package static let taskName = "harmonics"
  package static let inputCount = 1
  package static let defaults = TaskDefaults.functions(
    steps: 30_000,
    metaBatch: 25,
    evaluateEvery: 1_000,
    width: 40
  )

  private let amplitudes: (Float, Float)
  private let phases: (Float, Float)
  private let frequency: Float
  private let centre: Float

  package init(_ draws: inout RandomDraws) {
    amplitudes = (draws.normal(), draws.normal())
    phases = (draws.uniform(0, 2 * .pi), draws.uniform(0, 2 * .pi))
    frequency = draws.uniform(5, 7)
    centre = draws.uniform(-4, 4)
  }

  package func input(_ axis: Int, _ draws: inout RandomDraws) -> Float { centre + draws.normal() }

  package func term(_ x: Float, _ axis: Int) -> Float {
    amplitudes.0 * sinf(frequency * x + phases.0) + amplitudes.1
      * sinf(2 * frequency * x + phases.1)
  }
}
