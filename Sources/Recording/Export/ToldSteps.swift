import Files

/// Which outer steps the TensorBoard event files of a run directory tell, as readers take them: file
/// after file by name, whole records only, a marker taking back what it says was made again.
package struct ToldSteps {
  private(set) var steps: Set<Int> = []
  /// The largest time in a file's name, which decides their order; nil where there is no file.
  private(set) var latest: Int?

  private static let pieceSize = 1 << 16
  /// No record of ours is so long.
  private static let longestRecord = 1 << 20
  private static let prefix = "events.out.tfevents."

  init(_ directory: RunDirectory) {
    let names = SystemFile.names(in: directory.path).filter {
      $0.hasPrefix(Self.prefix) && $0.hasSuffix(".metatop")
    }
    for name in names.sorted() {
      let digits = name.dropFirst(Self.prefix.count).prefix { $0.isASCII && $0.isNumber }
      latest = max(latest ?? 0, Int(digits) ?? 0)
      read("\(directory.path)/\(name)")
    }
  }

  /// The first step that another file has to tell, so that all of them together tell every row of
  /// the logs once: the last one before a gap again, because it may have been told by half.
  func firstUntold(of rows: RecordedScalars.Rows) -> Int {
    var (rows, last) = (rows, 0)
    while let row = try? rows.next(), steps.contains(row.step) { last = row.step }
    return last
  }

  /// Where one name is for the file that comes after all others, also when the clock was set back.
  func time(_ now: Double) -> Int { max(Int(now), latest.map { $0 + 1 } ?? 0) }

  private mutating func read(_ path: String) {
    var (bytes, offset): (ArraySlice<UInt8>, Int) = ([], 0)
    while true {
      while let event = Self.record(&bytes) { take(event) }
      guard bytes.count <= Self.longestRecord + 16,
        let next = try? SystemFile.read(path, from: offset, count: Self.pieceSize), !next.isEmpty
      else { return }
      offset += next.count
      bytes = (bytes + next)[...]
    }
  }

  /// Takes a whole record off the front; nil when there is none yet.
  ///
  /// What is damaged ends a file.
  private static func record(_ bytes: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard bytes.count >= 16 else { return nil }
    let head = bytes.prefix(8)
    let length = head.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(longestRecord) else { return nil }
    let end = bytes.startIndex + 16 + Int(length)
    guard end <= bytes.endIndex,
      Array(bytes[head.endIndex..<head.endIndex + 4])
        == Checksum.masked(Array(head))
    else { return nil }
    let event = bytes[bytes.startIndex + 12..<end - 4]
    guard Array(bytes[end - 4..<end]) == Checksum.masked(Array(event)) else { return nil }
    bytes = bytes[end...]
    return event
  }

  private mutating func take(_ event: ArraySlice<UInt8>) {
    var (step, isRow, isStart) = (0, false, false)
    for field in MessageFields(event) {
      switch (field.number, field.content) {
      case (2, .number(let number)): step = Int(truncatingIfNeeded: number)
      case (5, .bytes(let summary)): isRow = Self.hasScalar(summary)
      case (7, .bytes(let session)):
        isStart = MessageFields(session).contains { $0.number == 1 && $0.content == .number(1) }
      default: break
      }
    }
    if isStart { steps = steps.filter { $0 < step } }
    if isRow { steps.insert(step) }
  }

  /// Whether a summary has a single number, as rows have; histograms and settings have none.
  private static func hasScalar(_ summary: ArraySlice<UInt8>) -> Bool {
    MessageFields(summary).contains { field in
      guard field.number == 1, case .bytes(let value) = field.content else { return false }
      return MessageFields(value).contains { $0.number == 2 && $0.content == .other }
    }
  }
}

/// The fields of a protocol buffer's message, one after the other, as far as they are whole.
struct MessageFields: Sequence, IteratorProtocol {
  struct Field {
    let number: Int
    let content: Content
  }

  enum Content: Equatable {
    case number(UInt64)
    case bytes(ArraySlice<UInt8>)
    /// Four or eight bytes of a floating-point number.
    case other
  }

  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  mutating func next() -> Field? {
    guard let key = varint() else { return nil }
    let number = Int(truncatingIfNeeded: key >> 3)
    switch key & 7 {
    case 0: return varint().map { Field(number: number, content: .number($0)) }
    case 1: return skip(8) == nil ? nil : Field(number: number, content: .other)
    case 5: return skip(4) == nil ? nil : Field(number: number, content: .other)
    case 2:
      guard let length = varint(), length <= UInt64(rest.count), let bytes = skip(Int(length))
      else { return nil }
      return Field(number: number, content: .bytes(bytes))
    default: return nil
    }
  }

  private mutating func skip(_ count: Int) -> ArraySlice<UInt8>? {
    guard count <= rest.count else { return nil }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  private mutating func varint() -> UInt64? {
    var (value, shift) = (UInt64(0), UInt64(0))
    while let byte = rest.popFirst(), shift < 64 {
      value |= UInt64(byte & 127) << shift
      if byte < 128 { return value }
      shift += 7
    }
    return nil
  }
}
