import Glibc
import Testing

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
  ///
  /// In parts, which workers might share, they are the same to the bit.
  func results(
    _ instruction: Instruction,
    chains: [Chain] = [],
    inputs: [Float],
    initial: [Float]
  ) -> (values: [Float], isGuardIntact: Bool) {
    let whole = results(instruction, chains, inputs, initial, parts: nil)
    let cut = results(instruction, chains, inputs, initial, parts: 3)
    let isEqual = whole.values.withUnsafeBytes { whole in
      cut.values.withUnsafeBytes { cut in
        guard let first = whole.baseAddress, let second = cut.baseAddress else { return true }
        return memcmp(first, second, whole.count) == 0
      }
    }
    #expect(isEqual && cut.isGuardIntact, "\(table) \(instruction) in three parts")
    return whole
  }

  /// Whether a program leaves the same bits in its results when its instructions are cut into parts.
  func isSameInParts(
    _ program: KernelProgram,
    inputs: [Float],
    initial: [Float],
    as results: AlignedBuffer
  ) -> Bool {
    let whole = results.values(0..<initial.count).map(\.bitPattern)
    return [2, 3, 7].allSatisfy { parts in
      let workspace = Workspace(kernels: table)
      let cut = AlignedBuffer(initial)
      workspace.bind(.episode, to: AlignedBuffer(inputs))
      workspace.bind(.results, to: cut)
      program.replay(in: workspace, parts: parts)
      return cut.values(0..<initial.count).map(\.bitPattern) == whole
    }
  }

  private func results(
    _ instruction: Instruction,
    _ chains: [Chain],
    _ inputs: [Float],
    _ initial: [Float],
    parts: Int?
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
    if let parts {
      program.replay(in: workspace, parts: parts)
    } else {
      program.replay(in: workspace)
    }
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
