extension Color {
  /// The colour `share` of the way from this one to `other`.
  ///
  /// Only true colours can be mixed; of palette colours the nearer one is taken.
  package func mixed(with other: Self, _ share: Double) -> Self {
    let share = min(max(share, 0), 1)
    guard case .rgb(let red, let green, let blue) = value,
      case .rgb(let otherRed, let otherGreen, let otherBlue) = other.value
    else { return share < 0.5 ? self : other }
    func mix(_ a: UInt8, _ b: UInt8) -> UInt8 {
      UInt8((Double(a) + (Double(b) - Double(a)) * share).rounded())
    }
    return .rgb(mix(red, otherRed), mix(green, otherGreen), mix(blue, otherBlue))
  }

  /// Relative luminance by WCAG 2, or nil for a colour whose value the terminal decides.
  package var luminance: Double? {
    guard case .rgb(let red, let green, let blue) = value else { return nil }
    func linear(_ channel: UInt8) -> Double {
      let share = Double(channel) / 255
      // x^2.4 by x²·x^0.4 needs no C library: x^0.4 = (x²)^(1/5), by Newton's iteration.
      return share <= 0.04045 ? share / 12.92 : power12fifths((share + 0.055) / 1.055)
    }
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
  }

  /// Contrast ratio by WCAG 2, from 1 to 21, or nil when a colour is the terminal's own.
  package func contrast(with other: Self) -> Double? {
    guard let first = luminance, let second = other.luminance else { return nil }
    return (max(first, second) + 0.05) / (min(first, second) + 0.05)
  }
}

/// x to the power 12/5 for x in 0…1.
private func power12fifths(_ x: Double) -> Double {
  let square = x * x
  var root = 1.0
  for _ in 0..<20 {
    root -= (root * root * root * root * root - square) / (5 * root * root * root * root)
  }
  return square * root
}
