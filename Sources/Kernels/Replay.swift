import CKernels

/// What executing a program needs to know, for whoever takes a part in it; valid while it is replayed.
struct Replay {
  let chains: UnsafePointer<ck_chain>?
  let pool: UnsafePointer<ck_chain_pool>
  let bases: Bases
  /// Where sums over blocks and images are left that are made apart.
  let partials: UnsafeMutablePointer<Float>
  /// Floats of scratch that convolutions need.
  let scratchCount: Int

  /// Executes a part of an instruction with the scratch memory of a worker.
  @inline(__always)
  func execute(_ instruction: Instruction, _ sharing: Sharing, _ part: Part, _ own: Workspace) {
    let kernels = own.kernels
    switch instruction {
    case .chain(let index): execute(chain: index, sharing, part, own)
    case .matmul(let product): kernels.multiply(product, bases, part)
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
        scratch: own.convolutionScratch,
        part
      )
    case .pooling(let pooling): kernels.pool(pooling, bases, part)
    case .stencil(let stencil):
      kernels.run(stencil, bases, part, partials: part.count > 1 ? partials : nil)
    case .spatialSum(let sum): kernels.run(sum, bases, part)
    case .sparse(let product): kernels.run(product, bases, part)
    case .moments(let source, let target, let rows, let columns):
      kernels.moments(bases[source], bases[target], rows: Int(rows), columns: Int(columns), part)
    case .rowMaximum(let source, let target, let rows, let columns):
      kernels.rowMaximum(bases[source], bases[target], rows: Int(rows), columns: Int(columns))
    case .pad(let source, let target, let start, let count, let total):
      let output = bases[target]
      output.update(repeating: 0, count: Int(total))
      (output + Int(start)).update(from: bases[source], count: Int(count))
    }
  }

  /// A chain, or some of its rows; or the sums of one of its blocks.
  @inline(__always)
  private func execute(chain index: Int, _ sharing: Sharing, _ part: Part, _ own: Workspace) {
    let chain = chains.unsafelyUnwrapped + index
    let rows = Int(chain.pointee.rows)
    guard sharing.blocks > 1 else {
      let range =
        part.count > 1 ? part.range(of: rows, by: Int(ck_tile_rows(chain))) : 0..<rows
      return run(chain, range, own, partials: nil)
    }
    let blocks = part.count > 1 ? part.index..<part.index + 1 : 0..<Int(sharing.blocks)
    for block in blocks {
      let first = block * Int(sharing.blockRows)
      run(
        chain,
        first..<min(first + Int(sharing.blockRows), rows),
        own,
        partials: partials + block * Int(sharing.partialCount)
      )
    }
    if part.count == 1 { combine(index, sharing) }
  }

  @inline(__always)
  private func run(
    _ chain: UnsafePointer<ck_chain>,
    _ rows: Range<Int>,
    _ own: Workspace,
    partials: UnsafeMutablePointer<Float>?
  ) {
    own.kernels.table.pointee.chain(
      chain,
      pool,
      bases.constant,
      own.scratch,
      Int32(truncatingIfNeeded: rows.lowerBound),
      Int32(truncatingIfNeeded: rows.upperBound),
      partials
    )
  }

  private func combine(_ chain: Int, _ sharing: Sharing) {
    ck_combine(
      chains.unsafelyUnwrapped + chain,
      pool,
      bases.constant,
      partials,
      Int(sharing.blocks)
    )
  }

  /// What is left to do when all parts are done.
  func conclude(_ instruction: Instruction, _ sharing: Sharing) {
    switch instruction {
    case .chain(let index) where sharing.blocks > 1: combine(index, sharing)
    case .stencil(let stencil) where stencil.partialDoubles > 0:
      let images = stencil.map.batch
      partials.withMemoryRebound(to: Double.self, capacity: stencil.partialDoubles) {
        ck_combine_images($0, images, stencil.partialDoubles / images, bases[stencil.target])
      }
    default: break
    }
  }
}
