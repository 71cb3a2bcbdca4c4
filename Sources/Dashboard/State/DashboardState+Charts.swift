import CellGrid
import Events

/// What the charts' axis shows of the runs at present.
extension DashboardState {
  /// The newest point of any run on the charts' axis.
  var newestOnAxis: Double { runs.map { $0.newest(on: chart.axis) }.max() ?? 0 }

  /// The whole axis: it stands still while curves fill it and then grows to the next round size.
  var wholeAxis: ClosedRange<Double> {
    let total = runs.map { $0.total(on: chart.axis) ?? 0 }.max() ?? 0
    return 0...ChartView.window(reaching: newestOnAxis, total: total)
  }

  var shownAxis: ClosedRange<Double> {
    chart.range(newest: newestOnAxis, end: wholeAxis.upperBound)
  }

  /// Where a logarithmic axis begins: at the first outer step, or the decade before it where that is
  /// measured; nil for a linear axis.
  var leastPlace: Double? {
    guard chart.isLogarithmic else { return nil }
    let first = runs.compactMap { run -> Double? in
      let each = run.newest(on: chart.axis) / Double(max(run.step, 1))
      return each > 0 ? each : nil
    }
    guard let least = first.min() else { return nil }
    switch chart.axis {
    case .steps, .episodes: return least
    case .seconds, .operations: return powerOfTen(Int(floorLog10(least)))
    }
  }

  var shownPlaces: LineChart.Places { LineChart.Places(shownAxis, least: leastPlace) }

  /// Carries a chart's action out; others are left alone.
  mutating func performChart(_ action: ChartAction) {
    let (newest, shown) = (newestOnAxis, shownAxis)
    switch action {
    case .nextAxis:
      chart.axis = chart.axis.following
      // Runs recorded by a version that did not count them.
      if chart.axis == .operations, newestOnAxis == 0 { chart.axis = chart.axis.following }
      say("charts over \(chart.axis.title)")
    case .toggleLogSteps:
      chart.isLogarithmic.toggle()
      say(
        "\(chart.axis.title) \(chart.isLogarithmic ? "on a logarithmic axis" : "on a linear axis")"
      )
    case .nextArrangement:
      chart.arrangement = chart.arrangement.following
      say(chart.arrangement.title)
    case .toggleCursor:
      chart.cursor =
        chart.cursor == nil ? max(min(newest, shown.upperBound), shownPlaces.lower) : nil
    case .showWhole: chart.showWhole()
    case .zoomValuesIn, .zoomValuesOut, .panUp, .panDown: break
    default:
      if let leastPlace {
        performLogarithmic(action, least: leastPlace)
      } else {
        performLinear(action, newest, shown)
      }
    }
  }

  private mutating func performLinear(
    _ action: ChartAction,
    _ newest: Double,
    _ shown: ClosedRange<Double>
  ) {
    switch action {
    case .moveCursor(let hundredths):
      chart.moveCursor(Double(hundredths), newest: newest, shown: shown)
    case .zoomIn: chart.zoom(by: 0.5, within: wholeAxis, shown: shown)
    case .zoomOut: chart.zoom(by: 2, within: wholeAxis, shown: shown)
    case .panLeft: chart.pan(by: -0.25, newest: newest, shown: shown)
    case .panRight: chart.pan(by: 0.25, newest: newest, shown: shown)
    case .showStart: chart.showStart(shown: shown)
    case .follow: chart.follow(shown: shown)
    default: break
    }
  }

  /// On a logarithmic axis a window is a share of its way: nothing slides there.
  private mutating func performLogarithmic(_ action: ChartAction, least: Double) {
    let places = shownPlaces
    let whole = least...max(wholeAxis.upperBound, least * 2)
    let (first, last) = (places.share(of: least), places.share(of: whole.upperBound))
    func zoom(_ factor: Double) {
      let anchor = places.share(of: chart.cursor ?? min(newestOnAxis, places.upper))
      let from = anchor * (1 - factor)
      chart.show(from...(from + factor), of: places, within: whole)
    }
    func pan(_ offset: Double) {
      guard chart.window != .whole else { return }
      chart.show(offset...(offset + 1), of: places, within: whole)
    }
    switch action {
    case .moveCursor(let hundredths):
      chart.moveCursor(Double(hundredths), newest: newestOnAxis, shown: places)
    case .zoomIn: zoom(0.5)
    case .zoomOut: zoom(2)
    case .panLeft: pan(max(-0.25, first))
    case .panRight: pan(min(0.25, last - 1))
    case .showStart: pan(first)
    case .follow: pan(last - 1)
    default: break
    }
  }
}

extension RunState {
  /// Where the newest point lies on an axis.
  func newest(on axis: ChartView.Axis) -> Double {
    switch axis {
    case .steps: Double(step)
    case .seconds: computingSeconds
    case .episodes: Double(step) * episodesPerStep
    case .operations: operations / 1e9
    }
  }

  /// Where the run will end on an axis, as far as that is known.
  func total(on axis: ChartView.Axis) -> Double? {
    switch axis {
    case .steps: Double(description.totalSteps)
    case .seconds: nil
    case .episodes: Double(description.totalSteps) * episodesPerStep
    case .operations:
      step > 0 ? operations / 1e9 / Double(step) * Double(description.totalSteps) : nil
    }
  }

  /// The outer step at a place of an axis.
  func step(at place: Double, on axis: ChartView.Axis) -> Int {
    switch axis {
    case .steps: return Int(min(max(place, 0), 1e15).rounded())
    case .episodes: return Int(min(max(place / episodesPerStep, 0), 1e15).rounded())
    case .seconds, .operations:
      // Places rise with the steps.
      var (low, high) = (0, max(step, 0))
      while low < high {
        let middle = low + (high - low) / 2
        if self.place(of: middle, on: axis) < place { low = middle + 1 } else { high = middle }
      }
      return low
    }
  }

  /// Where an outer step lies on an axis: exactly, or for what is measured within its bucket.
  func place(of step: Int, on axis: ChartView.Axis) -> Double {
    switch axis {
    case .steps: Double(step)
    case .seconds: measured(clock, at: step, newest: computingSeconds)
    case .episodes: Double(step) * episodesPerStep
    case .operations: measured(work, at: step, newest: operations) / 1e9
    }
  }

  /// A curve over an axis, smoothed by `weight` an outer step.
  func samples(
    _ curve: SeriesHistory,
    smoothing weight: Double,
    on axis: ChartView.Axis
  )
    -> [LineChart.Sample]
  {
    var samples = curve.samples(smoothing: weight)
    guard axis != .steps else { return samples }
    // Without a count there is no place on this axis.
    if axis == .operations, operations == 0 { return [] }
    for index in samples.indices {
      let step = samples[index].x
      samples[index].x =
        axis == .episodes ? step * episodesPerStep : place(of: Int(step), on: axis)
    }
    return samples
  }

  private var episodesPerStep: Double { Double(max(description.metaBatchSize, 1)) }

  private func measured(_ history: SeriesHistory, at step: Int, newest: Double) -> Double {
    let index = max(step - 1, 0) >> history.shift
    guard history.buckets.indices.contains(index), history.buckets[index].count > 0 else {
      return step == 0 ? 0 : newest
    }
    return Double(history.buckets[index].mean)
  }
}
