import CellGrid
import Events
import Testing

@testable import Dashboard

/// The charts' axis, window and cursor.
@Suite struct ChartViewTests {
  private func charted(_ steps: Int = 1000) -> DashboardState {
    var state = DashboardState.demo(steps: steps)
    state.show(.chart)
    return state
  }

  @Test func theAxisWalksThroughStepsSecondsAndEpisodes() {
    var state = charted()
    #expect(state.shownAxis == 0...1000)
    _ = state.press(.character("x"))
    #expect(state.chart.axis == .seconds)
    #expect(state.shownAxis.upperBound >= state.newestOnAxis)
    #expect(state.screen(120, 40).contains("seconds"))
    _ = state.press(.character("x"))
    let batch = Double(state.runs[0].description.metaBatchSize)
    #expect(state.newestOnAxis == 1000 * batch)
    #expect(state.screen(120, 40).contains("episode"))
  }

  @Test func theTableHoldsEveryStepOfEveryRunAndLosesNoSpike() throws {
    let state = charted(300)
    let rows = state.chartRows
    let header = [
      "method", "run", "step", "seconds", "episodes", "loss_mean", "loss_min", "loss_max",
    ]
    #expect(rows.first == header)
    for run in state.runs {
      let own = rows.filter { $0[0] == run.description.methodID }
      let numbers = try own.map { row in try row.dropFirst(2).map { try #require(Double($0)) } }
      let buckets = run.history.buckets.filter { $0.count > 0 }
      #expect(numbers.count == buckets.count && !numbers.isEmpty)
      let batch = Double(run.description.metaBatchSize)
      for row in numbers {
        #expect(row[2] == row[0] * batch)
        #expect(row[4] <= row[3] && row[3] <= row[5])
      }
      #expect(numbers.map { Float($0[5]) }.max() == buckets.map(\.high).max())
      #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0[0] < $1[0] && $0[1] <= $1[1] })
    }
  }

  @Test func zoomingHalvesTheWindowAtItsNewestEnd() {
    var state = charted()
    _ = state.press(.character("+"))
    #expect(state.shownAxis == 500...1000)
    _ = state.press(.character("+"))
    #expect(state.shownAxis == 750...1000)
    _ = state.press(.character("-"), .character("-"))
    #expect(state.chart.window == .whole)
  }

  @Test func aZoomedWindowFollowsInEighths() {
    var view = ChartView()
    view.zoom(by: 0.5, within: 0...1000, shown: 0...1000)
    #expect(view.range(newest: 1000, end: 1000) == 500...1000)
    #expect(view.range(newest: 1001, end: 2000) == 562.5...1062.5)
    #expect(view.range(newest: 1062, end: 2000) == 562.5...1062.5)
  }

  @Test func overFloatingPointOperationsTheDearerMethodReachesFarther() {
    var state = charted()
    while state.chart.axis != .operations { _ = state.press(.character("x")) }
    // A million operations a step and run: 1, 2 and 3 GFLOP after a thousand steps.
    #expect(state.runs.map { $0.newest(on: .operations) } == [1, 2, 3])
    #expect(
      state.runs.map { $0.samples($0.history, smoothing: 0, on: .operations).last?.x }
        == [1, 2, 3]
    )
    #expect(state.screen(120, 40).contains("GFLOP"))
    _ = state.press(.right)
    #expect(state.screen(120, 40).contains("3.0000 GFLOP"))
  }

  @Test func unitsAreWholeAndApartFromTheNextChartsLabels() {
    var state = charted()
    _ = state.press(.character("v"), .character("d"))
    for unit in ["step", "s", "ep.", "GFLOP"] {
      let lines = state.screen(130, 34).split(separator: "\n")
      let axis = lines.first { $0.split(separator: " ").contains { $0 == unit } } ?? ""
      let words = axis.split { $0 == " " || $0 == "│" }
      #expect(words.count { $0 == unit } == 3, "\(axis)")
      _ = state.press(.character("x"))
    }
  }

  @Test func zoomingAtTheCursorKeepsItsPlace() {
    var state = charted()
    _ = state.press(.character("c"))
    state.chart.cursor = 250
    _ = state.press(.character("+"))
    #expect(state.shownAxis == 125...625)
  }

  @Test func panningHoldsTheWindowAndEndFollowsAgain() {
    var state = charted()
    _ = state.press(.character("+"), .character("<"))
    #expect(state.shownAxis == 375...875)
    #expect(state.screen(120, 40).contains("held"))
    _ = state.press(.home)
    #expect(state.shownAxis == 0...500)
    _ = state.press(.end)
    #expect(state.shownAxis == 500...1000)
    _ = state.press(.character("0"))
    #expect(state.shownAxis == 0...1000)
  }

  @Test func theWindowCannotLeaveTheCurves() {
    var state = charted()
    _ = state.press(.character("+"))
    for _ in 0..<20 { _ = state.press(.character("<")) }
    #expect(state.shownAxis == 0...500)
    for _ in 0..<20 { _ = state.press(.character(">")) }
    #expect(state.shownAxis.lowerBound < 1000)
    for _ in 0..<60 { _ = state.press(.character("+")) }
    #expect(state.shownAxis.upperBound - state.shownAxis.lowerBound >= 4)
  }

  @Test func theCursorReadsEverySeries() {
    var state = charted()
    _ = state.press(.character("z"), .character("z"))
    #expect(state.smoothing == .off)
    _ = state.press(.right)
    #expect(state.chart.cursor == 1000)
    _ = state.press(.pageUp, .left)
    #expect(state.chart.cursor == 890)
    let screen = state.screen(120, 40)
    #expect(screen.contains("step 890"))
    let value = state.runs[1].history.buckets[889].mean
    #expect(
      screen.contains("CML  \(Numbers.measured(value)) ")
        || screen.contains("CML \(Numbers.measured(value)) ")
    )
    _ = state.press(.escape)
    #expect(state.chart.cursor == nil)
  }

  @Test func theNearestSampleIsRead() {
    let samples = [1.0, 2, 5].map { LineChart.Sample(x: $0, low: 0, high: 0, value: Float($0)) }
    #expect(ChartLegend.nearest(samples, to: 2.4)?.x == 2)
    #expect(ChartLegend.nearest(samples, to: 3.6)?.x == 5)
    #expect(ChartLegend.nearest(samples, to: 20) == nil)
    #expect(ChartLegend.nearest([], to: 1) == nil)
  }

  @Test func smallMultiplesShareTheirAxes() {
    var state = charted()
    _ = state.press(.character("v"), .character("d"))
    expectGolden("200x50-multiples", state, 200, 50)
    expectGolden("80x24-multiples", state, 80, 24)
  }

  @Test func differencesFromTheFocusedMethod() {
    var state = charted()
    _ = state.press(.character("v"), .character("d"), .character("d"))
    expectGolden("120x40-difference", state, 120, 40)
    #expect(state.screen(120, 40).contains("minus ● MAML"))
  }

  @Test func oneMethodHasNothingToBeComparedWith() {
    var state = DashboardState.demo(runs: 1, steps: 10)
    _ = state.press(.character("d"))
    #expect(state.message?.text == "there is only one method")
  }

  @Test func valuesZoomAroundTheCurveAndComeBack() throws {
    var state = charted()
    state.resize(to: GridSize(columns: 120, rows: 40))
    #expect(state.press(.character("*")).isEmpty)
    guard case .exact(let range) = state.chart.values(of: .chart, .overlay) else {
      Issue.record("not zoomed")
      return
    }
    let newest = try #require(state.focused?.queryLoss.value(.strong))
    #expect(range.contains(Double(newest)))
    #expect(state.screen(120, 40).contains("zoomed · log"))
    // The arrows are the chart's now, not the hyperparameters'.
    #expect(state.press(.up).isEmpty && state.panel == .chart)
    guard case .exact(let higher) = state.chart.values(of: .chart, .overlay) else { return }
    #expect(higher.lowerBound > range.lowerBound && higher.upperBound > range.upperBound)
    #expect(state.press(.character("0")).isEmpty)
    #expect(state.chart.values(of: .chart, .overlay) == .robust)
    #expect(state.press(.character("_")).isEmpty)
    #expect(state.chart.values(of: .chart, .overlay) == .all)
    #expect(state.press(.escape).isEmpty)
    #expect(state.chart.values(of: .chart, .overlay) == .robust && state.panel == .chart)
    for _ in 0..<80 { _ = state.press(.character("*")) }
    #expect(state.message?.text == "the values cannot be zoomed further")
    #expect(state.render(size: GridSize(columns: 120, rows: 40)).violation == nil)
    for _ in 0..<80 { _ = state.press(.character("_")) }
    #expect(state.chart.values(of: .chart, .overlay) == .all)
    _ = state.press(.character("l"))
    #expect(state.chart.values(of: .chart, .overlay) == .robust)
  }

  @Test func aLogarithmicAxisZoomsAndPansInItsOwnWay() {
    var state = charted(1000)
    _ = state.press(.character("X"))
    #expect(state.leastPlace == 1 && state.shownAxis == 0...1000)
    #expect(state.screen(120, 40).contains("log-log"))
    _ = state.press(.character("+"))
    #expect(abs(state.shownPlaces.lower - 31.62) < 0.1 && state.shownPlaces.upper == 1000)
    _ = state.press(.character("<"), .character("<"))
    #expect(abs(state.shownPlaces.lower - 31.62 / 5.623) < 0.1)
    _ = state.press(.home)
    #expect(abs(state.shownPlaces.lower - 1) < 1e-6)
    _ = state.press(.end)
    #expect(abs(state.shownPlaces.upper - 1000) < 1e-6)
    _ = state.press(.character("-"))
    #expect(state.chart.window == .whole)
    _ = state.press(.right, .pageUp)
    #expect(abs((state.chart.cursor ?? 0) - 501.2) < 0.5)
    for unit in ["s", "ep.", "GFLOP", "step"] {
      _ = state.press(.character("x"))
      #expect(state.leastPlace != nil)
      #expect(state.render(size: GridSize(columns: 120, rows: 40)).violation == nil, "\(unit)")
    }
  }

  /// Before and after adaptation, the gap between them shaded, and its number in words.
  @Test func theGainOfAdaptation() {
    var state = charted(1000)
    _ = state.press(.character("G"))
    #expect(state.panel == .gain)
    expectGolden("120x40-gain", state, 120, 40)
    #expect(state.screen(40, 12).contains("─ gain of adaptation ─"), "no title ends inside a word")
    state.show(.hyperparameters)
    #expect(state.screen(120, 40).contains("gain of adaptation"), "the chart chosen last stays")
    _ = state.press(.character("G"), .character("d"))
    #expect(state.render(size: GridSize(columns: 200, rows: 50)).violation == nil)
    _ = state.press(.character("G"))
    #expect(state.panel == .chart && !state.screen(120, 40).contains("gain of adaptation"))
    _ = state.press(.character("a"))
    #expect(state.message?.text == "regression has no accuracy")
  }

  @Test func whereARunDivergedIsMarked() {
    var state = charted(1000)
    let report = DivergenceReport(
      run: RunID(0),
      step: 600,
      quantity: "meta-gradient",
      since: 580,
      value: .infinity,
      isDivergence: true
    )
    state.apply(.diverging(report))
    _ = state.press(.character("v"))
    #expect(state.screen(200, 50).contains("MAML diverged"))
  }

  @Test func theWheelZoomsAndAClickReads() {
    var state = charted()
    let layout = ScreenLayout(size: GridSize(columns: 120, rows: 40), needs: state.needs)
    let rect = layout.panels[.chart] ?? .zero
    state.resize(to: GridSize(columns: 120, rows: 40))
    state.show(.log)
    let (row, column) = (rect.row + 5, rect.column + rect.columns / 2)
    _ = state.handle(.mouse(.press, row: row, column: column))
    #expect(state.panel == .chart)
    let cursor = state.chart.cursor ?? 0
    #expect((400...600).contains(cursor))
    _ = state.handle(.mouse(.wheelUp, row: row, column: column))
    #expect(state.shownAxis.contains(cursor))
    // Over the labels of its values it zooms these.
    _ = state.handle(.mouse(.wheelUp, row: row, column: rect.column + 3))
    #expect(state.areValuesZoomed)
    _ = state.press(.character("0"), .character("+"))
    #expect(state.shownAxis.upperBound - state.shownAxis.lowerBound == 500)
  }
}

/// The paired difference of two methods.
@Suite struct PairedDifferenceTests {
  @Test func anIntervalOfKnownNumbers() {
    var (first, second) = (SeriesHistory(), SeriesHistory())
    for step in 1...32 {
      // The hardness of the meta-batch cancels; d is 1 and 3 by turns: mean 2, s² = 32/31.
      let hardness = Float(step * 7 % 5)
      first.add(hardness + (step % 2 == 0 ? 3 : 1), step: step)
      second.add(hardness, step: step)
    }
    let samples = PairedDifference.samples(first, second)
    #expect(samples.count == 1)
    #expect(samples[0].x == 16.5 && samples[0].value == 2)
    let half = 2.0395 * (32.0 / 31 / 32).squareRoot()
    #expect(abs(Double(samples[0].high) - 2 - half) < 1e-6)
    #expect(abs(2 - Double(samples[0].low) - half) < 1e-6)
  }

  @Test func historiesOfDifferentStrideArePairedByStep() {
    var (long, short) = (SeriesHistory(capacity: 64), SeriesHistory(capacity: 64))
    for step in 1...256 { long.add(Float(step) + 5, step: step) }
    for step in 1...130 { short.add(Float(step), step: step) }
    #expect(long.shift == 2 && short.shift == 2)
    for sample in PairedDifference.samples(long, short) { #expect(sample.value == 5) }
    #expect(PairedDifference.samples(long, short).count == 1)
  }

  @Test func whatIsNotFiniteOrIncompleteIsNoPair() {
    var (first, second) = (SeriesHistory(), SeriesHistory())
    for step in 1...40 {
      first.add(step == 3 ? .nan : 1, step: step)
      if step != 7 { second.add(0, step: step) }
    }
    #expect(PairedDifference.samples(first, second).count == 38 - 31)
  }
}
