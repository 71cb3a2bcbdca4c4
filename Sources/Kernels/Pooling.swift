import CKernels

/// Images stored pixel by pixel, whose windows of 2×2 pixels are reduced to their maximum.
package struct ImageMap: Hashable, Sendable {
  package let batch: Int
  package let height: Int
  package let width: Int
  package let channels: Int

  package init(batch: Int, height: Int, width: Int, channels: Int) {
    self.batch = batch
    self.height = height
    self.width = width
    self.channels = channels
  }

  package var pixels: Int { batch * height * width }
  package var count: Int { pixels * channels }
  /// Rows and columns without a whole window have no part in the maxima.
  package var pooledCount: Int { batch * (height / 2) * (width / 2) * channels }
  /// Floats that hold the choices, a byte for each maximum.
  package var choiceCount: Int { (pooledCount + 3) / 4 }

  fileprivate var description: ck_map {
    ck_map(
      batch: Int32(batch),
      height: Int32(height),
      width: Int32(width),
      channels: Int32(channels)
    )
  }
}

/// Which pixel of its window each maximum is: 0 to 3 row by row, or 4 when the rectifier lets
/// nothing through.
struct Choices {
  let start: UnsafeMutablePointer<UInt8>

  /// Choices packed in floats' memory.
  init(in memory: UnsafeMutablePointer<Float>, of map: ImageMap) {
    start = UnsafeMutableRawPointer(memory)
      .bindMemory(to: UInt8.self, capacity: 4 * map.choiceCount)
  }
}

typealias Numbers = UnsafePointer<Float>
typealias MutableNumbers = UnsafeMutablePointer<Float>

/// What `spread` combines: images, and one coefficient a channel for each.
struct SpreadOperands {
  /// Maxima's slopes, placed by the choices.
  var pooled: Numbers
  var choices: Choices
  var image: Numbers
  var mean: Numbers
  /// Another image.
  var other: Numbers?
  var byPooled: Numbers
  var byImage: Numbers
  var byOther: Numbers?
  var constant: Numbers
}

extension KernelTable {
  private var pooling: ck_pooling { table.pointee.pooling }

  /// Mean and biased variance of every channel.
  func moments(
    _ x: Numbers,
    rows: Int,
    channels: Int,
    mean: MutableNumbers,
    variance: MutableNumbers
  ) {
    pooling.moments(x, rows, Int32(channels), mean, variance)
  }

  /// Channels' sums of `u`, and of `u · (x − mean)`.
  func pairSums(
    _ u: Numbers,
    _ x: Numbers,
    mean: Numbers,
    rows: Int,
    channels: Int,
    sum: MutableNumbers,
    product: MutableNumbers
  ) {
    pooling.pair_sums(u, x, mean, rows, Int32(channels), sum, product)
  }

  func pool(_ map: ImageMap, _ x: Numbers, into y: MutableNumbers, choices: Choices) {
    withUnsafePointer(to: map.description) { pooling.pool($0, x, y, choices.start) }
  }

  /// The rectified maxima of `(x − mean) · scale + shift`.
  func normalisePool(
    _ map: ImageMap,
    _ x: Numbers,
    mean: Numbers,
    scale: Numbers,
    shift: Numbers,
    into y: MutableNumbers,
    choices: Choices
  ) {
    withUnsafePointer(to: map.description) {
      pooling.normalise_pool($0, x, mean, scale, shift, y, choices.start)
    }
  }

  /// The chosen pixels of `x`.
  func gather(
    _ map: ImageMap,
    _ x: Numbers,
    _ choices: Choices,
    into y: MutableNumbers,
    accumulates: Bool
  ) {
    withUnsafePointer(to: map.description) {
      pooling.gather($0, x, choices.start, y, accumulates ? 1 : 0)
    }
  }

  /// The transpose of `gather`.
  func scatter(
    _ map: ImageMap,
    _ y: Numbers,
    _ choices: Choices,
    into x: MutableNumbers,
    accumulates: Bool
  ) {
    withUnsafePointer(to: map.description) {
      pooling.scatter($0, y, choices.start, x, accumulates ? 1 : 0)
    }
  }

  /// Channels' sums of the open slopes `p`, and of those times `x − mean` at the choices.
  func chosenSums(
    _ map: ImageMap,
    _ p: Numbers,
    _ choices: Choices,
    _ x: Numbers,
    mean: Numbers,
    sum: MutableNumbers,
    product: MutableNumbers
  ) {
    withUnsafePointer(to: map.description) {
      pooling.chosen_sums($0, p, choices.start, x, mean, sum, product)
    }
  }

  /// `byPooled · scatter(pooled) + byImage · (image − mean) + byOther · other + constant`.
  func spread(_ map: ImageMap, _ operands: SpreadOperands, into out: MutableNumbers) {
    let all = ck_spread(
      pooled: operands.pooled,
      choices: operands.choices.start,
      x: operands.image,
      mean: operands.mean,
      u: operands.other,
      by_pooled: operands.byPooled,
      by_x: operands.byImage,
      by_u: operands.byOther,
      constant: operands.constant
    )
    withUnsafePointer(to: map.description) { map in
      withUnsafePointer(to: all) { pooling.spread(map, $0, out) }
    }
  }
}
