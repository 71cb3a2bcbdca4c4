import Kernels

/// First-fit memory for values whose lifetimes are known.
struct ArenaPlanner {
  /// Floats the arena must hold.
  private(set) var peak = 0
  private var used: [(offset: Int, count: Int)] = []

  /// The lowest place with room for `count` floats, on a cache line.
  mutating func allocate(_ count: Int) -> Int {
    let needed = paddedCount(count)
    var offset = 0
    var index = 0
    while index < used.count, used[index].offset - offset < needed {
      offset = used[index].offset + used[index].count
      index += 1
    }
    used.insert((offset, needed), at: index)
    peak = max(peak, offset + needed)
    return offset
  }

  mutating func release(_ offset: Int) { used.removeAll { $0.offset == offset } }
}
