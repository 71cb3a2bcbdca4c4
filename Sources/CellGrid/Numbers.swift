/// Numbers as text without a locale, in widths that do not jump.
///
/// They are for people: what is negative has a minus, not a hyphen (in ASCII it becomes one again); only an
/// exponent has the hyphen that options take. What other programs read is not written here.
package enum Numbers {
  private static let minus = "−"

  /// `12,345`.
  package static func grouped(_ value: Int) -> String {
    value < 0 ? minus + grouped(value.magnitude) : grouped(value.magnitude)
  }

  private static func grouped(_ value: UInt) -> String {
    guard value >= 1000 else { return String(value) }
    let rest = value % 1000
    let comma = rest < 10 ? ",00" : rest < 100 ? ",0" : ","
    return grouped(value / 1000) + comma + String(rest)
  }

  /// `0.4321` for four decimals; large numbers fall back to `4.32e+19`.
  package static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite else { return notFinite(value) }
    let scale = powerOfTen(decimals)
    let scaled = (abs(value) * scale).rounded()
    guard scaled < 1e15 else { return scientific(value) }
    let units = Int(scaled)
    let sign = value < 0 && units > 0 ? minus : ""
    guard decimals > 0 else { return sign + String(units) }
    let fraction = String(units % Int(scale))
    let padding = String(repeating: "0", count: decimals - fraction.count)
    return sign + String(units / Int(scale)) + "." + padding + fraction
  }

  /// About four significant digits in at most eight columns: `0.4321`, `12.35`, `3.21e-05`, `NaN`.
  package static func measured(_ value: Double) -> String {
    let size = abs(value)
    switch size {
    case 0: return "0.0000"
    case ..<0.001: return scientific(value)
    case ..<10: return fixed(value, 4)
    case ..<100: return fixed(value, 3)
    case ..<1000: return fixed(value, 2)
    case ..<100_000: return fixed(value, 1)
    default: return value.isFinite ? scientific(value) : notFinite(value)
    }
  }

  package static func measured(_ value: Float) -> String { measured(Double(value)) }

  /// `3.21e-05`.
  package static func scientific(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return value == 0 ? "0.00e+00" : notFinite(value) }
    var exponent = Int(floorLog10(abs(value)))
    var mantissa = abs(value) / powerOfTen(exponent)
    if (mantissa * 100).rounded() >= 1000 {
      mantissa /= 10
      exponent += 1
    }
    let digits = (exponent.magnitude < 10 ? "0" : "") + String(exponent.magnitude)
    let sign = value < 0 ? minus : ""
    return sign + fixed(mantissa, 2) + "e" + (exponent < 0 ? "-" : "+") + digits
  }

  /// `1e20`, `2.5e-7`: two digits at most, where there is no room for more.
  package static func power(_ value: Double) -> String {
    let text = scientific(value)
    guard let split = text.firstIndex(of: "e"), let exponent = Int(text[split...].dropFirst())
    else { return text }
    let sign = value < 0 ? minus : ""
    let (mantissa, isUp) = rounded(text[..<split].dropFirst(sign.count))
    return sign + mantissa + "e" + String(isUp ? exponent + 1 : exponent)
  }

  /// A mantissa of two decimals with one or none, and whether it became the next power.
  private static func rounded(_ mantissa: Substring) -> (String, isUp: Bool) {
    let text = fixed(Double(mantissa) ?? 0, 1)
    if text.hasPrefix("10") { return ("1", true) }
    return (text.hasSuffix(".0") ? String(text.dropLast(2)) : text, false)
  }

  /// `950`, `12.3k`, `4.56M`: a rate or a count where only its size matters.
  package static func compact(_ value: Double) -> String {
    guard value.isFinite else { return notFinite(value) }
    for (limit, divisor, unit) in [(1e4, 1.0, ""), (1e6, 1e3, "k"), (1e9, 1e6, "M")]
    where abs(value) < limit {
      let scaled = value / divisor
      let isShort = unit.isEmpty || abs(scaled) >= 100
      return fixed(scaled, unit.isEmpty && abs(scaled) < 100 ? 1 : isShort ? 0 : 1) + unit
    }
    return scientific(value)
  }

  /// `0:07`, `12:34`, `1:02:03`: whole seconds.
  package static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 3.6e9 else { return "--:--" }
    let total = Int(max(0, seconds))
    let (hours, minutes, rest) = (total / 3600, total / 60 % 60, total % 60)
    return hours > 0 ? "\(hours):\(padded(minutes)):\(padded(rest))" : "\(minutes):\(padded(rest))"
  }

  private static func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }

  private static func notFinite(_ value: Double) -> String {
    value.isNaN ? "NaN" : value < 0 ? minus + "inf" : "inf"
  }
}

extension String {
  /// The text with blanks before it to fill `width` columns.
  package func right(_ width: Int) -> String {
    String(repeating: " ", count: max(0, width - columns)) + self
  }

  /// The text with blanks after it to fill `width` columns.
  package func left(_ width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - columns))
  }
}
