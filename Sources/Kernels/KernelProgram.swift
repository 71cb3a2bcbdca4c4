import CKernels

/// A planned computation: a list of kernel calls over bound memories.
///
/// Immutable, so any number of
/// workers may replay it at once, each in its own `Workspace`.
package struct KernelProgram: Sendable {
  package let instructions: [Instruction]
  /// Floats of the arena a replay needs.
  package let arenaCount: Int
  /// Floats of the results it writes.
  package let resultCount: Int
  /// Floats of scratch its convolutions need.
  package let convolutionScratchCount: Int
  private let tables: Tables
  private let pool: ChainPool

  /// What a replay looks up besides.
  private final class Tables: Sendable {
    let constants: AlignedBuffer
    /// How each instruction is cut.
    let sharing: [Sharing]
    /// Whether any is large enough for idle workers to help.
    let isShared: Bool
    /// Floats that hold the sums of blocks.
    let partialCount: Int

    init(_ instructions: [Instruction], _ pool: ChainPool, constants: [Float]) {
      self.constants = AlignedBuffer(constants)
      sharing = instructions.map { Sharing($0, pool, .forThisMachine) }
      isShared = sharing.contains { $0.parts(workers: 2) > 1 }
      partialCount = zip(instructions, sharing).map { $1.partialFloats($0) }.max() ?? 0
    }
  }

  package init(
    instructions: [Instruction],
    chains: [Chain],
    constants: [Float],
    arenaCount: Int,
    resultCount: Int
  ) {
    self.instructions = instructions
    self.arenaCount = arenaCount
    self.resultCount = resultCount
    convolutionScratchCount =
      instructions.map { instruction in
        if case .convolution(let convolution, _, _, _, _) = instruction {
          return convolution.scratchCount
        }
        return 0
      }.max() ?? 0
    var pool = ChainPool()
    for chain in chains { pool.append(chain) }
    self.pool = pool
    tables = Tables(instructions, pool, constants: constants)
  }

  /// Multiplications and additions of all matrix products and convolutions in one replay.
  package var floatingPointOperations: Int {
    instructions.reduce(0) { total, instruction in
      switch instruction {
      case .matmul(let product): total + product.floatingPointOperations
      case .convolution(let convolution, _, _, _, _):
        total + convolution.shape.floatingPointOperations
      default: total
      }
    }
  }

  /// Executes the program once; idle workers of the workspace's team help with what is large.
  ///
  /// Allocates nothing, locks nothing.
  package func replay(in workspace: Workspace) {
    begin(workspace) { replay, instructions, sharing in
      guard tables.isShared, let crew = workspace.crew else {
        for index in instructions.indices {
          replay.execute(instructions[index], sharing[index], .whole, workspace)
        }
        return
      }
      guard let first = instructions.baseAddress else { return }
      for index in instructions.indices {
        let parts = sharing[index].parts(workers: 1 + crew.helpers)
        guard parts > 1 else {
          replay.execute(instructions[index], sharing[index], .whole, workspace)
          continue
        }
        crew.share(
          .instruction(first + index, sharing[index], replay, parts: parts),
          parts: parts,
          in: workspace
        )
        replay.conclude(instructions[index], sharing[index])
      }
    }
  }

  @inline(__always)
  private func begin(
    _ workspace: Workspace,
    _ body: (Replay, UnsafeBufferPointer<Instruction>, UnsafeBufferPointer<Sharing>) -> Void
  ) {
    workspace.bind(.constants, to: tables.constants)
    workspace.requireArena(arenaCount)
    workspace.requireConvolutionScratch(convolutionScratchCount)
    workspace.requirePartials(tables.partialCount)
    pool.withPointers { chains, pool in
      let replay = Replay(
        chains: chains,
        pool: pool,
        bases: workspace.bases,
        partials: workspace.partials,
        scratchCount: convolutionScratchCount
      )
      instructions.withUnsafeBufferPointer { instructions in
        tables.sharing.withUnsafeBufferPointer { body(replay, instructions, $0) }
      }
    }
  }

  /// Executes the program once and calls `body` after each instruction: for benchmarks.
  package func replay(in workspace: Workspace, after body: (Instruction) -> Void) {
    begin(workspace) { replay, instructions, sharing in
      for index in instructions.indices {
        replay.execute(instructions[index], sharing[index], .whole, workspace)
        body(instructions[index])
      }
    }
  }

  /// Executes the program once, each instruction in up to `parts` parts, the last first: for tests.
  package func replay(in workspace: Workspace, parts wanted: Int) {
    begin(workspace) { replay, instructions, sharing in
      for (instruction, sharing) in zip(instructions, sharing) {
        let parts = sharing.count(upTo: wanted)
        for part in (0..<parts).reversed() {
          replay.execute(instruction, sharing, Part(index: part, count: parts), workspace)
        }
        if parts > 1 { replay.conclude(instruction, sharing) }
      }
    }
  }

  /// What a chain loads, computes and stores, for benchmarks: rows, columns, loads, steps, stores,
  /// sums.
  package func describe(chain index: Int) -> String { pool.describe(index) }
}
