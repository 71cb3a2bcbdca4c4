import Files
import Glibc

/// The MD5 sum of some bytes (RFC 1321): not against malice, but published archives are named by it.
package func md5(_ bytes: [UInt8]) -> String {
  var state: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476]
  let whole = bytes.count / 64 * 64
  for start in stride(from: 0, to: whole, by: 64) { mixBlock(bytes, at: start, &state) }
  var tail = bytes[whole...] + [0x80]
  while tail.count % 64 != 56 { tail.append(0) }
  tail += withUnsafeBytes(of: UInt64(8 * bytes.count).littleEndian, Array.init)
  let rest = Array(tail)
  for start in stride(from: 0, to: rest.count, by: 64) { mixBlock(rest, at: start, &state) }
  return state.flatMap { withUnsafeBytes(of: $0.littleEndian, Array.init) }
    .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

/// The integer parts of 2³² · |sin(i + 1)|.
private let sines = (0..<64).map { UInt32(abs(sin(Double($0 + 1))) * 4_294_967_296) }
private let turns: [[UInt32]] = [
  [7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21],
]

private func mixBlock(_ bytes: [UInt8], at start: Int, _ state: inout [UInt32]) {
  var (a, b, c, d) = (state[0], state[1], state[2], state[3])
  for step in 0..<64 {
    let (mixed, place): (UInt32, Int) =
      switch step / 16 {
      case 0: ((b & c) | (~b & d), step)
      case 1: ((d & b) | (~d & c), 5 * step + 1)
      case 2: (b ^ c ^ d, 3 * step + 5)
      default: (c ^ (b | ~d), 7 * step)
      }
    let word = bytes.littleEndian(UInt32.self, at: start + place % 16 * 4) ?? 0
    let sum = a &+ mixed &+ sines[step] &+ word
    let turn = turns[step / 16][step % 4]
    (a, d, c) = (d, c, b)
    b = b &+ (sum << turn | sum >> (32 - turn))
  }
  for (index, value) in [a, b, c, d].enumerated() { state[index] &+= value }
}
