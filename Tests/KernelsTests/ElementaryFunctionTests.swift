import Foundation
import Testing

@testable import Kernels

@Suite struct ElementaryFunctionTests {
  private func apply(
    _ operation: ChainOperation,
    _ inputs: [Float],
    _ table: KernelTable
  ) -> [Float] {
    var chain = Chain(rows: 1, columns: inputs.count)
    chain.loads = [Chain.Load(address: Address(.episode, 0), slot: 0, cover: .full)]
    chain.steps = [Chain.Step(operation, target: 1, a: 0)]
    chain.stores = [Chain.Store(address: Address(.results, 0), slot: 1)]
    chain.slotCount = 2
    return KernelRun(table: table).results(
      .chain(0),
      chains: [chain],
      inputs: inputs,
      initial: [Float](repeating: 0, count: inputs.count)
    ).values
  }

  private struct Range: CustomTestStringConvertible, Sendable {
    let operation: ChainOperation
    let bounds: ClosedRange<Float>
    /// Errors allowed, in units in the last place.
    let limit: Double
    var testDescription: String { "\(operation) over \(bounds)" }
  }

  private static let ranges = [
    Range(operation: .exp, bounds: -87...88.7, limit: 2),
    Range(operation: .exp, bounds: -1...1, limit: 2),
    Range(operation: .log, bounds: 1e-6...2, limit: 2),
    Range(operation: .log, bounds: 2...1e30, limit: 2),
    Range(operation: .tanh, bounds: -10...10, limit: 2),
    Range(operation: .tanh, bounds: -0.7...0.7, limit: 2),
    Range(operation: .tanh, bounds: -1e-6...1e-6, limit: 1),
    Range(operation: .sigmoid, bounds: -80...80, limit: 2),
    Range(operation: .sigmoid, bounds: -4...4, limit: 2),
    Range(operation: .softplus, bounds: -80...100, limit: 2),
    Range(operation: .softplus, bounds: -4...4, limit: 2),
    Range(operation: .squareRoot, bounds: 0...1e10, limit: 0.51),
  ]

  @Test(arguments: ranges)
  private func errorIsAFewUnitsInTheLastPlace(_ range: Range) {
    let seed: UInt64 = 5
    var generator = SeededGenerator(seed: seed)
    let inputs = generator.floats(20_000, in: range.bounds)
    for table in KernelTable.available {
      let outputs = apply(range.operation, inputs, table)
      var worst = (error: 0.0, at: Float(0))
      for (x, y) in zip(inputs, outputs) {
        let exact = range.operation.exact(Double(x), 0, 0).value
        let error = unitsInLastPlace(y, exact)
        if error > worst.error { worst = (error, x) }
      }
      #expect(worst.error <= range.limit, "\(table) at \(worst.at), seed \(seed)")
    }
  }

  private struct Extreme: CustomTestStringConvertible, Sendable {
    let operation: ChainOperation
    let input: Float
    let expected: Float
    var testDescription: String { "\(operation)(\(input)) = \(expected)" }
  }

  private static let extremes = [
    Extreme(operation: .exp, input: 89, expected: .infinity),
    Extreme(operation: .exp, input: .infinity, expected: .infinity),
    Extreme(operation: .exp, input: -200, expected: 0),
    Extreme(operation: .exp, input: -.infinity, expected: 0),
    Extreme(operation: .exp, input: 0, expected: 1),
    Extreme(operation: .log, input: 0, expected: -.infinity),
    Extreme(operation: .log, input: 1, expected: 0),
    Extreme(operation: .log, input: -1, expected: .nan),
    Extreme(operation: .log, input: .infinity, expected: .infinity),
    Extreme(operation: .squareRoot, input: -1, expected: .nan),
    Extreme(operation: .tanh, input: 100, expected: 1),
    Extreme(operation: .tanh, input: -100, expected: -1),
    Extreme(operation: .tanh, input: .infinity, expected: 1),
    Extreme(operation: .tanh, input: 0, expected: 0),
    Extreme(operation: .sigmoid, input: 0, expected: 0.5),
    Extreme(operation: .sigmoid, input: 1000, expected: 1),
    Extreme(operation: .sigmoid, input: -1000, expected: 0),
    Extreme(operation: .softplus, input: 100, expected: 100),
    Extreme(operation: .softplus, input: 1e30, expected: 1e30),
    Extreme(operation: .softplus, input: -1000, expected: 0),
  ]

  @Test(arguments: extremes)
  private func extremeHasItsLimit(_ extreme: Extreme) {
    for table in KernelTable.available {
      let result = apply(extreme.operation, [extreme.input], table)[0]
      let isRight = extreme.expected.isNaN ? result.isNaN : result == extreme.expected
      #expect(isRight, "\(table): \(result)")
    }
  }

  /// Below the normal range an error of one smallest number is allowed.
  @Test(arguments: KernelTable.available)
  func subnormalsAreKept(_ table: KernelTable) {
    let powers: [Float] = [-88, -90, -95, -100, -102.9]
    for (x, y) in zip(powers, apply(.exp, powers, table)) {
      #expect(unitsInLastPlace(y, exp(Double(x))) <= 2, "exp \(x)")
    }
    let small: [Float] = [100_000, 1000, 7, 1].map { .leastNonzeroMagnitude * $0 }
    for (x, y) in zip(small, apply(.log, small, table)) {
      #expect(unitsInLastPlace(y, log(Double(x))) <= 2, "log \(x)")
    }
    let tail: [Float] = [-86, -100]
    for (x, y) in zip(tail, apply(.softplus, tail, table)) {
      #expect(unitsInLastPlace(y, log1p(exp(Double(x)))) <= 2, "softplus \(x)")
    }
  }

  @Test(arguments: [
    ChainOperation.copy, .negate, .exp, .log, .squareRoot, .tanh, .sigmoid, .softplus,
  ])
  func notANumberStaysNotANumber(_ operation: ChainOperation) {
    for table in KernelTable.available {
      // In whole vectors and in the rest of one.
      let outputs = apply(operation, [Float](repeating: .nan, count: 37), table)
      #expect(outputs.allSatisfy { $0.isNaN }, "\(table)")
    }
  }
}
