import Files
import Kernels

/// How a camera held a picture: which way its stored rows and columns run.
enum ExifOrientation: Int {
  case upright = 1
  case mirrored
  case upsideDown
  case upsideDownMirrored
  case transposed
  case clockwise
  case transversed
  case counterclockwise

  /// What stands before the data in a JPEG.
  static let prefix = Array("Exif\0\0".utf8)

  /// Reads the tag from Exif data, with or without its prefix; upright where it says nothing
  /// sensible.
  init(_ data: ArraySlice<UInt8>) {
    let tiff = Array(data.starts(with: Self.prefix) ? data.dropFirst(Self.prefix.count) : data)
    self = Self.tag(in: tiff).flatMap(Self.init(rawValue:)) ?? .upright
  }

  /// The first directory's entry 0x0112, a whole number of whatever size it was written with.
  private static func tag(in tiff: [UInt8]) -> Int? {
    let isLittle = tiff.starts(with: [0x49, 0x49, 42, 0])
    guard isLittle || tiff.starts(with: [0x4D, 0x4D, 0, 42]) else { return nil }
    func number<Number: FixedWidthInteger & BitwiseCopyable>(
      _ type: Number.Type,
      _ offset: Int
    ) -> Int? {
      let found = isLittle ? tiff.littleEndian(type, at: offset) : tiff.bigEndian(type, at: offset)
      guard let found else { return nil }
      return Int(found)
    }
    guard let start = number(UInt32.self, 4), let count = number(UInt16.self, start) else {
      return nil
    }
    for index in 0..<count {
      let entry = start + 2 + 12 * index
      guard let name = number(UInt16.self, entry), let type = number(UInt16.self, entry + 2),
        let values = number(UInt32.self, entry + 4)
      else { return nil }
      guard name == 0x0112 else { continue }
      guard values == 1 else { return nil }
      switch type {
      case 1: return number(UInt8.self, entry + 8)
      case 3: return number(UInt16.self, entry + 8)
      case 4: return number(UInt32.self, entry + 8)
      default: return nil
      }
    }
    return nil
  }

  /// Whether stored rows are columns of the upright picture.
  var isOnItsSide: Bool { rawValue >= Self.transposed.rawValue }

  /// Where the first pixel of the upright picture is stored, and the steps to the next row's and
  /// the next column's.
  private func walk(_ height: Int, _ width: Int) -> (first: Int, down: Int, right: Int) {
    let (lastRow, lastColumn) = ((height - 1) * width, width - 1)
    return switch self {
    case .upright: (0, width, 1)
    case .mirrored: (lastColumn, width, -1)
    case .upsideDown: (lastRow + lastColumn, -width, -1)
    case .upsideDownMirrored: (lastRow, -width, 1)
    case .transposed: (0, 1, width)
    case .clockwise: (lastRow, 1, -width)
    case .transversed: (lastRow + lastColumn, -1, -width)
    case .counterclockwise: (lastColumn, -1, width)
    }
  }

  /// The picture as it was seen.
  func upright(_ image: DecodedImage) -> DecodedImage {
    guard self != .upright else { return image }
    let old = image.shape
    let shape = ImageShape(
      height: isOnItsSide ? old.width : old.height,
      width: isOnItsSide ? old.height : old.width,
      channels: old.channels
    )
    let (first, down, right) = walk(old.height, old.width)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(shape.count)
    for row in 0..<shape.height {
      for column in 0..<shape.width {
        let pixel = (first + row * down + column * right) * shape.channels
        for channel in 0..<shape.channels { bytes.append(image.bytes[pixel + channel]) }
      }
    }
    var conversions = image.conversions
    conversions.insert(.turned)
    return DecodedImage(shape: shape, bytes: bytes, conversions: conversions)
  }
}
