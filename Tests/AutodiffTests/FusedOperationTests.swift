import AutodiffOracle
import Kernels
import Testing

@testable import Autodiff

/// A method's own operation, as a test has it: the transpose of the first operand; the second's shape
/// is the value's, and it is not read.
struct Turned: FusedOperation {
  func accepts(_ operands: [Shape], as shape: Shape) -> Bool {
    shape == [operands[0].columns, operands[0].rows] && operands[1] == shape
  }

  func gradient(_ operands: [Tensor], upstream: Tensor) -> [Tensor?] {
    [upstream.fused(Turned(), [operands[0]], as: operands[0].shape), nil]
  }

  func operationCount(_ operands: [Shape], as shape: Shape) -> Int { 5 * shape.count }

  func kernel(_ memory: FusedMemory) -> FusedKernel {
    .transpose(
      source: memory.operands[0],
      target: memory.target,
      rows: Int32(memory.shapes[0].rows),
      columns: Int32(memory.shapes[0].columns)
    )
  }

  func reference(_ operands: [[Double]], _ shapes: [Shape], as shape: Shape) -> [Double] {
    let (rows, columns) = (shapes[0].rows, shapes[0].columns)
    return (0..<rows * columns).map { operands[0][$0 % rows * columns + $0 / rows] }
  }
}

/// The seam for a method's own kernel; its gradients of every order are among `GradientTests`.
@Suite struct FusedOperationTests {
  @Test func operationIsSharedCountedAndReplayed() {
    let graph = Graph()
    let x = graph.input(Address(.episode, 0), [2, 3])
    let like = graph.input(Address(.episode, 16), [3, 2])
    let turned = x.fused(Turned(), [like], as: [3, 2])
    let count = graph.nodes.count
    #expect(x.fused(Turned(), [like], as: [3, 2]).id == turned.id && graph.nodes.count == count)
    let inputs: [Address: [Double]] = [
      Address(.episode, 0): [1, 2, 3, 4, 5, 6], Address(.episode, 16): [0, 0, 0, 0, 0, 0],
    ]
    let replay = PlanReplay(graph, [turned, turned * turned], inputs: inputs)
    let results = replay.results(in: replay.makeWorkspace())
    #expect(results == [[1, 4, 2, 5, 3, 6], [1, 16, 4, 25, 9, 36]])
    #expect(replay.plan.operationCount == 5 * 6 + 6)
  }
}
