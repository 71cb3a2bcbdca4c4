extension HyperparameterDescriptor {
  /// Returns `value` when the descriptor allows it, else throws the sentence that says what would.
  package func validated(_ value: Double) throws(HyperparameterError) -> Double {
    let isAllowed: Bool =
      switch kind {
      case .logarithmic(let range), .linear(let range, _): range.contains(value)
      case .integer(let range):
        value == value.rounded() && value >= Double(range.lowerBound)
          && value <= Double(range.upperBound)
      case .flag: value == 0 || value == 1
      case .choice(let names): value == value.rounded() && value >= 0 && value < Double(names.count)
      }
    guard isAllowed else {
      throw HyperparameterError("\(id): \(plain(value)) is not allowed; use \(allowed)")
    }
    return value
  }

  /// Parses what a person wrote: `0.01`, `5`, `true`, or the name of a choice; `off` where a value
  /// switches a part of the method off.
  package func parse(_ text: String) throws(HyperparameterError) -> Double {
    if text == "off", let offValue { return offValue }
    switch kind {
    case .logarithmic, .linear, .integer:
      guard let value = Double(text), value.isFinite else { throw notAllowed(text) }
      return try validated(value)
    case .flag:
      if ["true", "yes", "on", "1"].contains(text) { return 1 }
      if ["false", "no", "off", "0"].contains(text) { return 0 }
      throw notAllowed(text)
    case .choice(let names):
      guard let index = names.firstIndex(of: text) else { throw notAllowed(text) }
      return Double(index)
    }
  }

  /// The value as a person writes it; `parse(format(v)) == v`.
  package func format(_ value: Double) -> String {
    switch kind {
    case .logarithmic, .linear: return plain(value)
    case .integer: return Int(exactly: value.rounded()).map(String.init) ?? plain(value)
    case .flag: return value == 0 ? "off" : "on"
    case .choice(let names):
      guard let index = Int(exactly: value.rounded(.towardZero)) else { return plain(value) }
      return names.indices.contains(index) ? names[index] : plain(value)
    }
  }

  /// What is allowed, as the end of a sentence: `a number from 1e-05 to 10`.
  package var allowed: String {
    switch kind {
    case .logarithmic(let range), .linear(let range, _):
      "a number from \(plain(range.lowerBound)) to \(plain(range.upperBound))"
    case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .flag: "on or off"
    case .choice(let names): "one of " + names.joined(separator: ", ")
    }
  }

  /// The next value on the hyperparameter's own scale, or nil at its end.
  ///
  /// Logarithmic values walk 1, 2, 5, 10, 20, …; `fine` walks steps of about a tenth of that.
  package func stepped(from value: Double, up: Bool, fine: Bool = false) -> Double? {
    switch kind {
    case .logarithmic(let range):
      let next = fine ? value * (up ? 1.1 : 1 / 1.1) : Self.nextInSeries(value, up: up)
      return Self.limited(Self.rounded(next), value, range, up)
    case .linear(let range, let step):
      let increment = (fine ? step / 10 : step) * (up ? 1 : -1)
      return Self.limited(Self.rounded(value + increment), value, range, up)
    case .integer(let range):
      guard let whole = Int(exactly: value.rounded(.towardZero)), abs(whole) < 1 << 60 else {
        return nil
      }
      let next = whole + (up ? 1 : -1)
      return range.contains(next) ? Double(next) : nil
    case .flag: return value == 0 ? 1 : 0
    case .choice(let names):
      let place = Int(exactly: value.rounded(.towardZero)).map { min(max($0, 0), names.count) } ?? 0
      let next = (place + (up ? 1 : names.count - 1)) % max(names.count, 1)
      return Double(next)
    }
  }

  private static func limited(
    _ next: Double,
    _ value: Double,
    _ range: ClosedRange<Double>,
    _ up: Bool
  ) -> Double? {
    let bounded = min(max(next, range.lowerBound), range.upperBound)
    return up ? (bounded > value ? bounded : nil) : (bounded < value ? bounded : nil)
  }

  /// The neighbour of `value` in the series 0.1, 0.2, 0.5, 1, 2, 5, 10.
  private static func nextInSeries(_ value: Double, up: Bool) -> Double {
    guard value > 0 else { return up ? 1e-6 : 0 }
    var decade = 1.0
    while decade * 10 <= value * 1.000001 { decade *= 10 }
    while decade > value * 1.000001 { decade /= 10 }
    let ladder = [0.5, 1, 2, 5, 10].map { $0 * decade }
    let next = up ? ladder.first { $0 > value * 1.000001 } : ladder.last { $0 < value * 0.999999 }
    return next ?? value
  }

  /// Rounds to six significant digits, so that a hundred steps up and down end where they began.
  private static func rounded(_ value: Double) -> Double {
    guard value != 0, value.isFinite else { return value }
    var scale = 1.0
    while abs(value) * scale < 100_000 { scale *= 10 }
    while abs(value) * scale >= 1_000_000 { scale /= 10 }
    return (value * scale).rounded() / scale
  }

  private func notAllowed(_ text: String) -> HyperparameterError {
    HyperparameterError("\(id): \"\(text)\" is not allowed; use \(allowed)")
  }

  private func plain(_ value: Double) -> String { Self.plain(value) }

  /// A number as a person writes it.
  package static func plain(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
  }
}
