import CellGrid
import Events

/// What a method is judged by, with its 95 % interval: the accuracy of classes, else the loss.
struct Score: Equatable, Sendable {
  /// In percent, or a loss.
  var value: Float
  /// Half width of the interval, in the same unit.
  var half: Float
  var isAccuracy: Bool

  var low: Double { Double(value) - Double(half) }
  var high: Double { Double(value) + Double(half) }
  var valueText: String { isAccuracy ? Numbers.percent(value) : Numbers.measured(value) }

  /// `± 0.9` stands behind `92.1 %` and is in percent too.
  var halfText: String {
    guard !half.isNaN else { return "± –" }
    return "± " + (isAccuracy ? Numbers.fixed(Double(half), 1) : Numbers.measured(half))
  }

  var text: String { "\(valueText) \(halfText)" }
}

extension ValidationReport {
  var loss95: Score { Score(value: loss, half: lossConfidence95, isAccuracy: false) }

  var accuracy95: Score? {
    accuracy.map {
      Score(value: $0 * 100, half: (accuracyConfidence95 ?? .nan) * 100, isAccuracy: true)
    }
  }

  var score: Score { accuracy95 ?? loss95 }
}

extension Numbers {
  /// `93.4 %`, always with one decimal; the value is in percent.
  static func percent(_ value: Float) -> String { fixed(Double(value), 1) + " %" }
}
