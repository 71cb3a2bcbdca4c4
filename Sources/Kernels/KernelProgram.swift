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
  let constants: AlignedBuffer
  private let pool: ChainPool

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
    self.constants = AlignedBuffer(constants)
    var pool = ChainPool()
    for chain in chains { pool.append(chain) }
    self.pool = pool
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

  /// Executes the program once.
  ///
  /// Allocates nothing, locks nothing.
  package func replay(in workspace: Workspace) {
    workspace.bind(.constants, to: constants)
    workspace.requireArena(arenaCount)
    workspace.requireConvolutionScratch(convolutionScratchCount)
    pool.withPointers { chains, pool in execute(chains, pool, workspace) }
  }

  private func execute(
    _ chains: UnsafePointer<ck_chain>?,
    _ pool: UnsafePointer<ck_chain_pool>,
    _ workspace: Workspace
  ) {
    instructions.withUnsafeBufferPointer { instructions in
      for instruction in instructions { execute(instruction, chains, pool, workspace) }
    }
  }

  @inline(__always)
  private func execute(
    _ instruction: Instruction,
    _ chains: UnsafePointer<ck_chain>?,
    _ pool: UnsafePointer<ck_chain_pool>,
    _ workspace: Workspace
  ) {
    let kernels = workspace.kernels
    let bases = workspace.bases
    switch instruction {
    case .chain(let index):
      kernels.table.pointee.chain(
        chains.unsafelyUnwrapped + index,
        pool,
        workspace.constBases,
        workspace.scratch
      )
    case .matmul(let product): kernels.multiply(product, bases)
    case .transpose(let source, let target, let rows, let columns):
      kernels.table.pointee.transpose(bases[source], bases[target], rows, columns)
    case .exchange(let source, let target, let exchange):
      kernels.run(exchange, bases[source], bases[target])
    case .convolution(let convolution, let first, let second, let target, let accumulates):
      kernels.run(
        convolution,
        bases[first],
        bases[second],
        into: bases[target],
        accumulates: accumulates,
        scratch: workspace.convolutionScratch
      )
    case .pooling(let pooling): kernels.pool(pooling, bases)
    case .stencil(let stencil): kernels.run(stencil, bases)
    case .spatialSum(let sum): kernels.run(sum, bases)
    case .sparse(let product): kernels.run(product, bases)
    case .moments(let source, let target, let rows, let columns):
      kernels.moments(bases[source], bases[target], rows: Int(rows), columns: Int(columns))
    case .rowMaximum(let source, let target, let rows, let columns):
      kernels.rowMaximum(bases[source], bases[target], rows: Int(rows), columns: Int(columns))
    case .pad(let source, let target, let start, let count, let total):
      let output = bases[target]
      output.update(repeating: 0, count: Int(total))
      (output + Int(start)).update(from: bases[source], count: Int(count))
    }
  }

  /// Executes the program once and calls `body` after each instruction: for benchmarks.
  package func replay(in workspace: Workspace, after body: (Instruction) -> Void) {
    workspace.bind(.constants, to: constants)
    workspace.requireArena(arenaCount)
    workspace.requireConvolutionScratch(convolutionScratchCount)
    pool.withPointers { chains, pool in
      for instruction in instructions {
        execute(instruction, chains, pool, workspace)
        body(instruction)
      }
    }
  }

  /// What a chain loads, computes and stores, for benchmarks: rows, columns, loads, steps, stores,
  /// sums.
  package func describe(chain index: Int) -> String { pool.describe(index) }
}
