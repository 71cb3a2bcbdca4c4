import CKernels

/// One worker's memory: its arena, its scratch tiles, and where the spaces are bound now.
///
/// `@unchecked Sendable`: made on one thread and handed to one worker, which alone uses it.
package final class Workspace: @unchecked Sendable {
  let kernels: KernelTable
  let bases: Bases
  let scratch: UnsafeMutablePointer<Float>
  private var bound: [AlignedBuffer?]
  private var arena: AlignedBuffer
  private let scratchBuffer: AlignedBuffer
  private var convolutionBuffer = AlignedBuffer(count: cacheLineFloats)
  var convolutionScratch: UnsafeMutablePointer<Float> { convolutionBuffer.start }

  /// C wants a pointer to constant pointers.
  var constBases: UnsafePointer<UnsafeMutablePointer<Float>?> { UnsafePointer(bases.pointers) }

  package init(kernels: KernelTable = .forThisMachine) {
    self.kernels = kernels
    bases = Bases()
    arena = AlignedBuffer(count: cacheLineFloats)
    scratchBuffer = AlignedBuffer(count: Chain.maximumSlots * Int(CK_TILE))
    scratch = scratchBuffer.start
    bound = Array(repeating: nil, count: Space.allCases.count)
    bind(.arena, to: arena)
  }

  /// Makes `space` mean `buffer` from `offset` on, until bound again.
  package func bind(_ space: Space, to buffer: AlignedBuffer, at offset: Int = 0) {
    precondition(offset >= 0 && offset <= buffer.count, "offset \(offset) outside \(buffer.count)")
    let index = Int(space.rawValue)
    if bound[index] !== buffer { bound[index] = buffer }
    bases.pointers[index] = buffer.start + offset
  }

  /// Grows the convolutions' scratch when a program needs more; keeps it otherwise.
  package func requireConvolutionScratch(_ count: Int) {
    guard convolutionBuffer.count < count else { return }
    convolutionBuffer = AlignedBuffer(count: count)
  }

  /// Grows the arena when a program needs more; keeps it otherwise.
  package func requireArena(_ count: Int) {
    guard arena.count < count else { return }
    arena = AlignedBuffer(count: count)
    bind(.arena, to: arena)
  }
}

/// The start of each space.
final class Bases {
  let pointers: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>

  init() {
    pointers = .allocate(capacity: 16)
    pointers.initialize(repeating: nil, count: 16)
  }

  deinit { pointers.deallocate() }

  subscript(address: Address) -> UnsafeMutablePointer<Float> {
    @inline(__always) get {
      pointers[Int(address.bits >> 28)].unsafelyUnwrapped + Int(address.bits & 0x0fff_ffff)
    }
  }
}
