import Dispatch
import Files
import Synchronization

/// What the numbers of arrays mean as brightness.
///
/// Whole numbers are from 0 to 255, or of 16 bits when they are uint16 and go beyond; truth values
/// and zeros and ones are black and white. Floats are from 0 to 1, or from 0 to 255; both with a
/// hundredth to spare for what resizing leaves. Whatever fits none of these is refused rather than
/// read as black.
enum PixelScale: Equatable {
  case truth
  case bytes
  case words
  case unit

  /// Floats whose largest number lies between 1 and this could be of any scale.
  private static let leastBright = 64.0
  /// A share of the range.
  private static let slack = 0.01

  /// Decides for arrays of one type; `path` names them in messages.
  init(_ extent: NumberExtent, _ element: NumpyElement, path: String) throws(DatasetError) {
    func refusal(_ reason: String) -> DatasetError { DatasetError(path: path, reason: reason) }
    let (low, high) = (extent.low, extent.high)
    let range = element.isWhole ? 255 : high <= 1 + Self.slack ? 1.0 : 255.0
    guard low >= (element.isWhole ? 0 : -Self.slack * range) else {
      throw refusal(
        "its images go down to \(low.short), and pixels begin at 0; undo what was subtracted from "
          + "them before they are saved"
      )
    }
    guard !element.isWhole else {
      self = try Self.whole(high, element, path)
      return
    }
    if range == 1 {
      self = .unit
    } else if high >= Self.leastBright, high <= 255 * (1 + Self.slack) {
      self = .bytes
    } else {
      throw refusal(
        "its images go up to \(high.short), which is neither 1 nor 255; divide them by the largest "
          + "number that they can have, and save them again"
      )
    }
  }

  private static func whole(
    _ high: Double,
    _ element: NumpyElement,
    _ path: String
  ) throws(DatasetError) -> Self {
    if element.kind == .bool || high == 1 { return .truth }
    if high <= 255 { return .bytes }
    let isWord = element.kind == .unsigned && element.size == 2
    if isWord, high >= 16_384 { return .words }
    throw DatasetError(
      path: path,
      reason: "its images are of type '\(element.name)' and go up to \(high.short); "
        + (isWord
          ? "16-bit pixels go up to 65535 and 8-bit ones to 255, so multiply or divide them"
          : "pixels go up to 255, or to 65535 in uint16")
    )
  }

  /// A number's brightness, and whether it had to be brought into the range.
  func byte(_ number: Double) -> (UInt8, isClamped: Bool) {
    let value =
      switch self {
      case .truth, .unit: number * 255
      case .bytes: number
      case .words: number / 257
      }
    return (UInt8(min(max(value.rounded(), 0), 255)), value < 0 || value > 255)
  }

  var conversion: ImageConversion? {
    switch self {
    case .truth: .truth
    case .bytes: nil
    case .words: .deep
    case .unit: .unit
    }
  }
}

/// The smallest and the largest number of an array.
struct NumberExtent {
  private(set) var low = Double.infinity
  private(set) var high = -Double.infinity
  /// The first that is infinite or no number.
  private(set) var firstUnusable: Int?

  init() {}

  init(of array: NumpyArray) {
    let found = Mutex(NumberExtent())
    let size = 1 << 16
    DispatchQueue.concurrentPerform(iterations: (array.count + size - 1) / size) { piece in
      let range = piece * size..<min((piece + 1) * size, array.count)
      let own = NumberExtent(array, range)
      found.withLock { $0.formUnion(own) }
    }
    self = found.withLock { $0 }
  }

  private init(_ array: NumpyArray, _ range: Range<Int>) {
    if array.element.kind == .unsigned, array.element.size == 1 {
      let bytes = array.bytes(range)
      (low, high) = (Double(bytes.min() ?? 0), Double(bytes.max() ?? 0))
      return
    }
    for (index, number) in zip(range, array.numbers(range)) {
      if number.isFinite {
        low = min(low, number)
        high = max(high, number)
      } else if firstUnusable == nil {
        firstUnusable = index
      }
    }
  }

  mutating func formUnion(_ other: Self) {
    low = min(low, other.low)
    high = max(high, other.high)
    firstUnusable = [firstUnusable, other.firstUnusable].compactMap { $0 }.min()
  }
}

extension Double {
  /// Without a fraction where there is none, and with six digits of it at most.
  var short: String {
    if let whole = Int(exactly: self) { return "\(whole)" }
    let rounded = (self * 1e6).rounded() / 1e6
    return abs(self) < 1e-6 || abs(self) > 1e9 ? "\(self)" : "\(rounded)"
  }
}
