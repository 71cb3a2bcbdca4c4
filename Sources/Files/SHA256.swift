/// The digest that others can compute as well with `sha256sum` (FIPS 180-4).
package struct SHA256 {
  private var state: [UInt32] = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a,
    0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
  ]
  /// Bytes that do not fill a block yet, and how many went into the state before them.
  private var waiting: [UInt8] = []
  private var consumed = 0
  private var schedule = [UInt32](repeating: 0, count: 64)

  package init() {}

  package mutating func add(_ bytes: some Sequence<UInt8>) {
    waiting += bytes
    takeBlocks()
  }

  /// The 64 hexadecimal digits of all that was added.
  package var digits: String {
    var rest = self
    let bits = UInt64(consumed + waiting.count) * 8
    // A one, zeros up to eight bytes before a block's end, and the number of bits.
    rest.waiting.append(0x80)
    while rest.waiting.count % 64 != 56 { rest.waiting.append(0) }
    for shift in stride(from: 56, through: 0, by: -8) {
      rest.waiting.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
    }
    rest.takeBlocks()
    return rest.state.map(\.hexadecimal).joined()
  }

  private mutating func takeBlocks() {
    let whole = waiting.count / 64 * 64
    guard whole > 0 else { return }
    waiting.withUnsafeBufferPointer { bytes in
      schedule.withUnsafeMutableBufferPointer { words in
        for start in stride(from: 0, to: whole, by: 64) {
          Self.mix(&state, bytes.extracting(start..<start + 64), words)
        }
      }
    }
    waiting.removeFirst(whole)
    consumed += whole
  }

  private static func mix(
    _ state: inout [UInt32],
    _ block: UnsafeBufferPointer<UInt8>,
    _ words: UnsafeMutableBufferPointer<UInt32>
  ) {
    for index in 0..<16 {
      let at = index * 4
      words[index] =
        UInt32(block[at]) << 24 | UInt32(block[at + 1]) << 16 | UInt32(block[at + 2]) << 8
        | UInt32(block[at + 3])
    }
    for index in 16..<64 {
      let (early, late) = (words[index - 15], words[index - 2])
      let small = turned(early, 7) ^ turned(early, 18) ^ early >> 3
      let large = turned(late, 17) ^ turned(late, 19) ^ late >> 10
      words[index] = words[index - 16] &+ small &+ words[index - 7] &+ large
    }
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    var (e, f, g, h) = (state[4], state[5], state[6], state[7])
    for index in 0..<64 {
      let choice = e & f ^ ~e & g
      let turn = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)
      let first = h &+ turn &+ choice &+ constants[index] &+ words[index]
      let majority = a & b ^ a & c ^ b & c
      let second = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) &+ majority
      (h, g, f, e) = (g, f, e, d &+ first)
      (d, c, b, a) = (c, b, a, first &+ second)
    }
    for (index, value) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= value }
  }

  @inline(__always)
  private static func turned(_ word: UInt32, _ places: UInt32) -> UInt32 {
    word &>> places | word &<< (32 - places)
  }

  /// The first 32 bits of the fractions of the first 64 primes' cube roots.
  private static let constants: [UInt32] = primes(64).map { prime in
    // The greatest r with r³ ≤ prime · 2⁹⁶: bit by bit, with numbers wide enough.
    var root: UInt128 = 0
    for bit in stride(from: 34, through: 0, by: -1) {
      let larger = root | 1 << UInt128(bit)
      if larger * larger * larger <= UInt128(prime) << 96 { root = larger }
    }
    return UInt32(truncatingIfNeeded: root)
  }

  private static func primes(_ count: Int) -> [Int] {
    var found: [Int] = []
    var number = 2
    while found.count < count {
      if found.allSatisfy({ number % $0 != 0 }) { found.append(number) }
      number += 1
    }
    return found
  }
}
