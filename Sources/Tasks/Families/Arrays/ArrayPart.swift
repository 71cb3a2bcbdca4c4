import Files
import Kernels

/// An array of pictures and their labels.
struct ArrayPart: Sendable {
  let names: ArrayStore.Pair
  let images: NumpyArray
  let labels: [Int]
  /// Of one picture, without its transparency.
  let shape: ImageShape
  /// Numbers a pixel: one more than the shape's channels where pictures are transparent.
  private let samples: Int
  private let isChannelsFirst: Bool

  init(
    _ names: ArrayStore.Pair,
    _ images: NumpyArray,
    _ labels: NumpyArray,
    path: String
  ) throws(DatasetError) {
    let sizes = images.shape
    let isChannelsLast = sizes.count == 4 && [1, 3, 4].contains(sizes[3])
    isChannelsFirst = sizes.count == 4 && !isChannelsLast && [1, 3].contains(sizes[1])
    guard sizes.count == 3 || isChannelsLast || isChannelsFirst, sizes.allSatisfy({ $0 > 0 }) else {
      throw DatasetError(
        path: path,
        reason: "\(names.images) has shape \(sizes); pictures are [N, height, width], "
          + "[N, height, width, channels] or [N, channels, height, width] with 1 or 3 channels"
      )
    }
    samples = sizes.count == 3 ? 1 : isChannelsLast ? sizes[3] : sizes[1]
    shape = ImageShape(
      height: sizes[isChannelsFirst ? 2 : 1],
      width: sizes[isChannelsFirst ? 3 : 2],
      channels: min(samples, 3)
    )
    (self.names, self.images) = (names, images)
    self.labels = try Self.labels(labels, names, count: sizes[0], path)
  }

  private static func labels(
    _ labels: NumpyArray,
    _ names: ArrayStore.Pair,
    count: Int,
    _ path: String
  ) throws(DatasetError) -> [Int] {
    let name = names.labels
    guard labels.shape == [count] || labels.shape == [count, 1] else {
      let advice =
        labels.shape.count == 2 && labels.shape[0] == count
        ? "for columns of zeros and ones save numpy.argmax(\(name), axis=1)"
        : "there must be one for each of the \(count) pictures in \(names.images)"
      throw DatasetError(path: path, reason: "\(name) has shape \(labels.shape); \(advice)")
    }
    var result: [Int] = []
    for (index, number) in labels.integers(0..<count).enumerated() {
      guard let number else {
        throw DatasetError(
          path: path,
          reason: "\(name)[\(index)] is \(labels.numbers(index..<index + 1)[0].short); labels are "
            + "whole numbers"
        )
      }
      result.append(number)
    }
    return result
  }

  /// Whether two parts' numbers can have one meaning.
  func isLikeStored(_ other: Self) -> Bool {
    images.element.kind == other.images.element.kind
      && images.element.size == other.images.element.size && samples == other.samples
  }

  /// The array's type and shape, for messages.
  var description: String { "'\(images.element.name)' \(images.shape)" }

  func picture(_ index: Int, _ scale: PixelScale) -> DecodedImage {
    let count = shape.height * shape.width * samples
    let range = index * count..<(index + 1) * count
    var conversions = ImageConversions()
    var bytes: [UInt8]
    if scale == .bytes, images.element.kind == .unsigned, images.element.size == 1 {
      bytes = Array(images.bytes(range))
    } else {
      if let conversion = scale.conversion { conversions.insert(conversion) }
      var isClamped = false
      bytes = images.numbers(range).map { number in
        let (byte, isOutside) = scale.byte(number)
        isClamped = isClamped || isOutside
        return byte
      }
      if isClamped { conversions.insert(.clamped) }
    }
    if isChannelsFirst, samples > 1 { bytes = channelsLast(bytes) }
    return samples == 4
      ? DecodedImage(onWhite: bytes, shape, conversions: conversions)
      : DecodedImage(shape: shape, bytes: bytes, conversions: conversions)
  }

  private func channelsLast(_ bytes: [UInt8]) -> [UInt8] {
    let pixels = shape.height * shape.width
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    for pixel in 0..<pixels {
      for channel in 0..<samples { result.append(bytes[channel * pixels + pixel]) }
    }
    return result
  }
}
