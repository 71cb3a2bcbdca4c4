/// The bytes of a TensorBoard event file: records of hand-written protocol buffers.
///
/// A record is its length, a checksum of the length, the event, a checksum of the event (TFRecord);
/// messages and field numbers are those of tensorboard's `event.proto`, `summary.proto` and the
/// hparams plugin's `plugin_data.proto`.
struct TensorBoardWriter {
  private(set) var bytes: [UInt8] = []

  /// What has been written since the last time.
  mutating func take() -> [UInt8] {
    defer { bytes.removeAll(keepingCapacity: true) }
    return bytes
  }

  /// Begins the file, as every reader expects it.
  init(time: Double) { record(time, step: nil) { $0.text(3, "brain.Event:2") } }

  mutating func scalar(_ tag: String, _ value: Double, step: Int, time: Double) {
    summary(time, step) { message in
      message.text(1, tag)
      message.float(2, Float(value))
    }
  }

  /// The distribution of a tensor's values, in `count` buckets of equal width.
  mutating func histogram(
    _ tag: String,
    _ values: [Float],
    step: Int,
    time: Double,
    count: Int = 30
  ) {
    let finite = values.filter(\.isFinite).map { Double($0) }
    guard let low = finite.min(), let high = finite.max() else { return }
    let width = high > low ? (high - low) / Double(count) : 1
    var buckets = [Double](repeating: 0, count: count)
    for value in finite { buckets[min(count - 1, Int((value - low) / width))] += 1 }
    let limits = (1...count).map { $0 == count ? max(high, low + width) : low + width * Double($0) }
    summary(time, step) { message in
      message.text(1, tag)
      message.message(5) { histogram in
        histogram.double(1, low)
        histogram.double(2, high)
        histogram.double(3, Double(finite.count))
        histogram.double(4, finite.reduce(0, +))
        histogram.double(5, finite.reduce(0) { $0 + $1 * $1 })
        histogram.doubles(6, limits)
        histogram.doubles(7, buckets)
      }
    }
  }

  /// Says that the run began anew after a step, so that readers drop what they have of later ones.
  mutating func sessionStart(step: Int, time: Double) {
    record(time, step: step) { $0.message(7) { $0.number(1, 1) } }
  }

  /// The HPARAMS tab's row: what the run was started with, and that it has ended.
  mutating func hyperparameters(
    _ values: [(name: String, value: Value)],
    group: String,
    time: Double
  ) {
    plugin("_hparams_/session_start_info", time) { data in
      data.message(3) { session in
        for (name, value) in values {
          session.message(1) { entry in
            entry.text(1, name)
            entry.message(2) { $0.value(value) }
          }
        }
        session.text(4, group)
        session.double(5, time)
      }
    }
  }

  mutating func sessionEnd(time: Double) {
    plugin("_hparams_/session_end_info", time) { data in
      data.message(4) { session in
        session.number(1, 1)
        session.double(2, time)
      }
    }
  }

  enum Value {
    case number(Double)
    case text(String)
  }

  // MARK: - Records

  private mutating func plugin(_ tag: String, _ time: Double, _ fill: (inout Message) -> Void) {
    var content = Message()
    fill(&content)
    let bytes = content.bytes
    summary(time, 0) { message in
      message.text(1, tag)
      // A tensor of no numbers: the plugin's data stand in the metadata.
      message.message(8) { tensor in
        tensor.number(1, 1)
        tensor.message(2) { $0.message(2) { $0.number(1, 0) } }
      }
      message.message(9) { metadata in
        metadata.message(1) { data in
          data.text(1, "hparams")
          data.bytes(2, bytes)
        }
      }
    }
  }

  private mutating func summary(_ time: Double, _ step: Int, _ fill: (inout Message) -> Void) {
    record(time, step: step) { $0.message(5) { $0.message(1, fill) } }
  }

  private mutating func record(_ time: Double, step: Int?, _ fill: (inout Message) -> Void) {
    var event = Message()
    event.double(1, time)
    if let step, step != 0 { event.number(2, step) }
    fill(&event)
    let length = UInt64(event.bytes.count).littleEndianBytes
    bytes += length + Checksum.masked(length) + event.bytes + Checksum.masked(event.bytes)
  }
}

/// A protocol buffer's message being written.
struct Message {
  private(set) var bytes: [UInt8] = []

  mutating func number(_ field: Int, _ value: Int) {
    varint(UInt64(field) << 3)
    varint(UInt64(bitPattern: Int64(value)))
  }

  mutating func double(_ field: Int, _ value: Double) {
    varint(UInt64(field) << 3 | 1)
    bytes += value.bitPattern.littleEndianBytes
  }

  mutating func float(_ field: Int, _ value: Float) {
    varint(UInt64(field) << 3 | 5)
    bytes += value.bitPattern.littleEndianBytes
  }

  mutating func text(_ field: Int, _ value: String) { bytes(field, Array(value.utf8)) }

  mutating func bytes(_ field: Int, _ value: [UInt8]) {
    varint(UInt64(field) << 3 | 2)
    varint(UInt64(value.count))
    bytes += value
  }

  /// Many numbers in one field.
  mutating func doubles(_ field: Int, _ values: [Double]) {
    bytes(field, values.flatMap { $0.bitPattern.littleEndianBytes })
  }

  mutating func message(_ field: Int, _ fill: (inout Message) -> Void) {
    var inner = Message()
    fill(&inner)
    bytes(field, inner.bytes)
  }

  mutating func value(_ value: TensorBoardWriter.Value) {
    switch value {
    case .number(let number): double(2, number)
    case .text(let string): text(3, string)
    }
  }

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest > 127 {
      bytes.append(UInt8(rest & 127) | 128)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}

/// CRC-32C (Castagnoli), as records carry it.
enum Checksum {
  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in
      value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1
    }
  }

  static func crc32c(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { table[Int(($0 ^ UInt32($1)) & 255)] ^ $0 >> 8 }
  }

  /// Rotated and offset, because a checksum of checksums says little.
  static func masked(_ bytes: [UInt8]) -> [UInt8] {
    let value = crc32c(bytes)
    return ((value >> 15 | value << 17) &+ 0xA282_EAD8).littleEndianBytes
  }
}

extension FixedWidthInteger {
  fileprivate var littleEndianBytes: [UInt8] { withUnsafeBytes(of: littleEndian) { Array($0) } }
}
