import CKernels

/// A share of an instruction's work that one worker does: `index` of `count`, a single one being the
/// whole.
///
/// Every number is summed in the same order whatever the parts, so they change no bit.
struct Part {
  let index: Int
  let count: Int

  static let whole = Self(index: 0, count: 1)

  /// Its share of things that stay together by `unit`.
  @inline(__always)
  func range(of total: Int, by unit: Int = 1) -> Range<Int> {
    guard count > 1 else { return 0..<total }
    let units = (total + unit - 1) / unit
    return index * units / count * unit..<min((index + 1) * units / count * unit, total)
  }
}

/// How an instruction can be cut into parts, and whether that is worth while.
struct Sharing: Sendable {
  /// Roughly what it takes a worker, from its size.
  let nanoseconds: Float
  /// Blocks of rows whose sums are made apart, always the same ones; else 1.
  let blocks: Int32
  let blockRows: Int32
  /// Floats of one block's sums.
  let partialCount: Int32
  private let cut: Cut

  private enum Cut: Sendable {
    case never
    case units(Int32)
    case convolution(Convolution)
  }

  /// An instruction that takes less is one worker's: opening a phase and waiting for its end takes about
  /// a microsecond, and so does fetching what another core has written.
  static let least: Float = 16_000
  /// What a part takes at least.
  private static let leastPart: Float = 8_000
  /// Parts a worker, so that one who is late leaves some to the others.
  private static let perWorker = 2

  /// How many parts suit so many workers; 1 where it is done whole.
  @inline(__always)
  func parts(workers: Int) -> Int {
    guard workers > 1, nanoseconds >= Self.least else { return 1 }
    if blocks > 1 { return Int(blocks) }
    return count(upTo: min(workers * Self.perWorker, Int(nanoseconds / Self.leastPart)))
  }

  /// How many parts it can be cut into, `wanted` at most, or exactly its blocks.
  func count(upTo wanted: Int) -> Int {
    guard wanted > 1 else { return 1 }
    if blocks > 1 { return Int(blocks) }
    switch cut {
    case .never: return 1
    case .units(let units): return max(min(wanted, Int(units)), 1)
    case .convolution(let convolution):
      // Who takes a part of a weight gradient transforms all images for it.
      let most = convolution.map == .weightGradient ? max(wanted / Self.perWorker, 2) : wanted
      return convolution.parts(upTo: most)
    }
  }

  private init(_ nanoseconds: Double, _ cut: Cut, _ rows: ChainPool.Rows? = nil) {
    self.nanoseconds = Float(nanoseconds)
    self.cut = cut
    blocks = rows.map { Int32($0.blocks) } ?? 1
    blockRows = rows.map { Int32($0.blockRows) } ?? 0
    partialCount = rows.map { Int32($0.partialCount) } ?? 0
  }

  init(_ instruction: Instruction, _ pool: ChainPool, _ kernels: KernelTable) {
    func units(_ numbers: Int, _ each: Double, _ units: Int) -> Self {
      Self(Double(numbers) * each, .units(Int32(clamping: units)))
    }
    switch instruction {
    case .chain(let index):
      let rows = pool.rows(index)
      self.init(rows.nanoseconds, rows.units > 1 ? .units(Int32(rows.units)) : .never, rows)
    case .matmul(let product):
      let rows = kernels.usesBLAS(product) ? 1 : (Int(product.m) + 4) / 5
      self = units(product.floatingPointOperations, 0.02, rows)
    case .convolution(let convolution, _, _, _, _):
      let operations = Double(convolution.shape.floatingPointOperations)
      self.init(operations * 0.008, .convolution(convolution))
    case .pooling(let pooling): self = units(pooling.map.count, 0.15, pooling.map.batch)
    case .stencil(let stencil): self = units(stencil.map.count, 0.5, stencil.map.batch)
    case .spatialSum(let sum): self = units(sum.map.count, 0.1, sum.map.batch)
    case .sparse(let product):
      let width = product.width
      let pieces = product.isTransposed ? (width + 15) / 16 : (product.form.rows + 7) / 8
      self = units(product.form.mostEntries * width, product.form.isFull ? 0.04 : 0.2, pieces)
    case .moments(_, _, let rows, let columns):
      self = units(Int(rows) * Int(columns), 0.1, (Int(columns) + 15) / 16)
    case .transpose, .exchange, .rowMaximum, .pad: self.init(0, .never)
    }
  }

  /// Floats of partial sums that an instruction needs room for.
  func partialFloats(_ instruction: Instruction) -> Int {
    if case .stencil(let stencil) = instruction { return stencil.partialDoubles * 2 }
    return blocks > 1 ? Int(blocks) * Int(partialCount) : 0
  }
}

extension ChainPool {
  /// How a chain's rows can be cut.
  struct Rows {
    let units: Int
    let blocks: Int
    let blockRows: Int
    let partialCount: Int
    let nanoseconds: Double
  }

  /// Numbers from which on sums over rows are made in blocks, and those of a block.
  private static let blockedCount = 1 << 16
  private static let blockCount = 1 << 15
  private static let mostBlocks = 64

  func rows(_ index: Int) -> Rows {
    let (chain, partials) = described(index)
    let tileRows = Int(ck_tile_rows([chain]))
    let (rows, numbers) = (Int(chain.rows), Int(chain.rows) * Int(chain.columns))
    let tiles = (rows + tileRows - 1) / tileRows
    let memory = Double(chain.load_count + chain.store_count)
    let nanoseconds = Double(numbers) * (0.04 * Double(chain.step_count) + 0.1 * memory)
    guard partials > 0 else {
      return Rows(
        units: max(tiles / 4, 1),
        blocks: 1,
        blockRows: rows,
        partialCount: 0,
        nanoseconds: nanoseconds
      )
    }
    let wanted =
      numbers < Self.blockedCount ? 1 : min(numbers / Self.blockCount, Self.mostBlocks, tiles)
    let blockRows = (tiles + wanted - 1) / wanted * tileRows
    return Rows(
      units: 1,
      blocks: (rows + blockRows - 1) / blockRows,
      blockRows: blockRows,
      partialCount: partials,
      nanoseconds: nanoseconds
    )
  }
}
