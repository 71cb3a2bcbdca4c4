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
    waiting.withUnsafeBytes { bytes in
      Self.constants.withUnsafeBufferPointer { constants in
        schedule.withUnsafeMutableBufferPointer { words in
          for start in stride(from: 0, to: whole, by: 64) {
            Self.mix(&state, bytes, at: start, words, constants)
          }
        }
      }
    }
    waiting.removeFirst(whole)
    consumed += whole
  }

  private static func mix(
    _ state: inout [UInt32],
    _ bytes: UnsafeRawBufferPointer,
    at start: Int,
    _ words: UnsafeMutableBufferPointer<UInt32>,
    _ constants: UnsafeBufferPointer<UInt32>
  ) {
    for index in 0..<16 {
      let word = bytes.loadUnaligned(fromByteOffset: start + index * 4, as: UInt32.self)
      words[index] = UInt32(bigEndian: word)
    }
    for index in 16..<64 {
      let (early, late) = (words[index - 15], words[index - 2])
      let small = turned(early, 7) ^ turned(early, 18) ^ early >> 3
      let large = turned(late, 17) ^ turned(late, 19) ^ late >> 10
      words[index] = words[index - 16] &+ small &+ words[index - 7] &+ large
    }
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    var (e, f, g, h) = (state[4], state[5], state[6], state[7])
    // Eight rounds, after which every letter has its place again.
    for first in stride(from: 0, to: 64, by: 8) {
      func added(_ index: Int) -> UInt32 { constants[first + index] &+ words[first + index] }
      round(a, b, c, &d, e, f, g, &h, added(0))
      round(h, a, b, &c, d, e, f, &g, added(1))
      round(g, h, a, &b, c, d, e, &f, added(2))
      round(f, g, h, &a, b, c, d, &e, added(3))
      round(e, f, g, &h, a, b, c, &d, added(4))
      round(d, e, f, &g, h, a, b, &c, added(5))
      round(c, d, e, &f, g, h, a, &b, added(6))
      round(b, c, d, &e, f, g, h, &a, added(7))
    }
    for (index, value) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= value }
  }

  @inline(__always)
  private static func round(
    _ a: UInt32,
    _ b: UInt32,
    _ c: UInt32,
    _ d: inout UInt32,
    _ e: UInt32,
    _ f: UInt32,
    _ g: UInt32,
    _ h: inout UInt32,
    _ added: UInt32
  ) {
    h = h &+ (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) &+ (e & f ^ ~e & g) &+ added
    d = d &+ h
    h = h &+ (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) &+ (a & b ^ a & c ^ b & c)
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
