import AutodiffOracle
import Kernels
import Testing

@testable import Autodiff

/// Values and derivatives of what is not a number, by hand, by a plan and by the interpreter.
@Suite struct NotANumberTests {
  private static let place = Address(.episode, 0)

  private func expect(
    _ tensors: [Tensor],
    of x: [Double],
    are expected: [[Double]],
    _ location: SourceLocation = #_sourceLocation
  ) {
    let inputs = [Self.place: x]
    let exact = ReferenceInterpreter(inputs: inputs).values(of: tensors)
    let replayed = replay(tensors, inputs: inputs).map { $0.map { Double($0) } }
    for (index, values) in expected.enumerated() {
      for found in [exact[index], replayed[index]] {
        let isEqual =
          found.count == values.count
          && zip(found, values).allSatisfy { $0.isNaN ? $1.isNaN : abs($0 - $1) < 1e-6 }
        #expect(isEqual, "output \(index): \(found)", sourceLocation: location)
      }
    }
  }

  /// As PyTorch's: relu(NaN) is NaN, its gradient there passes; the clamp's does not.
  @Test func rectifierAndClamp() {
    let graph = Graph()
    let x = graph.input(Self.place, [4])
    let (open, clamped) = (x.relu(), x.clamped(to: 1))
    let slope = graph.gradient(of: open.sum(), withRespectTo: [x])[0]
    let cut = graph.gradient(of: clamped.sum(), withRespectTo: [x])[0]
    expect(
      [open, slope, clamped, cut],
      of: [.nan, -2, 3, 0],
      are: [[.nan, 0, 3, 0], [1, 0, 1, 0], [.nan, -2, 1, 0], [0, 1, 0, 1]]
    )
  }

  /// d/dx Σ relu(x)³ is 3 relu(x)², then 6 relu(x), then 6: at every order only the NaN's own are.
  @Test func everyOrderOfDerivative() {
    let graph = Graph()
    let x = graph.input(Self.place, [3])
    let y = x.relu()
    let first = graph.gradient(of: (y * y * y).sum(), withRespectTo: [x])[0]
    let second = graph.gradient(of: first.sum(), withRespectTo: [x])[0]
    let third = graph.gradient(of: second.sum(), withRespectTo: [x])[0]
    expect(
      [first, second, third],
      of: [.nan, -1, 2],
      are: [[.nan, 0, 12], [.nan, 0, 12], [6, 0, 6]]
    )
  }

  /// The window with what is not a number gives that; its gradient goes there.
  @Test func pooling() {
    let graph = Graph()
    let x = graph.input(Self.place, [1, 2, 4, 1])
    let pooled = x.maxPooled()
    let slope = graph.gradient(of: pooled.sum(), withRespectTo: [x])[0]
    expect(
      [pooled, slope],
      of: [1, 9, 4, 3, .nan, 2, 1, 0],
      are: [[.nan, 4], [0, 0, 1, 0, 1, 0, 0, 0]]
    )
  }

  @Test(arguments: [0, 1, 2])
  func logitsThatAreNone(_ place: Int) {
    let graph = Graph()
    let x = graph.input(Self.place, [2, 3])
    let targets = graph.input(Address(.episode, 16), [2, 3])
    var logits: [Double] = [1, 2, 3, 3, 2, 1]
    logits[3 + place] = .nan
    let inputs = [Self.place: logits, Address(.episode, 16): [0, 0, 1, 1, 0, 0]]
    let tensors = [x.crossEntropy(targets), x.accuracy(targets)]
    for values in replay(tensors, inputs: inputs) { #expect(values[0].isNaN) }
    for values in ReferenceInterpreter(inputs: inputs).values(of: tensors) {
      #expect(values[0].isNaN)
    }
  }

  /// Zero times what is none is none: no shortening hides it.
  @Test func zeroHidesNothing() {
    let graph = Graph()
    let x = graph.input(Self.place, [2])
    expect(
      [x * 0, x - x, graph.constant(0, [2]).gated(by: x), (x * 2) * 0],
      of: [.nan, 3],
      are: [[.nan, 0], [.nan, 0], [0, 0], [.nan, 0]]
    )
  }
}
