/// The newest value of a quantity and its debiased exponential means.
struct SmoothedValue: Equatable, Sendable {
  private(set) var newest: Float?
  private var fast = ExponentialMean(weight: 0.9)
  private var slow = ExponentialMean(weight: 0.98)
  private var slowest = ExponentialMean(weight: 0.995)

  mutating func add(_ value: Float) {
    newest = value
    guard value.isFinite else { return }
    fast.add(Double(value))
    slow.add(Double(value))
    slowest.add(Double(value))
  }

  /// The value at this smoothing; after a value that was not finite, that one.
  func value(_ smoothing: Smoothing) -> Float? {
    guard let newest, newest.isFinite else { return newest }
    return switch smoothing {
    case .off: newest
    case .light: Float(fast.value)
    case .strong: Float(slow.value)
    case .heavy: Float(slowest.value)
    }
  }
}

/// A running mean that forgets by `weight` a value.
struct ExponentialMean: Equatable, Sendable {
  let weight: Double
  private var sum = 0.0
  private var mass = 0.0

  init(weight: Double) { self.weight = weight }

  var isEmpty: Bool { mass == 0 }
  var value: Double { mass > 0 ? sum / mass : .nan }

  mutating func add(_ value: Double) {
    sum = weight * sum + (1 - weight) * value
    mass = weight * mass + (1 - weight)
  }
}

/// How much curves and card numbers are smoothed; `z` walks through the cases.
enum Smoothing: Double, CaseIterable, Sendable {
  case off = 0
  case light = 0.9
  case strong = 0.98
  case heavy = 0.995

  var title: String { self == .off ? "raw" : "smoothed \(rawValue)" }
}
