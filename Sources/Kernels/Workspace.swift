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
  private var partialBuffer = AlignedBuffer(count: cacheLineFloats)
  /// Room for sums that are made apart.
  var partials: UnsafeMutablePointer<Float> { partialBuffer.start }
  /// Where idle workers help with what is replayed here; nil without a team.
  package let crew: Crew?

  package init(kernels: KernelTable = .forThisMachine, crew: Crew? = nil) {
    self.kernels = kernels
    self.crew = crew
    bases = Bases()
    arena = AlignedBuffer(count: cacheLineFloats)
    scratchBuffer = AlignedBuffer(count: Chain.maximumSlots * Int(CK_TILE))
    scratch = scratchBuffer.start
    bound = Array(repeating: nil, count: Space.allCases.count)
    bind(.arena, to: arena)
  }

  deinit { bases.deallocate() }

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

  /// The same of the room for sums that are made apart.
  package func requirePartials(_ count: Int) {
    guard partialBuffer.count < count else { return }
    partialBuffer = AlignedBuffer(count: count)
  }

  /// Grows the arena when a program needs more; keeps it otherwise.
  package func requireArena(_ count: Int) {
    guard arena.count < count else { return }
    arena = AlignedBuffer(count: count)
    bind(.arena, to: arena)
  }
}

/// The start of each space; a workspace's, which gives the memory back.
struct Bases {
  let pointers: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>

  /// C wants a pointer to constant pointers.
  @inline(__always)
  var constant: UnsafePointer<UnsafeMutablePointer<Float>?> { UnsafePointer(pointers) }

  init() {
    pointers = .allocate(capacity: 16)
    pointers.initialize(repeating: nil, count: 16)
  }

  func deallocate() { pointers.deallocate() }

  subscript(address: Address) -> UnsafeMutablePointer<Float> {
    @inline(__always) get {
      pointers[Int(address.bits >> 28)].unsafelyUnwrapped + Int(address.bits & 0x0fff_ffff)
    }
  }
}
