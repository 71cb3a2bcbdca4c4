import CellGrid
import Testing

@Suite struct NumbersTests {
  @Test(arguments: [
    (0, "0"), (999, "999"), (1000, "1,000"), (12_345, "12,345"), (1_234_567, "1,234,567"),
    (-12_345, "−12,345"), (-12, "−12"), (Int.max, "9,223,372,036,854,775,807"),
    (1_000_050, "1,000,050"), (Int.min, "−9,223,372,036,854,775,808"),
  ])
  func grouped(value: Int, expected: String) {
    #expect(Numbers.grouped(value) == expected)
  }

  @Test(arguments: [
    (0.43215, 4, "0.4322"), (0.05, 2, "0.05"), (1.999, 2, "2.00"), (-0.001, 2, "0.00"),
    (-1.5, 1, "−1.5"), (12.5, 0, "13"), (1e20, 2, "1.00e+20"), (.nan, 2, "NaN"),
    (-.infinity, 2, "−inf"),
  ])
  func fixed(value: Double, decimals: Int, expected: String) {
    #expect(Numbers.fixed(value, decimals) == expected)
  }

  @Test(arguments: [
    (0.0, "0.0000"), (0.4321, "0.4321"), (-0.4321, "−0.4321"), (12.3456, "12.346"),
    (123.456, "123.46"), (12_345.6, "12345.6"), (1_234_567, "1.23e+06"), (0.000321, "3.21e-04"),
    (-0.000321, "−3.21e-04"), (.infinity, "inf"), (.nan, "NaN"), (9.99999, "10.0000"),
  ])
  func measured(value: Double, expected: String) {
    #expect(Numbers.measured(value) == expected)
  }

  @Test(arguments: [
    (3.21e-5, "3.21e-05"), (9.999e5, "1.00e+06"), (1, "1.00e+00"), (0, "0.00e+00"),
    (-2.5e-120, "−2.50e-120"), (Double.leastNormalMagnitude, "2.23e-308"),
  ])
  func scientific(value: Double, expected: String) {
    #expect(Numbers.scientific(value) == expected)
  }

  @Test(arguments: [
    (1e20, "1e20"), (2.46e-7, "2.5e-7"), (9.96e9, "1e10"), (1.5e38, "1.5e38"), (-3e9, "−3e9"),
    (0, "0e0"), (.infinity, "inf"), (.nan, "NaN"),
  ])
  func power(value: Double, expected: String) {
    #expect(Numbers.power(value) == expected)
  }

  @Test(arguments: [
    (0.0, "0.0"), (28.84, "28.8"), (512.3, "512"), (9876, "9876"), (12_345, "12.3k"),
    (123_456, "123k"), (4_560_000, "4.6M"), (5e12, "5.00e+12"), (.nan, "NaN"),
  ])
  func compact(value: Double, expected: String) {
    #expect(Numbers.compact(value) == expected)
  }

  @Test(arguments: [
    (0.0, "0:00"), (7.9, "0:07"), (83, "1:23"), (3723, "1:02:03"), (-1, "0:00"),
    (360_000, "100:00:00"), (.infinity, "--:--"), (.nan, "--:--"),
  ])
  func duration(seconds: Double, expected: String) {
    #expect(Numbers.duration(seconds) == expected)
  }

  @Test func decimalLogarithms() {
    for exponent in -300...300 {
      let power = powerOfTen(exponent)
      #expect(abs(decimalLogarithm(power) - Double(exponent)) < 1e-9, "10^\(exponent)")
      #expect(abs(floorLog10(power * 1.5) - Double(exponent)) < 1e-9, "1.5·10^\(exponent)")
    }
    #expect(abs(decimalLogarithm(2) - 0.301_029_995_663_981_2) < 1e-15)
    #expect(abs(decimalLogarithm(7) - 0.845_098_040_014_256_8) < 1e-15)
  }
}
