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

  /// Numbers of one image, before pooling and after.
  var imageCount: Int { height * width * channels }
  var pooledImageCount: Int { (height / 2) * (width / 2) * channels }

  /// The same with other images.
  func with(batch: Int) -> Self {
    Self(batch: batch, height: height, width: width, channels: channels)
  }

  var description: ck_map {
    ck_map(
      batch: Int32(batch),
      height: Int32(height),
      width: Int32(width),
      channels: Int32(channels)
    )
  }
}

/// 2×2 windows, stride 2: a choice of one pixel of each, or the pixels by a choice.
package struct Pooling: Sendable, Equatable {
  package enum Operation: Sendable, Equatable {
    /// `choices` = which of each window's four pixels of `source` is largest (0 to 3, row by row),
    /// or smallest in channels where the row `direction` is negative; `values`, when asked for,
    /// those pixels.
    case choose(direction: Address, values: Address?)
    /// `values` = the pixels of `source` that the choices name.
    case gather(values: Address)
    /// `images` = zeros but for `source` at the places that the choices name.
    case scatter(images: Address)
  }

  package let operation: Operation
  package let source: Address
  package let choices: Address
  /// Of the images before pooling.
  package let map: ImageMap

  package init(_ operation: Operation, source: Address, choices: Address, map: ImageMap) {
    self.operation = operation
    self.source = source
    self.choices = choices
    self.map = map
  }
}

typealias Numbers = UnsafePointer<Float>
typealias MutableNumbers = UnsafeMutablePointer<Float>

extension KernelTable {
  /// All images, or some of them.
  func pool(_ pooling: Pooling, _ bases: Bases, _ part: Part) {
    let kernels = table.pointee.pooling
    let images = part.range(of: pooling.map.batch)
    let whole = images.lowerBound * pooling.map.imageCount
    let pooled = images.lowerBound * pooling.map.pooledImageCount
    let source = bases[pooling.source]
    let choices = Self.bytes(bases[pooling.choices], pooling.map) + pooled
    withUnsafePointer(to: pooling.map.with(batch: images.count).description) { map in
      switch pooling.operation {
      case .choose(let direction, let values):
        let chosen = values.map { bases[$0] + pooled }
        kernels.choose(map, source + whole, bases[direction], chosen, choices)
      case .gather(let values):
        kernels.gather(map, source + whole, choices, bases[values] + pooled)
      case .scatter(let images):
        kernels.scatter(map, source + pooled, choices, bases[images] + whole)
      }
    }
  }

  /// Choices packed in floats' memory.
  private static func bytes(
    _ memory: MutableNumbers,
    _ map: ImageMap
  ) -> UnsafeMutablePointer<UInt8> {
    UnsafeMutableRawPointer(memory).bindMemory(to: UInt8.self, capacity: 4 * map.choiceCount)
  }

  /// Mean and biased variance of every column, behind each other in `target`.
  func moments(
    _ x: Numbers,
    _ target: MutableNumbers,
    rows: Int,
    columns: Int,
    _ part: Part
  ) {
    let own = part.range(of: columns, by: Int(CK_COLUMNS))
    let (first, end) = (Int32(own.lowerBound), Int32(own.upperBound))
    table.pointee.pooling.moments(x, rows, Int32(columns), first, end, target, target + columns)
  }

  func rowMaximum(_ source: Numbers, _ target: MutableNumbers, rows: Int, columns: Int) {
    for row in 0..<rows {
      var largest = source[row * columns]
      for column in 1..<max(columns, 1) {
        let number = source[row * columns + column]
        // What is not a number stays: nothing compares with it.
        if number >= largest || number.isNaN { largest = number }
      }
      target[row] = largest
    }
  }
}
