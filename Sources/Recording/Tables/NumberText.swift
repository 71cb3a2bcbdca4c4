import Glibc

/// A number with so many digits after the point, as people read tables.
package func fixed(_ value: Double, _ digits: Int) -> String {
  // The sign of what is no number means nothing.
  if value.isNaN { return "nan" }
  guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
  let scale = pow(10, Double(digits))
  let scaled = Int((abs(value) * scale).rounded())
  let sign = value < 0 && scaled > 0 ? "-" : ""
  guard digits > 0 else { return sign + String(scaled) }
  let fraction = String(scaled % Int(scale))
  let zeros = String(repeating: "0", count: digits - fraction.count)
  return "\(sign)\(scaled / Int(scale)).\(zeros)\(fraction)"
}

/// The same with a sign, which is a minus and no hyphen: for people.
package func signed(_ value: Double, _ digits: Int) -> String {
  let text = fixed(value, digits)
  return text.hasPrefix("-") ? "−" + text.dropFirst() : "+" + text
}

/// Seconds as a person says them.
package func durationText(_ seconds: Double) -> String {
  seconds < 90 ? "\(Int(seconds.rounded(.up))) s" : "\(Int((seconds / 60).rounded())) min"
}
