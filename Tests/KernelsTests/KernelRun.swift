@testable import Kernels

extension KernelTable: CustomStringConvertible {
  public var description: String { name }
}

/// Replays one program on one instruction set, with inputs in the episode's memory.
struct KernelRun {
  let table: KernelTable
  /// What lies behind the results before a replay; whatever writes too far changes it.
  static let guardValue: Float = -12345.5
  static let guardCount = 64

  /// The first `resultCount` results; `initial` is what they hold before the replay.
  func results(
    _ instruction: Instruction,
    chains: [Chain] = [],
    inputs: [Float],
    initial: [Float]
  ) -> (values: [Float], isGuardIntact: Bool) {
    let program = KernelProgram(
      instructions: [instruction],
      chains: chains,
      constants: [],
      arenaCount: 0,
      resultCount: initial.count
    )
    let workspace = Workspace(kernels: table)
    workspace.bind(.episode, to: AlignedBuffer(inputs))
    let guards = [Float](repeating: Self.guardValue, count: Self.guardCount)
    let results = AlignedBuffer(initial + guards)
    workspace.bind(.results, to: results)
    program.replay(in: workspace)
    let behind = results.values(initial.count..<initial.count + Self.guardCount)
    return (results.values(0..<initial.count), behind == guards)
  }
}

/// Distance in units in the last place of the exact value's single-precision neighbour.
func unitsInLastPlace(_ actual: Float, _ exact: Double) -> Double {
  if exact.isNaN { return actual.isNaN ? 0 : .infinity }
  let nearest = Float(exact)
  if nearest.isInfinite { return actual == nearest ? 0 : .infinity }
  return abs(Double(actual) - exact) / Double(max(nearest.ulp, Float.leastNonzeroMagnitude))
}
