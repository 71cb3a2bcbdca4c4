/// Which of a theme's colours a run has: recorded with it, so that it is the same wherever it is shown.
package enum ColorChoice {
  /// Every theme has so many.
  package static let count = 8

  /// What one run asks for.
  package struct Wish: Sendable, Equatable {
    /// What was recorded with it; nil of a new run, and of a version that chose by place.
    package var recorded: Int?
    /// What its method would like best.
    package var preferred: Int

    package init(recorded: Int? = nil, preferred: Int) {
      (self.recorded, self.preferred) = (recorded, preferred)
    }
  }

  /// One colour a run, as long as there are some: recorded ones first come, first served; then each
  /// its method's own, or the next that is free.
  package static func choose(_ wishes: [Wish], besides taken: Set<Int> = []) -> [Int] {
    var taken = Set(taken.map(place))
    var chosen = [Int?](repeating: nil, count: wishes.count)
    for (index, wish) in wishes.enumerated() {
      guard let own = wish.recorded.map(place), taken.insert(own).inserted else { continue }
      chosen[index] = own
    }
    for (index, wish) in wishes.enumerated() where chosen[index] == nil {
      // With more runs than colours each is had once more.
      if taken.count >= count { taken = [] }
      let first = place(wish.recorded ?? wish.preferred)
      let free = (0..<count).map { (first + $0) % count }.first { !taken.contains($0) } ?? first
      taken.insert(free)
      chosen[index] = free
    }
    return chosen.map { $0 ?? 0 }
  }

  /// The same for an identifier everywhere and always, for methods that nobody has put in an order.
  package static func preferred(by methodID: String) -> Int {
    // FNV-1a: Swift's own hashes differ from process to process.
    let hash = methodID.utf8.reduce(2_166_136_261 as UInt32) { ($0 ^ UInt32($1)) &* 16_777_619 }
    return Int(hash % UInt32(count))
  }

  /// Whatever a file says is one of the colours.
  private static func place(_ color: Int) -> Int { (color % count + count) % count }
}
