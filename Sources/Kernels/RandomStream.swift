import CKernels

/// A named stream of random numbers.
///
/// Counter-based (Philox), so a draw depends only on the
/// stream's name and its position, never on threads or on what else was drawn.
package struct RandomStream: Sendable, Hashable {
  package let key: UInt64
  private(set) var block: UInt64 = 0

  package init(seed: UInt64) { key = Self.mix(seed &+ 0x9e37_79b9_7f4a_7c15) }

  private init(key: UInt64) { self.key = key }

  /// An independent stream for a purpose, a step, an episode: `stream.split(3).split(7)`.
  package func split(_ label: UInt64) -> Self {
    Self(key: Self.mix(key ^ Self.mix(label &* 0x9e37_79b9_7f4a_7c15 &+ 0x632b_e59b_d9b4_e019)))
  }

  /// Uniform numbers in [0, 1) into `buffer` from `offset` on.
  package mutating func fillUniform(_ buffer: AlignedBuffer, at offset: Int, count: Int) {
    precondition(offset >= 0 && offset + count <= buffer.count, "\(count) floats at \(offset)")
    KernelTable.forThisMachine.table.pointee.uniform(buffer.start + offset, count, key, block)
    block += UInt64((count + 63) / 64 * 16)
  }

  /// Standard normal numbers into `buffer` from `offset` on.
  package mutating func fillNormal(_ buffer: AlignedBuffer, at offset: Int, count: Int) {
    precondition(offset >= 0 && offset + count <= buffer.count, "\(count) floats at \(offset)")
    KernelTable.forThisMachine.table.pointee.normal(buffer.start + offset, count, key, block)
    block += UInt64((count + 63) / 64 * 16)
  }

  /// The same, with idle workers of the workspace's team where there are many.
  package mutating func fillNormal(
    _ buffer: AlignedBuffer,
    at offset: Int,
    count: Int,
    in workspace: Workspace
  ) {
    // A number takes two to three nanoseconds.
    let parts = workspace.crew.map { min(2 * (1 + $0.helpers), count / 4096) } ?? 1
    guard let crew = workspace.crew, crew.helpers > 0, parts > 1 else {
      return fillNormal(buffer, at: offset, count: count)
    }
    precondition(offset >= 0 && offset + count <= buffer.count, "\(count) floats at \(offset)")
    let start = buffer.start + offset
    crew.share(
      .normals(start, count: count, key: key, first: block, parts: parts),
      parts: parts,
      in: workspace
    )
    block += UInt64((count + 63) / 64 * 16)
  }

  /// The finaliser of SplitMix64 (Steele, Lea and Flood 2014).
  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
