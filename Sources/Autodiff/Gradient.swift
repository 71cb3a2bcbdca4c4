extension Graph {
  /// Appends the gradient of a single number: one tensor for each of `sources`, of its shape.
  ///
  /// The result is made of graph operations again, so it can itself be differentiated.
  package func gradient(of output: Tensor, withRespectTo sources: [Tensor]) -> [Tensor] {
    precondition(output.shape == .scalar, "the gradient of \(output.shape) is not defined")
    return vectorJacobian(of: [output], seeds: [constant(1)], withRespectTo: sources)
  }

  /// `Σ_i seedᵢᵀ · ∂outputᵢ/∂source` for each source.
  package func vectorJacobian(
    of outputs: [Tensor],
    seeds: [Tensor],
    withRespectTo sources: [Tensor]
  ) -> [Tensor] {
    let last = outputs.map(\.id).max() ?? -1
    let depends = dependence(on: sources, upTo: last)
    var adjoints: [Int: Tensor] = [:]
    for (output, seed) in zip(outputs, seeds) {
      adjoints[output.id] = adjoints[output.id].map { $0 + seed } ?? seed
    }
    for id in stride(from: last, through: 0, by: -1) where depends[id] {
      guard let upstream = adjoints[id] else { continue }
      let contributions = gradientRule(for: id, upstream: upstream)
      for (operand, contribution) in zip(nodes[id].operands, contributions) {
        guard depends[operand], let contribution else { continue }
        adjoints[operand] = adjoints[operand].map { $0 + contribution } ?? contribution
      }
    }
    return sources.map { adjoints[$0.id] ?? constant(0, $0.shape) }
  }

  /// Which nodes up to `last` depend on a source (sources do).
  private func dependence(on sources: [Tensor], upTo last: Int) -> [Bool] {
    var depends = [Bool](repeating: false, count: last + 1)
    for source in sources where source.id <= last { depends[source.id] = true }
    for id in depends.indices where !depends[id] {
      if case .stopGradient = nodes[id].primitive { continue }
      depends[id] = nodes[id].operands.contains { depends[$0] }
    }
    return depends
  }
}
