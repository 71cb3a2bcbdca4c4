import Autodiff
import Kernels

/// A plan and memory for its inputs; everything a replay must write is NaN before it.
package struct PlanReplay {
  package let plan: Plan
  private let tensors: [Tensor]
  private let buffers: [Space: AlignedBuffer]

  package init(
    _ graph: Graph,
    _ tensors: [Tensor],
    inputs: [Address: [Double]],
    repeatedSize: Int = Recomputation.usualSize
  ) {
    self.tensors = tensors
    plan = Plan(graph, outputs: tensors.map { Plan.Output($0) }, repeatedSize: repeatedSize)
    var buffers: [Space: AlignedBuffer] = [:]
    for space in [Space.parameters, .episode, .settings, .noise, .state] {
      let ends = inputs.filter { $0.key.space == space }.map { $0.key.offset + $0.value.count }
      buffers[space] = AlignedBuffer(count: ends.max() ?? 1)
    }
    for (address, values) in inputs {
      buffers[address.space]?.write(values.map { Float($0) }, at: address.offset)
    }
    self.buffers = buffers
  }

  package func makeWorkspace() -> Workspace {
    let workspace = Workspace()
    for (space, buffer) in buffers { workspace.bind(space, to: buffer) }
    workspace.requireArena(plan.program.arenaCount)
    return workspace
  }

  /// In parts, as workers might share them, where `parts` is given: the same to the bit.
  package func results(in workspace: Workspace, parts: Int? = nil) -> [[Float]] {
    func unwritten(_ count: Int) -> AlignedBuffer {
      AlignedBuffer([Float](repeating: .nan, count: max(count, 1)))
    }
    workspace.bind(.arena, to: unwritten(plan.program.arenaCount))
    let results = unwritten(plan.program.resultCount)
    workspace.bind(.results, to: results)
    if let parts {
      plan.program.replay(in: workspace, parts: parts)
    } else {
      plan.program.replay(in: workspace)
    }
    return zip(tensors, plan.resultOffsets).map { tensor, offset in
      results.values(offset..<offset + tensor.shape.count)
    }
  }
}

extension Address {
  var offset: Int { Int(bits & 0x0fff_ffff) }
}

/// Replays a plan in single precision on the given inputs.
package func replay(_ tensors: [Tensor], inputs: [Address: [Double]]) -> [[Float]] {
  guard let graph = tensors.first?.graph else { return [] }
  let replay = PlanReplay(graph, tensors, inputs: inputs)
  return replay.results(in: replay.makeWorkspace())
}
