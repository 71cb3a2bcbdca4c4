/// Ten to an integer power.
package func powerOfTen(_ exponent: Int) -> Double {
  var result = 1.0
  for _ in 0..<exponent.magnitude { result *= 10 }
  return exponent < 0 ? 1 / result : result
}

/// The base-10 logarithm of a positive finite number, to about 15 digits.
///
/// The standard library has none without a C library: the binary exponent is exact, and the
/// significand m in [√½, √2) goes through ln m = 2·artanh((m−1)/(m+1)), whose series is short.
package func decimalLogarithm(_ value: Double) -> Double {
  var exponent = Double(value.exponent)
  var significand = value.significand
  if significand > 1.414_213_562_373_095_1 {
    significand /= 2
    exponent += 1
  }
  let z = (significand - 1) / (significand + 1)
  let square = z * z
  var series = 0.0
  for odd in stride(from: 21.0, through: 1, by: -2) { series = series * square + 1 / odd }
  return exponent * 0.301_029_995_663_981_2 + 2 * z * series * 0.434_294_481_903_251_8
}

/// The largest integer power of ten that is not above a positive finite number.
package func floorLog10(_ value: Double) -> Double {
  let guess = decimalLogarithm(value).rounded(.down)
  return powerOfTen(Int(guess) + 1) <= value ? guess + 1 : guess
}
