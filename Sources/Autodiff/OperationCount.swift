extension Plan {
  /// Floating-point operations of a graph's nodes that are computed, by their definition.
  ///
  /// A multiplication with an addition is two, a root or an exponential one, moving numbers none. So
  /// the count is the method's and not the kernels': Winograd's shortcut and values computed twice do
  /// not change it.
  static func operationCount(_ graph: Graph, _ isLive: [Bool]) -> Int {
    graph.nodes.indices.reduce(0) { $0 + (isLive[$1] ? operations(graph.nodes[$1], graph) : 0) }
  }

  /// Of a 3×3 kernel, a multiplication and an addition at each of its places.
  private static var kernelOperations: Int { 2 * 9 }

  private static func operations(_ node: Graph.Node, _ graph: Graph) -> Int {
    let count = node.shape.count
    let operands = node.operands.map { graph.nodes[$0].shape }
    switch node.primitive {
    case .input, .constant, .table, .transpose, .exchange, .broadcast, .reshape, .slice, .pad,
      .stopGradient:
      return 0
    case .cornerChoice, .pool, .unpool, .spatialBroadcast: return 0
    case .unary, .binary: return count
    case .matmul(let isLeftTransposed):
      let inner = isLeftTransposed ? operands[0].rows : operands[0].columns
      return 2 * inner * count
    case .sum, .spatialSum, .rowMaximum: return operands[0].count
    // As many as the form has room for: what an episode fills is not known.
    case .sparseProduct(let form, _): return 2 * form.mostEntries * node.shape.columns
    case .moments: return 4 * operands[0].count
    case .poolingChoice: return 3 * count
    case .convolution: return kernelOperations * operands[0].columns * count
    case .convolutionInputGradient: return kernelOperations * operands[0].columns * count
    // Each weight gathers from every pixel; the nine places are in its own count.
    case .convolutionWeightGradient: return 2 * operands[0].rows * count
    case .fused(let fused): return fused.operation.operationCount(operands, as: node.shape)
    }
  }
}
