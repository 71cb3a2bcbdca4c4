import AutodiffOracle
import Kernels
import Testing

@testable import Autodiff

/// An expression that a rule shortens, with what it must still compute for x = (2, −3, 0.5).
private struct Shortening: CustomTestStringConvertible, Sendable {
  let name: String
  /// Nodes of this kind must be gone.
  let without: Primitive?
  let build: @Sendable (Graph, Tensor) -> Tensor
  let expected: @Sendable (Double) -> Double
  var testDescription: String { name }
}

@Suite struct SimplificationTests {
  private static let shortenings = [
    Shortening(name: "--x", without: .unary(.negate), build: { -(-$1) }, expected: { $0 }),
    Shortening(name: "x + 0", without: .binary(.add), build: { $1 + 0 }, expected: { $0 }),
    Shortening(name: "x - 0", without: .binary(.subtract), build: { $1 - 0 }, expected: { $0 }),
    Shortening(name: "0 - x", without: .binary(.subtract), build: { 0 - $1 }, expected: { -$0 }),
    Shortening(name: "x * 1", without: .binary(.multiply), build: { $1 * 1 }, expected: { $0 }),
    Shortening(name: "x * -1", without: .binary(.multiply), build: { $1 * -1 }, expected: { -$0 }),
    Shortening(
      name: "a hyperparameter * 0",
      without: .input(Address(.settings, 0)),
      build: { graph, x in x + graph.input(Address(.settings, 0), .scalar) * 0 },
      expected: { $0 }
    ),
    Shortening(name: "x / 4", without: .binary(.divide), build: { $1 / 4 }, expected: { $0 / 4 }),
    Shortening(
      name: "x * 3 * 5",
      without: .constant(5),
      build: { $1 * 3 * 5 },
      expected: { $0 * 15 }
    ),
    Shortening(
      name: "x - -x",
      without: .unary(.negate),
      build: { $1 - (-$1) },
      expected: { $0 + $0 }
    ),
    Shortening(
      name: "x + -x²",
      without: .unary(.negate),
      build: { $1 + (-($1 * $1)) },
      expected: { $0 - $0 * $0 }
    ),
    Shortening(
      name: "-x + x²",
      without: .unary(.negate),
      build: { -$1 + $1 * $1 },
      expected: { $0 * $0 - $0 }
    ),
    Shortening(
      name: "-(2 + 3) of constants",
      without: .unary(.negate),
      build: { graph, x in x * (-(graph.constant(2) + graph.constant(3))) },
      expected: { $0 * -5 }
    ),
    Shortening(
      name: "relu of relu",
      without: nil,
      build: { $1.relu().gated(by: $1) },
      expected: { max($0, 0) }
    ),
    Shortening(
      name: "0 gated",
      without: .binary(.gate),
      build: { $0.constant(0, [3]).gated(by: $1) },
      expected: { _ in 0 }
    ),
    Shortening(
      name: "a constant reshaped",
      without: .reshape,
      build: { $0.constant(4, [1, 3]).reshaped(to: [3]) * $1 },
      expected: { 4 * $0 }
    ),
    Shortening(
      name: "a constant's sum",
      without: .sum(.all),
      build: { $0.constant(4, [5, 7]).sum() * $1 },
      expected: { 140 * $0 }
    ),
    Shortening(
      name: "a constant's row sums",
      without: .sum(.rows),
      build: { $0.constant(4, [5, 3]).sumOverRows() * $1 },
      expected: { 20 * $0 }
    ),
    Shortening(
      name: "transposed twice",
      without: .transpose,
      build: { $1.reshaped(to: [3, 1]).transposed().transposed().reshaped(to: [3]) },
      expected: { $0 }
    ),
    Shortening(
      name: "function of a repeated value",
      without: nil,
      build: { $0.constant(2).broadcast(.scalar, to: [3]).exp().log() * $1 },
      expected: { 2 * $0 }
    ),
    Shortening(
      name: "negation moves to the repeated factor",
      without: nil,
      build: { graph, x in (-x) * x.slice(from: 0, as: .scalar) },
      expected: { -2 * $0 }
    ),
  ]

  @Test(arguments: shortenings)
  private func shorterExpressionKeepsItsValue(_ shortening: Shortening) {
    let graph = Graph()
    let x = graph.input(Address(.episode, 0), [3])
    let values = [2, -3, 0.5]
    let tensor = shortening.build(graph, x)
    #expect(tensor.shape == [3])
    let oracle = ReferenceInterpreter(inputs: [Address(.episode, 0): values])
    for (a, e) in zip(oracle.values(of: [tensor])[0], values.map(shortening.expected)) {
      #expect(abs(a - e) < 1e-12)
    }
    if let kind = shortening.without {
      #expect(!reached(from: tensor).contains { graph.nodes[$0].primitive == kind })
    }
  }

  private func reached(from tensor: Tensor) -> Set<Int> {
    var (found, open): (Set<Int>, [Int]) = ([], [tensor.id])
    while let id = open.popLast() {
      if found.insert(id).inserted { open += tensor.graph.nodes[id].operands }
    }
    return found
  }

  @Test func equalExpressionsAreOneNode() {
    let graph = Graph()
    let x = graph.input(Address(.episode, 0), [3])
    let y = graph.input(Address(.episode, 16), [3])
    #expect((x * y).id == (y * x).id)
    #expect((x + y).id == (y + x).id)
    #expect((x - y).id != (y - x).id)
    #expect(graph.input(Address(.episode, 0), [3]).id == x.id)
    let first = (x.exp() * y).sum()
    let count = graph.nodes.count
    let second = (graph.input(Address(.episode, 16), [3]) * x.exp()).sum()
    #expect(second.id == first.id && graph.nodes.count == count)
  }
}
