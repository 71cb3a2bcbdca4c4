/// Ten to an integer power.
package func powerOfTen(_ exponent: Int) -> Double {
  var result = 1.0
  for _ in 0..<exponent.magnitude { result *= 10 }
  return exponent < 0 ? 1 / result : result
}

/// The base-10 logarithm of a positive finite number, to about 15 digits.
///
/// The standard library has none without a C library: the binary exponent is exact, and the
/// significand m in [√½, √2) goes through ln m = 2·artanh((m−1)/(m+1)), whose series is short. It
/// is written out, because a chart takes it of every column: in a loop the divisions cost 30 ns.
package func decimalLogarithm(_ value: Double) -> Double {
  var (exponent, significand) = parts(of: value)
  if significand > 1.414_213_562_373_095_1 {
    significand /= 2
    exponent += 1
  }
  let z = (significand - 1) / (significand + 1)
  let square = z * z
  var series = 1.0 / 21
  series = series * square + 1.0 / 19
  series = series * square + 1.0 / 17
  series = series * square + 1.0 / 15
  series = series * square + 1.0 / 13
  series = series * square + 1.0 / 11
  series = series * square + 1.0 / 9
  series = series * square + 1.0 / 7
  series = series * square + 1.0 / 5
  series = series * square + 1.0 / 3
  series = series * square + 1
  return exponent * 0.301_029_995_663_981_2 + 2 * z * series * 0.434_294_481_903_251_8
}

/// Ten to any power, to about 14 digits: by halves of the fraction, without a C library.
package func exponential10(_ exponent: Double) -> Double {
  guard exponent.isFinite, abs(exponent) < 308 else { return exponent < 0 ? 0 : .infinity }
  let whole = exponent.rounded()
  // e^y with |y| ≤ ln 10 / 2, whose series is short after two halvings.
  let y = (exponent - whole) * 2.302_585_092_994_046 / 4
  var term = 1.0
  var sum = 1.0
  for n in 1...14 {
    term *= y / Double(n)
    sum += term
  }
  let square = sum * sum
  return square * square * powerOfTen(Int(whole))
}

/// A positive number's binary exponent and its significand in 1..<2.
///
/// The standard library's properties are calls, and only subnormal numbers need them.
private func parts(of value: Double) -> (exponent: Double, significand: Double) {
  guard value.exponentBitPattern > 0 else { return (Double(value.exponent), value.significand) }
  let mantissa = value.significandBitPattern | 0x3ff0_0000_0000_0000
  return (Double(Int(value.exponentBitPattern) - 1023), Double(bitPattern: mantissa))
}

/// The largest integer power of ten that is not above a positive finite number.
package func floorLog10(_ value: Double) -> Double {
  let guess = decimalLogarithm(value).rounded(.down)
  return powerOfTen(Int(guess) + 1) <= value ? guess + 1 : guess
}
