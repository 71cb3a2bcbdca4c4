/// How a number that a method measures is shown.
package enum ProbeStyle: Sendable, Equatable, Codable {
  /// About four significant digits.
  case number
  /// A number with its sign.
  case signed
  /// A share, 0…1, in percent.
  case percent
  /// A bar that is full at the upper bound.
  case gauge(ClosedRange<Double>)
  /// A number from −1 to 1 with a bar to either side.
  case signedBar
  /// A word and a lamp, which is lit above a limit.
  case lamp(on: String, off: String, above: Double)
  /// One of a family `key/1`, `key/2`, …: all of them side by side, from zero.
  case histogram
  /// The same as a curve; `axis` says what the family counts, for example `inner step`.
  case curve(axis: String)
}

/// Where a number is as it should be, and what to make of one that is elsewhere.
package struct HealthyRange: Sendable, Equatable, Codable {
  /// Nil where nothing is too low.
  package let low: Double?
  /// Nil where nothing is too high.
  package let high: Double?
  /// In plain words, without the bounds: `beyond it the co-learner leads`.
  package let text: String

  package init(from low: Double? = nil, to high: Double? = nil, _ text: String) {
    (self.low, self.high, self.text) = (low, high, text)
  }

  /// Whether a number lies inside; what is no number does not.
  package func contains(_ value: Double) -> Bool {
    value.isFinite && low.map { value >= $0 } ?? true && high.map { value <= $0 } ?? true
  }
}

/// One quantity that a method measures while it trains, besides the losses all methods have.
///
/// `key` is the name in `metrics.jsonl` (`agreement`, or `agreement/layer1` for one layer). The
/// dashboard finds its values by key, so a new method needs no new event.
package struct ProbeDescriptor: Sendable, Equatable, Codable {
  package let key: String
  /// A short label with the field's symbols, for example `cos(g_m, g_c)`.
  package let label: String
  /// The label where there is ASCII only; nil where replacing the symbols one by one says it.
  package let asciiLabel: String?
  /// One line of plain words: what the number means.
  package let help: String
  /// The layer the value belongs to, or nil for the whole network.
  package let layer: String?
  package let style: ProbeStyle
  /// What the number counts, to stand behind it: `ms`; empty where it is a plain number.
  package let unit: String
  /// Nil where nobody knows what is healthy.
  package let healthy: HealthyRange?

  package init(
    key: String,
    label: String,
    asciiLabel: String? = nil,
    help: String,
    layer: String? = nil,
    style: ProbeStyle = .number,
    unit: String = "",
    healthy: HealthyRange? = nil
  ) {
    self.key = key
    self.label = label
    self.asciiLabel = asciiLabel
    self.help = help
    self.layer = layer
    self.style = style
    self.unit = unit
    self.healthy = healthy
  }
}

extension ProbeDescriptor {
  /// The key up to the first slash: what all members of a family share.
  package var prefix: Substring { key.prefix { $0 != "/" } }

  /// What stands behind the slash, a layer's or a task's name; nil for a quantity of the whole.
  package var member: Substring? {
    key.firstIndex(of: "/").map { key[key.index(after: $0)...] }
  }
}
