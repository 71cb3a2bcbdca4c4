/// What has left its band in a run that goes wrong: the first quantity, and since when.
package struct DivergenceReport: Sendable, Equatable {
  package var run: RunID
  /// The outer step at which it was noticed.
  package var step: Int
  /// In words, with its symbol where it has one: `meta-gradient`, `α‖∇L_S‖ of layer2`.
  package var quantity: String
  /// The outer step at which it left.
  package var since: Int
  /// Its newest value.
  package var value: Float
  /// Its running median before it left; nil where nothing was measured before.
  package var median: Float?
  /// Whether a number is no longer finite, so that the run cannot go on from it.
  package var isDivergence: Bool

  package init(
    run: RunID,
    step: Int,
    quantity: String,
    since: Int,
    value: Float,
    median: Float? = nil,
    isDivergence: Bool
  ) {
    self.run = run
    self.step = step
    self.quantity = quantity
    self.since = since
    self.value = value
    self.median = median
    self.isDivergence = isDivergence
  }

  /// One sentence for a person, without the run's name.
  package var sentence: String {
    let usual = median.map { ", where \(Self.short($0)) was usual" } ?? ""
    let now = value.isFinite ? Self.short(value) : "no finite number"
    let left = "\(quantity) left first, at outer step \(since): \(now)\(usual)"
    return isDivergence ? "diverged; \(left)" : "alarm: \(left)"
  }

  /// Three digits: `1.23e+05`, `0.512`.
  private static func short(_ value: Float) -> String {
    let magnitude = abs(value)
    guard magnitude >= 1e5 || (magnitude < 1e-3 && magnitude > 0) else {
      let scale: Float = magnitude >= 100 ? 1 : magnitude >= 10 ? 10 : magnitude >= 1 ? 100 : 1000
      let rounded = (value * scale).rounded() / scale
      return rounded == rounded.rounded() ? String(Int(rounded)) : String(rounded)
    }
    var (mantissa, exponent) = (Double(value), 0)
    while mantissa.magnitude >= 10 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
    while mantissa.magnitude < 1 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
    return "\((mantissa * 100).rounded() / 100)e\(exponent)"
  }
}
