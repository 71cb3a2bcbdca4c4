import CellGrid

/// Zoom and pan of the charts' values.
extension DashboardState {
  /// The chart that keys for charts mean: the one with the focus, else the first on the screen.
  var chartInFocus: ChartQuantity? {
    if let own = ChartQuantity(panel) { return own }
    return ScreenLayout(size: size, needs: needs).order.lazy.compactMap { ChartQuantity($0) }.first
  }

  /// Whether its values are others than the chart's own choice.
  var areValuesZoomed: Bool {
    guard let quantity = chartInFocus else { return false }
    let curves = ChartCurves(self, quantity)
    return chart.values(of: quantity.kind, curves.arrangement) != .robust
  }

  mutating func performValues(_ action: ChartAction) {
    guard let quantity = chartInFocus else { return }
    switch action {
    case .zoomValuesIn: zoomValues(of: quantity, by: 0.5)
    case .zoomValuesOut: zoomValues(of: quantity, by: 2)
    case .panUp: panValues(of: quantity, by: 0.25)
    case .panDown: panValues(of: quantity, by: -0.25)
    default: break
    }
  }

  /// The curves and the rectangle that they are drawn in.
  private func drawn(_ quantity: ChartQuantity) -> (curves: ChartCurves, rect: Rect)? {
    let rect = ScreenLayout(size: size, needs: needs).panels[quantity.kind]
    return rect.map {
      (
        ChartCurves(self, quantity),
        ScreenLayout.plotArea($0.inset(vertical: 1, horizontal: 2))
      )
    }
  }

  /// Around the focused curve's value at the cursor, else its newest, which keeps its row.
  private mutating func zoomValues(of quantity: ChartQuantity, by factor: Double) {
    guard let (curves, rect) = drawn(quantity) else { return }
    let arrangement = curves.arrangement
    var chart = curves.chart
    guard let shown = chart.valueScale(in: rect) else { return }
    if factor > 1, curves.values == .robust {
      return self.chart.show(.all, in: quantity.kind, arrangement)
    }
    guard factor < 1 || curves.values != .all else { return say("all values are shown") }
    let anchor = anchor(chart, shown)
    let lower = shown.value(at: anchor * (1 - factor))
    let upper = shown.value(at: anchor * (1 - factor) + factor)
    guard upper > lower, upper - lower > abs(upper) * 1e-6, lower.isFinite, upper.isFinite else {
      return say("the values cannot be zoomed further", isProblem: true)
    }
    chart.values = .robust
    if factor > 1, let own = chart.valueScale(in: rect), lower <= own.lower, upper >= own.upper {
      return self.chart.show(.robust, in: quantity.kind, arrangement)
    }
    self.chart.show(.exact(lower...upper), in: quantity.kind, arrangement)
  }

  private mutating func panValues(of quantity: ChartQuantity, by share: Double) {
    guard let (curves, rect) = drawn(quantity), let shown = curves.chart.valueScale(in: rect)
    else { return }
    let (lower, upper) = (shown.value(at: share), shown.value(at: 1 + share))
    guard upper > lower, lower.isFinite, upper.isFinite else { return }
    chart.show(.exact(lower...upper), in: quantity.kind, curves.arrangement)
  }

  /// Where the curve on top is on the vertical axis, 0 to 1.
  private func anchor(_ chart: LineChart, _ shown: AxisScale) -> Double {
    let places = shownPlaces
    let samples = chart.series.last?.samples.filter {
      $0.value.isFinite && $0.x >= places.lower && $0.x <= places.upper
    }
    let cursor = self.chart.cursor
    let value = (samples ?? []).min { first, second in
      guard let cursor else { return first.x > second.x }
      return abs(first.x - cursor) < abs(second.x - cursor)
    }?.value
    let share = value.map { shown.position(Double($0)) } ?? 0.5
    return share.isFinite ? min(max(share, 0), 1) : 0.5
  }
}
