/// A curve of any length in bounded memory, with the least and greatest value of every stretch.
///
/// Bucket i stands for `stride` consecutive steps. When the last bucket is full, pairs merge and
/// the stride doubles; so no spike is lost, and a million steps cost what a thousand do.
struct SeriesHistory: Sendable {
  struct Bucket: Equatable, Sendable {
    var low = Float.nan
    var high = Float.nan
    var sum: Float = 0
    /// Finite values in the bucket.
    var count: Int32 = 0
    /// Values that were NaN or infinite.
    var bad: Int32 = 0

    var mean: Float { count > 0 ? sum / Float(count) : .nan }

    mutating func add(_ value: Float) {
      guard value.isFinite else {
        bad += 1
        return
      }
      low = count == 0 ? value : min(low, value)
      high = count == 0 ? value : max(high, value)
      sum += value
      count += 1
    }

    func merged(with other: Self) -> Self {
      guard count > 0 else { return Self(other, bad: bad + other.bad) }
      guard other.count > 0 else { return Self(self, bad: bad + other.bad) }
      var result = self
      result.low = min(low, other.low)
      result.high = max(high, other.high)
      result.sum += other.sum
      result.count += other.count
      result.bad += other.bad
      return result
    }

    init() {}

    private init(_ other: Self, bad: Int32) {
      self = other
      self.bad = bad
    }
  }

  let capacity: Int
  private(set) var buckets: [Bucket] = []
  /// The stride is 1 << shift.
  private(set) var shift = 0
  private(set) var last: Float?

  init(capacity: Int = 4096) {
    precondition(capacity >= 2 && capacity % 2 == 0, "capacity \(capacity) is not even")
    self.capacity = capacity
  }

  var stride: Int { 1 << shift }

  /// Adds the value of a step, counted from 1; steps never heard of leave empty buckets.
  mutating func add(_ value: Float, step: Int) {
    guard step > 0 else { return }
    last = value
    while (step - 1) >> shift >= capacity { halve() }
    let index = (step - 1) >> shift
    while buckets.count <= index { buckets.append(Bucket()) }
    buckets[index].add(value)
  }

  /// The step in the middle of a bucket.
  func step(of index: Int) -> Double {
    Double(index << shift) + Double(stride + 1) / 2
  }

  /// The whole history in at most `count` means, oldest first; stretches without a value are left out.
  ///
  /// It fills and then halves, so that between two halvings only its end moves: a window that slides
  /// would change every column with every value.
  func overview(_ count: Int) -> [Float] {
    guard count > 0 else { return [] }
    var group = 1
    while (buckets.count + group - 1) / group > count { group *= 2 }
    return Swift.stride(from: 0, to: buckets.count, by: group).compactMap { start in
      let end = min(start + group, buckets.count)
      let bucket = buckets[start..<end].reduce(Bucket()) { $0.merged(with: $1) }
      return bucket.count + bucket.bad > 0 ? bucket.mean : nil
    }
  }

  private mutating func halve() {
    let half = (buckets.count + 1) / 2
    for index in 0..<half {
      let first = buckets[2 * index]
      let second = 2 * index + 1 < buckets.count ? buckets[2 * index + 1] : Bucket()
      buckets[index] = first.merged(with: second)
    }
    buckets.removeLast(buckets.count - half)
    shift += 1
  }
}
