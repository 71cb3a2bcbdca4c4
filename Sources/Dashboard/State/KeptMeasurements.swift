import Events

/// A measurement now and then over a whole run, in bounded memory: when there are too many, every other
/// one is let go.
struct KeptMeasurements<Value: Sendable>: Sendable {
  struct Entry: Sendable {
    var step: Int
    var value: Value
  }

  let capacity: Int
  private(set) var entries: [Entry] = []
  /// Of so many that come one is kept.
  private var stride = 1
  private var come = 0

  init(capacity: Int) { self.capacity = max(capacity, 2) }

  mutating func add(_ value: Value, step: Int) {
    // A recording that went back begins again.
    if let last = entries.last, last.step > step { entries.removeAll { $0.step > step } }
    defer { come += 1 }
    guard come % stride == 0 else { return }
    if entries.count == capacity {
      entries = entries.indices.filter { $0 % 2 == 0 }.map { entries[$0] }
      stride *= 2
      guard come % stride == 0 else { return }
    }
    entries.append(Entry(step: step, value: value))
  }

  /// The one whose step is nearest.
  func nearest(to step: Int) -> Entry? {
    entries.min { abs($0.step - step) < abs($1.step - step) }
  }
}

extension StepProbes {
  /// Inner steps that a kept trajectory shows, at most.
  private static let keptSteps = 128

  /// Without what stands in the probes' own histories.
  var trajectory: Self {
    Self(
      supportLosses: Array(supportLosses.prefix(Self.keptSteps)),
      queryLosses: Array(queryLosses.prefix(Self.keptSteps)),
      innerGradientNorms: [],
      values: []
    )
  }
}

extension DashboardState {
  /// The focused run as it was at the outer step under the charts' cursor: its inner loop, the task that
  /// was shown, and its meta-validation; as it is now where no cursor is out.
  var runAtCursor: RunState? {
    guard let focused, let cursor = chart.cursor else { return focused }
    return focused.asOf(focused.step(at: cursor, on: chart.axis))
  }

  /// Whether what is shown of the inner loop is that of the step under the cursor.
  var isAtCursor: Bool { chart.cursor != nil }
}
