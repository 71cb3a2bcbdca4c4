import CImageCodecs

/// Writers of the formats that the product only reads.
enum TestImages {
  /// A PNG of 8-bit grey or colour.
  static func png(width: Int, height: Int, channels: Int, _ bytes: [UInt8]) -> [UInt8] {
    png(width: width, height: height, format: channels == 1 ? ci_png_gray : ci_png_rgb) {
      bytes.withUnsafeBytes($0)
    }
  }

  /// A PNG of 16-bit linear grey.
  static func png16(width: Int, height: Int, _ values: [UInt16]) -> [UInt8] {
    png(width: width, height: height, format: ci_png_gray | 4) { values.withUnsafeBytes($0) }
  }

  /// A PNG of indices into a palette of RGB colours.
  static func pngPalette(width: Int, height: Int, _ indices: [UInt8], _ palette: [UInt8]) -> [UInt8]
  {
    png(width: width, height: height, format: ci_png_rgb | 8, palette: palette) {
      indices.withUnsafeBytes($0)
    }
  }

  private static func png(
    width: Int,
    height: Int,
    format: UInt32,
    palette: [UInt8] = [],
    _ pixels: ((UnsafeRawBufferPointer) -> Void) -> Void
  ) -> [UInt8] {
    var image = png_image()
    image.version = ci_png_version
    (image.width, image.height) = (UInt32(width), UInt32(height))
    image.format = format
    image.colormap_entries = UInt32(palette.count / 3)
    var result = [UInt8](repeating: 0, count: 4096 + 16 * width * height)
    var size = result.count
    pixels { source in
      let status = palette.withUnsafeBytes { colors in
        png_image_write_to_memory(
          &image,
          &result,
          &size,
          0,
          source.baseAddress,
          0,
          colors.baseAddress
        )
      }
      precondition(status != 0, "the test's PNG could not be written")
    }
    return Array(result[..<size])
  }

  /// A JPEG; `channels` is 1, 3, or 4 for printing inks.
  static func jpeg(
    width: Int,
    height: Int,
    channels: Int,
    _ bytes: [UInt8],
    sampling: TJSAMP? = nil,
    isProgressive: Bool = false
  ) -> [UInt8] {
    let encoder = tjInitCompress()
    defer { tjDestroy(encoder) }
    var result: UnsafeMutablePointer<UInt8>?
    var size: UInt = 0
    let format = [1: TJPF_GRAY, 3: TJPF_RGB, 4: TJPF_CMYK][channels] ?? TJPF_RGB
    let sampling = sampling ?? (channels == 1 ? TJSAMP_GRAY : TJSAMP_444)
    let status = tjCompress2(
      encoder,
      bytes,
      Int32(width),
      0,
      Int32(height),
      Int32(format.rawValue),
      &result,
      &size,
      Int32(sampling.rawValue),
      95,
      isProgressive ? TJFLAG_PROGRESSIVE : 0
    )
    precondition(status == 0, "the test's JPEG could not be written")
    defer { tjFree(result) }
    return Array(UnsafeBufferPointer(start: result, count: Int(size)))
  }

  /// The checksum that ends a chunk of a PNG.
  static func checksum(_ bytes: [UInt8]) -> [UInt8] {
    let value = UInt32(crc32(0, bytes, UInt32(bytes.count)))
    return withUnsafeBytes(of: value.bigEndian, Array.init)
  }

  /// Numbers as an array of a type like `<f4` or `>u2` stores them.
  static func numbers(_ type: String, _ values: [Double]) -> [UInt8] {
    values.flatMap { value -> [UInt8] in
      let bits: UInt64 =
        switch type.dropFirst() {
        case "f2": UInt64(Float16(value).bitPattern)
        case "f4": UInt64(Float(value).bitPattern)
        case "f8": value.bitPattern
        default: UInt64(bitPattern: Int64(value))
        }
      let bytes = (0..<(type.last?.wholeNumberValue ?? 1)).map { UInt8(bits >> (8 * $0) & 255) }
      return type.hasPrefix(">") ? bytes.reversed() : bytes
    }
  }

  /// A `.npy` file.
  static func npy(
    _ type: String,
    _ shape: [Int],
    _ bytes: [UInt8],
    isColumnMajor: Bool = false
  ) -> [UInt8] {
    let sizes = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    let order = isColumnMajor ? "True" : "False"
    var header = "{'descr': '\(type)', 'fortran_order': \(order), 'shape': (\(sizes)), }"
    header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
    let length = UInt16(header.utf8.count)
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 255), UInt8(length >> 8)]
      + Array(header.utf8) + bytes
  }
}

/// A zip file put together by hand, so that every field of it can be wrong.
struct TestZip {
  struct Entry {
    var name: [UInt8]
    var content: [UInt8]
    var isDeflated = true
    var method: UInt16?
    var flags: UInt16 = 0
    var claimedSize: UInt32?
    var checksum: UInt32?
    /// As numpy does: no sizes in the local header, but a zip64 field.
    var isZip64Style = false

    init(_ name: String, _ content: [UInt8], isDeflated: Bool = true) {
      self.name = Array(name.utf8)
      self.content = content
      self.isDeflated = isDeflated
    }
  }

  var entries: [Entry]

  var bytes: [UInt8] {
    var (body, directory): ([UInt8], [UInt8]) = ([], [])
    for entry in entries {
      let packed = entry.isDeflated ? Self.deflated(entry.content) : entry.content
      let method = entry.method ?? (entry.isDeflated ? 8 : 0)
      let size = entry.claimedSize ?? UInt32(entry.content.count)
      let checksum =
        entry.checksum ?? UInt32(CImageCodecs.crc32(0, entry.content, UInt32(entry.content.count)))
      let offset = UInt32(body.count)
      let extra: [UInt8] = entry.isZip64Style ? [1, 0, 16, 0] + Array(repeating: 0, count: 16) : []
      let localSizes: [UInt32] =
        entry.isZip64Style ? [.max, .max] : [UInt32(packed.count), size]
      body +=
        le(UInt32(0x0403_4B50)) + le(UInt16(20)) + le(entry.flags) + le(method) + le(UInt32(0))
      body += le(checksum) + localSizes.flatMap { le($0) }
      body += le(UInt16(entry.name.count)) + le(UInt16(extra.count)) + entry.name + extra + packed
      directory += le(UInt32(0x0201_4B50)) + le(UInt16(20)) + le(UInt16(20)) + le(entry.flags)
      directory += le(method) + le(UInt32(0)) + le(checksum) + le(UInt32(packed.count)) + le(size)
      directory += le(UInt16(entry.name.count)) + Array(repeating: 0, count: 12) + le(offset)
      directory += entry.name
    }
    let end =
      le(UInt32(0x0605_4B50)) + le(UInt32(0)) + le(UInt16(entries.count))
      + le(UInt16(entries.count))
      + le(UInt32(directory.count)) + le(UInt32(body.count)) + le(UInt16(0))
    return body + directory + end
  }

  private static func deflated(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    precondition(ci_deflate_init_raw(&stream) == Z_OK)
    defer { deflateEnd(&stream) }
    var input = bytes + [0]
    var output = [UInt8](repeating: 0, count: bytes.count + 1024)
    let count = output.count
    return input.withUnsafeMutableBufferPointer { source in
      output.withUnsafeMutableBufferPointer { target in
        stream.next_in = source.baseAddress
        stream.avail_in = UInt32(bytes.count)
        stream.next_out = target.baseAddress
        stream.avail_out = UInt32(count)
        precondition(deflate(&stream, Z_FINISH) == Z_STREAM_END)
        return Array(target[..<(count - Int(stream.avail_out))])
      }
    }
  }
}

private func le<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
  withUnsafeBytes(of: number.littleEndian, Array.init)
}
