import Autodiff
import AutodiffOracle
import Kernels
import Testing

@testable import MetaLearning

/// A symmetric system of three unknowns, in two parts, against its solution by hand.
@Suite struct ConjugateGradientsTests {
  private static let matrix = [[4.0, 1, 0], [1, 3, -1], [0, -1, 2]]
  /// The matrix takes (1, 2, 3) to this.
  private static let target = [6.0, 4, 4]

  private func solved(_ steps: Int, target: [Double] = target) -> [Double] {
    let graph = Graph()
    let parts = [graph.table([target[0]], [1]), graph.table([target[1], target[2]], [2])]
    let solution = ConjugateGradients.solution(
      of: { vector in
        let whole = vector[0].padded(from: 0, to: [3]) + vector[1].padded(from: 1, to: [3])
        let matrix = graph.table(Self.matrix.flatMap { $0 }, [3, 3])
        let image = whole.reshaped(to: [1, 3]).matmul(matrix)
        return [image.slice(from: 0, as: [1]), image.slice(from: 1, as: [2])]
      },
      parts,
      steps: steps,
      tolerance: 1e-10
    )
    let values = ReferenceInterpreter(inputs: [:]).values(of: solution)
    return values.flatMap { $0 }
  }

  @Test func asManyStepsAsUnknownsSolveIt() {
    for (value, wanted) in zip(solved(3), [1.0, 2, 3]) { #expect(abs(value - wanted) < 1e-12) }
  }

  @Test func eachStepComesNearer() {
    let errors = (0...3).map { steps in
      zip(solved(steps), [1.0, 2, 3]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }
    #expect(errors == errors.sorted(by: >) && errors[0] == 14)
  }

  /// Behind a solved system every step would divide nothing by nothing.
  @Test func stepsBehindTheSolutionChangeNothing() {
    #expect(solved(12) == solved(4))
    #expect(solved(5, target: [0, 0, 0]) == [0, 0, 0])
  }
}
