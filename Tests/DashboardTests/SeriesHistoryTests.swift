import CellGrid
import Testing

@testable import Dashboard

@Suite struct SeriesHistoryTests {
  /// Buckets as `low…high×count`, or `-` for empty ones.
  private func picture(_ history: SeriesHistory) -> String {
    history.buckets.map { bucket in
      bucket.count == 0 ? "-" : "\(Int(bucket.low))…\(Int(bucket.high))×\(bucket.count)"
    }
    .joined(separator: " ")
  }

  private func history(_ values: [Float], capacity: Int = 4) -> SeriesHistory {
    var history = SeriesHistory(capacity: capacity)
    for (index, value) in values.enumerated() { history.add(value, step: index + 1) }
    return history
  }

  @Test func pairsMergeWhenItIsFull() {
    #expect(picture(history([1, 2, 3, 4])) == "1…1×1 2…2×1 3…3×1 4…4×1")
    #expect(picture(history([1, 2, 3, 4, 5])) == "1…2×2 3…4×2 5…5×1")
    #expect(picture(history((1...9).map { Float($0) })) == "1…4×4 5…8×4 9…9×1")
    #expect(history((1...9).map { Float($0) }).stride == 4)
  }

  @Test func aMillionStepsStayInBoundsAndKeepTheirSpike() {
    var history = SeriesHistory(capacity: 64)
    for step in 1...1_000_000 { history.add(step == 654_321 ? 99 : 1, step: step) }
    #expect(history.buckets.count <= 64)
    #expect(history.buckets.map(\.high).max() == 99)
    #expect(history.buckets.map(\.low).min() == 1)
    #expect(history.buckets.reduce(0) { $0 + $1.count } == 1_000_000)
  }

  @Test func stepsThatWereDroppedLeaveEmptyBuckets() {
    var history = SeriesHistory(capacity: 8)
    history.add(1, step: 1)
    history.add(5, step: 5)
    #expect(picture(history) == "1…1×1 - - - 5…5×1")
    #expect(history.samples(smoothing: 0).map(\.x) == [1, 5])
  }

  @Test func aResumedRunStartsLate() {
    var history = SeriesHistory(capacity: 4)
    history.add(7, step: 1_000_001)
    #expect(history.buckets.count <= 4)
    #expect(history.samples(smoothing: 0).count == 1)
    history.add(1, step: 0)
    history.add(1, step: -5)
    #expect(history.samples(smoothing: 0).count == 1)
  }

  @Test func valuesThatAreNoNumbersBecomeGaps() {
    let samples = history([1, .nan, 3, .infinity]).samples(smoothing: 0)
    #expect(samples.map(\.value.isNaN) == [false, true, false, true])
    #expect(samples.map(\.low.isNaN) == [false, true, false, true])
  }

  @Test func mergingKeepsBadValuesVisible() {
    let merged = history([1, .nan, 3, 4, 5, 6])
    #expect(merged.buckets.map(\.bad) == [1, 0, 0])
    #expect(merged.samples(smoothing: 0).map(\.value.isNaN) == [true, false, false])
  }

  @Test func smoothingIsDebiased() {
    let constant = history([2, 2, 2, 2]).samples(smoothing: 0.98)
    #expect(constant.allSatisfy { abs($0.value - 2) < 1e-6 })
    let samples = history([1, 3]).samples(smoothing: 0.5)
    // (0.5·0.5·1 + 0.5·3) / (1 − 0.5²)
    #expect(samples.map(\.value) == [1, Float(1.75 / 0.75)])
  }

  @Test func withoutSmoothingTheCurveIsTheMean() {
    #expect(history([1, 2, 3, 4, 5]).samples(smoothing: 0).map(\.value) == [1.5, 3.5, 5])
  }

  @Test func recentValuesSkipEmptyBuckets() {
    var history = SeriesHistory(capacity: 16)
    for step in [1, 5, 9] { history.add(Float(step), step: step) }
    #expect(history.overview(2) == [3, 9])
    #expect(history.overview(9) == [1, 5, 9])
  }
}

@Suite struct SmoothedValueTests {
  @Test func meansOfAConstantAreTheConstant() {
    var value = SmoothedValue()
    #expect(value.value(.strong) == nil)
    for _ in 0..<3 { value.add(5) }
    for smoothing in Smoothing.allCases {
      let shown = value.value(smoothing) ?? .nan
      #expect(abs(shown - 5) < 1e-5)
    }
  }

  @Test func stronglySmoothedMeansMoveLess() throws {
    var value = SmoothedValue()
    for _ in 0..<200 { value.add(1) }
    value.add(2)
    #expect(value.value(.off) == 2)
    #expect(abs(try #require(value.value(.light)) - 1.1) < 1e-4)
    #expect(abs(try #require(value.value(.strong)) - 1.02) < 1e-3)
  }

  @Test func aValueThatIsNoNumberShowsAndDoesNotStay() throws {
    var value = SmoothedValue()
    value.add(1)
    value.add(.nan)
    #expect(value.value(.strong)?.isNaN == true)
    value.add(1)
    #expect(abs(try #require(value.value(.strong)) - 1) < 1e-6)
  }

  @Test func zWalksThroughAllSmoothings() {
    #expect(Smoothing.off.following == .light)
    #expect(Smoothing.light.following == .strong)
    #expect(Smoothing.strong.following == .heavy)
    #expect(Smoothing.heavy.following == .off)
  }
}
