import CellGrid
import Glibc

/// What followed a change of a value: the loss and the time of the steps after it, against those before.
///
/// A loss falls anyway, and ever more slowly; so a straight line through the steps before, over the
/// logarithm of the step, says where it would have led, and the difference of the steps after is told
/// with the 95 % interval of that prediction.
struct ChangeEffects: Sendable {
  /// Steps before and after that are compared, at most and at least.
  static let most = 256
  static let least = 32

  /// What is still being measured.
  private struct Pending {
    let changes: [RunState.Change]
    let before: Trend
    var losses: [Float] = []
    /// Σ ln step of those.
    var places = 0.0
  }

  /// A line through the losses before a change, over ln step.
  private struct Trend {
    let count: Double
    let mean: Double
    let middle: Double
    let slope: Double
    /// Σ (x − x̄)² and the residuals' standard deviation.
    let spread: Double
    let deviation: Double
    let secondsPerStep: Double?

    func predicted(_ x: Double) -> Double { mean + slope * (x - middle) }

    /// Half the 95 % interval of the mean of `count` further steps around `x`.
    func half(_ x: Double, of count: Double) -> Double {
      let distance = (x - middle) * (x - middle) / spread
      return 1.96 * deviation * (1 / count + 1 / self.count + distance).squareRoot()
    }
  }

  /// The newest losses with their steps, oldest first from `next`.
  private var ring: [(step: Int, loss: Float)] = []
  private var next = 0
  private var firstSeconds: Double?
  private var newestSeconds = 0.0
  private var sinceFirst = 0
  private var pending: Pending?

  /// A change that was carried out; several at one step are one.
  mutating func begin(_ change: RunState.Change) {
    if let own = pending, own.losses.isEmpty {
      pending = Pending(changes: own.changes + [change], before: own.before)
      return
    }
    // What came before was not measured to its end: its steps are the ones before this.
    pending = ring.count >= Self.least ? trend.map { Pending(changes: [change], before: $0) } : nil
    (ring, next, firstSeconds, sinceFirst) = ([], 0, nil, 0)
  }

  /// Takes a step's loss and the computing seconds so far; says what changes have done once enough steps
  /// were made.
  mutating func take(
    _ loss: Float,
    step: Int,
    seconds: Double
  ) -> (changes: [RunState.Change], text: String)? {
    add((step, loss), seconds)
    guard var own = pending else { return nil }
    own.losses.append(loss)
    own.places += log(Double(max(step, 1)))
    pending = own
    guard own.losses.count >= Self.most else { return nil }
    pending = nil
    return text(own).map { (own.changes, $0) }
  }

  private mutating func add(_ sample: (step: Int, loss: Float), _ seconds: Double) {
    if firstSeconds == nil { firstSeconds = seconds } else { sinceFirst += 1 }
    newestSeconds = seconds
    if ring.count < Self.most {
      ring.append(sample)
    } else {
      ring[next] = sample
      next = (next + 1) % Self.most
    }
  }

  private var secondsPerStep: Double? {
    guard let firstSeconds, sinceFirst > 0, newestSeconds > firstSeconds else { return nil }
    return (newestSeconds - firstSeconds) / Double(sinceFirst)
  }

  /// Nil where a loss was no number.
  private var trend: Trend? {
    let values = ring.map { (x: log(Double(max($0.step, 1))), y: Double($0.loss)) }
    guard values.allSatisfy(\.y.isFinite) else { return nil }
    let n = Double(values.count)
    let mean = values.reduce(0) { $0 + $1.y } / n
    let middle = values.reduce(0) { $0 + $1.x } / n
    var (product, spread) = (0.0, 0.0)
    for (x, y) in values {
      product += (x - middle) * (y - mean)
      spread += (x - middle) * (x - middle)
    }
    // A recording may tell the same step again and again.
    guard spread > 0 else { return nil }
    let slope = product / spread
    let squares = values.reduce(0.0) { sum, one in
      let left = one.y - mean - slope * (one.x - middle)
      return sum + left * left
    }
    return Trend(
      count: n,
      mean: mean,
      middle: middle,
      slope: slope,
      spread: spread,
      deviation: (squares / (n - 2)).squareRoot(),
      secondsPerStep: secondsPerStep
    )
  }

  private func text(_ own: Pending) -> String? {
    let losses = own.losses.map(Double.init)
    guard losses.allSatisfy(\.isFinite) else { return nil }
    let n = Double(losses.count)
    let mean = losses.reduce(0, +) / n
    let middle = own.places / n
    let expected = own.before.predicted(middle)
    let half = own.before.half(middle, of: n)
    func number(_ value: Double) -> String { Numbers.measured(Float(value)) }
    let difference = mean - expected
    let sign = difference < 0 ? "−" : "+"
    let verdict = abs(difference) > half ? "" : ": no more than chance"
    var text =
      "\(sign)\(number(abs(difference))) ± \(number(half)) beside its trend\(verdict) (loss "
      + "\(number(mean)) over \(losses.count) steps)"
    if let before = own.before.secondsPerStep, let after = secondsPerStep {
      text += "; \(number(after * 1000)) ms a step, \(number(before * 1000)) before"
    }
    return text
  }
}
