import CellGrid
import Testing

@Suite struct AxisScaleTests {
  private func labels(_ scale: AxisScale) -> String {
    scale.ticks.map(scale.label).joined(separator: " ")
  }

  @Test(arguments: [
    (0.0, 1.0, 5, "0.0 0.2 0.4 0.6 0.8 1.0"),
    (0.35, 4.8, 4, "0 2 4 6"),
    (0.412, 0.433, 4, "0.41 0.42 0.43 0.44"),
    (-3, 3, 3, "−4 −2 0 2 4"),
    (0, 20_000, 4, "0 5,000 10,000 15,000 20,000"),
    (0, 400_000, 4, "0 100k 200k 300k 400k"),
    (0, 2_000_000, 4, "0 0.5M 1.0M 1.5M 2.0M"),
    (1_000_000, 1_040_000, 4, "1.00M 1.01M 1.02M 1.03M 1.04M"),
    (150_000, 150_004, 4, "150,000 150,001 150,002 150,003 150,004"),
    (1.2e12, 1.24e12, 4, "1.20e12 1.21e12 1.22e12 1.23e12 1.24e12"),
    (0.4123, 0.41234, 4, "0.41230 0.41231 0.41232 0.41233 0.41234"),
    (7, 7, 3, "6.0 6.5 7.0 7.5 8.0"),
    (0, 0, 2, "−1 0 1"),
    (1e-7, 3e-7, 2, "1e-7 2e-7 3e-7"),
  ])
  func linearTicksAreRound(low: Double, high: Double, count: Int, expected: String) {
    #expect(labels(.linear(low, high, ticks: count)) == expected)
  }

  @Test(arguments: [
    (0.35, 4.8, 5, "0.2 0.5 1 2 5"),
    (0.35, 4.8, 3, "0.2 1 5"),
    (0.0012, 870, 8, "0.001 0.01 0.1 1 10 100 1,000"),
    (0.0012, 870, 3, "0.001 0.1 10 1,000"),
    (1, 1, 4, "1 2"),
    (2e-9, 3e-9, 4, "2e-9 5e-9"),
    (1, 2e6, 4, "1 100 10k 1M"),
    (0.2, 3e9, 6, "1 100 10k 1M 100M"),
    (0.2, 3e23, 6, "1 1e4 1e8 1e12 1e16 1e20"),
  ])
  func logarithmicTicksAreOneTwoFive(low: Double, high: Double, count: Int, expected: String) {
    #expect(labels(.logarithmic(low, high, ticks: count)) == expected)
  }

  @Test func theDomainContainsItsData() {
    var value = 1e-12
    while value < 1e12 {
      for factor in [1.0, 1.3, 7, 4000] {
        let (low, high) = (value, value * factor)
        for scale in [
          AxisScale.linear(low, high, ticks: 5), .logarithmic(low, high, ticks: 5),
        ] {
          #expect(scale.lower <= low * 1.00001 && scale.upper >= high * 0.99999, "\(low) \(high)")
          #expect(scale.lower < scale.upper)
        }
      }
      value *= 3.7
    }
  }

  @Test func positions() {
    let linear = AxisScale.linear(0, 10, ticks: 5)
    #expect(linear.position(5) == 0.5)
    #expect(linear.position(20) == 2)
    #expect(linear.position(.nan).isNaN)
    #expect(linear.position(.infinity).isNaN)
    let logarithmic = AxisScale.logarithmic(0.01, 100, ticks: 5)
    #expect(abs(logarithmic.position(1) - 0.5) < 1e-12)
    #expect(logarithmic.position(0).isNaN)
    #expect(logarithmic.position(-1).isNaN)
  }

  @Test func dataThatIsNoRangeGetsAnAxisAnyway() {
    #expect(AxisScale.linear(.nan, .nan, ticks: 3).upper == 1)
    #expect(AxisScale.linear(5, 1, ticks: 3).upper == 1)
    #expect(AxisScale.logarithmic(0, 0, ticks: 3).lower > 0)
  }

  @Test func aFixedWindowKeepsItsEnds() {
    let scale = AxisScale.fixed(0, 30_000, ticks: 4)
    #expect(scale.upper == 30_000)
    #expect(labels(scale) == "0 10,000 20,000 30,000")
  }
}
