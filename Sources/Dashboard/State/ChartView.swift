import CellGrid

/// Which part of the charts is shown, over what, and in what arrangement.
struct ChartView: Equatable, Sendable {
  /// What the horizontal axis counts; `x` walks through the cases.
  enum Axis: Equatable, Sendable, CaseIterable {
    case steps
    /// Seconds that the run itself has spent computing.
    case seconds
    /// Episodes seen: outer steps times the meta-batch size.
    case episodes
    /// 10⁹ floating-point operations of the training plans.
    case operations

    /// Beside the axis, in at most six columns.
    var unit: String {
      switch self {
      case .steps: "step"
      case .seconds: "s"
      case .episodes: "ep."
      case .operations: "GFLOP"
      }
    }

    var title: String {
      switch self {
      case .steps: "outer steps"
      case .seconds: "computing seconds"
      case .episodes: "episodes"
      case .operations: "floating-point operations"
      }
    }
  }

  /// How several methods share the chart's place; `d` walks through the cases.
  enum Arrangement: Equatable, Sendable, CaseIterable {
    case overlay
    /// One small chart a method, all over the same axes.
    case multiples
    /// Each method minus the focused one, with paired intervals.
    case difference

    var title: String {
      switch self {
      case .overlay: "all curves in one chart"
      case .multiples: "one chart a method"
      case .difference: "difference from the focused method"
      }
    }
  }

  enum Window: Equatable, Sendable {
    /// From the start to the next round size.
    case whole
    /// So much before the newest point.
    case latest(width: Double)
    case fixed(ClosedRange<Double>)
  }

  /// One of the charts' vertical axes: values are zoomed for each.
  struct ValueAxis: Hashable, Sendable {
    var kind: PanelKind
    var isOfDifferences: Bool
  }

  var axis = Axis.steps { didSet { if axis != oldValue { reset() } } }
  var arrangement = Arrangement.overlay
  private(set) var window = Window.whole
  /// Whether the horizontal axis is logarithmic.
  var isLogarithmic = false { didSet { if isLogarithmic != oldValue { reset() } } }
  /// Which values a chart shows, where those are not its own choice.
  private var values: [ValueAxis: LineChart.ValueWindow] = [:]
  /// Where values are read, in the axis' unit.
  var cursor: Double?

  /// The narrowest window, in the axis' unit.
  var narrowest: Double {
    switch axis {
    case .steps, .episodes: 4
    case .seconds: 0.01
    case .operations: 0.001
    }
  }

  /// The range to draw when the newest point is at `newest` and the whole ends at `end`.
  func range(newest: Double, end: Double) -> ClosedRange<Double> {
    switch window {
    case .whole: return 0...max(end, .leastNormalMagnitude)
    case .fixed(let range): return range
    case .latest(let width):
      // It slides by eighths: a window that moves with every point redraws every cell.
      let notch = width / 8
      let upper = max(width, (newest / notch).rounded(.up) * notch)
      return (upper - width)...upper
    }
  }

  /// Halves or doubles the window around the cursor, else at its newest end.
  mutating func zoom(
    by factor: Double,
    within whole: ClosedRange<Double>,
    shown: ClosedRange<Double>
  ) {
    let width = max(narrowest, (shown.upperBound - shown.lowerBound) * factor)
    guard width < whole.upperBound else {
      window = .whole
      return
    }
    guard let cursor else {
      window =
        isFollowing ? .latest(width: width) : .fixed(range(width, endingAt: shown.upperBound))
      return
    }
    // The cursor keeps its place on the screen.
    let share = (cursor - shown.lowerBound) / (shown.upperBound - shown.lowerBound)
    let lower = max(0, cursor - min(max(share, 0), 1) * width)
    window = .fixed(lower...(lower + width))
  }

  /// Moves the window by a share of its width; it stays where there is something to see.
  mutating func pan(by share: Double, newest: Double, shown: ClosedRange<Double>) {
    let width = shown.upperBound - shown.lowerBound
    let lower = min(max(0, shown.lowerBound + share * width), max(0, newest - width / 8))
    window = .fixed(lower...(lower + width))
  }

  /// Shows the start, in the present width.
  mutating func showStart(shown: ClosedRange<Double>) {
    guard window != .whole else { return }
    window = .fixed(0...(shown.upperBound - shown.lowerBound))
  }

  /// Follows the newest point, in the present width.
  mutating func follow(shown: ClosedRange<Double>) {
    guard window != .whole else { return }
    window = .latest(width: shown.upperBound - shown.lowerBound)
  }

  mutating func showWhole() {
    window = .whole
    values = [:]
  }

  /// Whether more or less than everything is shown.
  var isZoomed: Bool { window != .whole || !values.isEmpty }

  func values(of kind: PanelKind, _ arrangement: Arrangement) -> LineChart.ValueWindow {
    values[ValueAxis(kind: kind, isOfDifferences: arrangement == .difference)] ?? .robust
  }

  mutating func show(
    _ window: LineChart.ValueWindow,
    in kind: PanelKind,
    _ arrangement: Arrangement
  ) {
    let axis = ValueAxis(kind: kind, isOfDifferences: arrangement == .difference)
    values[axis] = window == .robust ? nil : window
  }

  /// Zoomed values of an axis that has become another one.
  mutating func forgetValues() { values = [:] }

  /// A window on a logarithmic axis, by shares of what is shown; the whole where it is all that.
  mutating func show(
    _ shares: ClosedRange<Double>,
    of shown: LineChart.Places,
    within whole: ClosedRange<Double>
  ) {
    let lower = max(shown.place(at: shares.lowerBound), whole.lowerBound)
    let upper = min(shown.place(at: shares.upperBound), whole.upperBound)
    guard upper - lower >= narrowest else { return }
    let isWhole = lower <= whole.lowerBound * 1.000_001 && upper >= whole.upperBound * 0.999_999
    window = isWhole ? .whole : .fixed(lower...upper)
  }

  var isFollowing: Bool { if case .fixed = window { false } else { true } }

  /// Moves the cursor by hundredths of the window; the first move puts it on the newest point.
  mutating func moveCursor(_ hundredths: Double, newest: Double, shown: ClosedRange<Double>) {
    let last = min(newest, shown.upperBound)
    guard let cursor else {
      self.cursor = last
      return
    }
    let moved = cursor + hundredths / 100 * (shown.upperBound - shown.lowerBound)
    self.cursor = min(max(moved, shown.lowerBound), max(last, shown.lowerBound))
  }

  /// The same on a logarithmic axis.
  mutating func moveCursor(_ hundredths: Double, newest: Double, shown: LineChart.Places) {
    let last = max(min(newest, shown.upper), shown.lower)
    guard let cursor else {
      self.cursor = last
      return
    }
    let moved = shown.place(at: shown.share(of: cursor) + hundredths / 100)
    self.cursor = min(max(moved, shown.lower), last)
  }

  private mutating func reset() {
    window = .whole
    cursor = nil
  }

  private func range(_ width: Double, endingAt upper: Double) -> ClosedRange<Double> {
    let lower = max(0, upper - width)
    return lower...(lower + width)
  }
}

extension CaseIterable where Self: Equatable {
  /// The case after this one, around the end.
  var following: Self {
    let all = Array(Self.allCases)
    return all.next(after: self)
  }
}

extension ChartView {
  /// The window's end: it stands still while curves fill it and then grows to the next round size.
  ///
  /// A window that slides would change every cell with every frame.
  static func window(reaching newest: Double, total: Double) -> Double {
    var decade = 100.0
    while true {
      for size in [decade, decade * 2, decade * 5] where newest <= size {
        return total >= newest && total > 0 ? min(size, total) : size
      }
      guard decade < 1e300 else { return newest }
      decade *= 10
    }
  }
}
