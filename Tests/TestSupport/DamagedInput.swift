import Foundation

/// How many damaged inputs a test reads: `METATOP_FUZZ`, where it is set.
package func fuzzRounds(_ usual: Int) -> Int {
  ProcessInfo.processInfo.environment["METATOP_FUZZ"].flatMap { Int($0) } ?? usual
}

/// A few bytes changed, a piece cut out, or the end cut off.
package func mutated(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
  var result = bytes
  switch Int.random(in: 0..<4, using: &random) {
  case 0: result.removeLast(Int.random(in: 1...result.count, using: &random))
  case 1:
    let start = Int.random(in: 0..<result.count, using: &random)
    let end = min(start + Int.random(in: 1..<40, using: &random), result.count)
    result.removeSubrange(start..<end)
  default:
    for _ in 0..<Int.random(in: 1..<8, using: &random) {
      let place = Int.random(in: 0..<result.count, using: &random)
      result[place] = UInt8.random(in: 0...255, using: &random)
    }
  }
  return result
}
