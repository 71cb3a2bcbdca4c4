/// A piecewise constant function on [−5, 5]: three jumps, four levels; all numbers are ours.
///
/// Jumps ~ U[−5, 5], levels ~ U[−5, 5], each by itself.
package struct Steps: TaskFunction {
  package static let taskName = "steps"
  package static let inputCount = 1
  package static let defaults = TaskDefaults.functions(
    steps: 30_000,
    metaBatch: 25,
    evaluateEvery: 1_000,
    width: 40
  )

  private static let range: (Float, Float) = (-5, 5)
  /// In the order of the line.
  private let jumps: [Float]
  private let levels: [Float]

  package init(_ draws: inout RandomDraws) {
    let (lower, upper) = Self.range
    jumps = (0..<3).map { _ in draws.uniform(lower, upper) }.sorted()
    levels = (0..<4).map { _ in draws.uniform(lower, upper) }
  }

  package func input(_ axis: Int, _ draws: inout RandomDraws) -> Float {
    draws.uniform(Self.range.0, Self.range.1)
  }

  package func term(_ x: Float, _ axis: Int) -> Float { levels[jumps.count { $0 <= x }] }
}
