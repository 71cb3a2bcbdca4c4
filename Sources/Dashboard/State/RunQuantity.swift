import CellGrid
import Events

/// A number of a run by its key, with how it is shown and how it went.
struct RunQuantity {
  var label: String
  /// The label where there is ASCII only; nil where symbols are replaced one by one.
  var asciiLabel: String?
  var value: Float?
  var history: SeriesHistory?
  var style = ProbeStyle.number
  var unit = ""
  /// Nil where nobody knows what is healthy.
  var healthy: HealthyRange?
  /// Of a family that is one picture: its newest values in order.
  var family: [Float] = []
}

extension RunState {
  /// What a declared panel may name: a probe, a hyperparameter, or a loss that every run has; nil
  /// for what this run has not.
  func quantity(_ key: String) -> RunQuantity? {
    if let probe = probeDescriptor(key) { return quantity(probe) }
    if let first = family(key).first {
      var quantity = quantity(first)
      quantity.family = family(key).map { self.probe($0.key) ?? .nan }
      quantity.value = quantity.family.last
      quantity.history = nil
      return quantity
    }
    switch key {
    case "support_loss":
      let label = isEpisodic ? "support loss" : "training loss"
      return RunQuantity(label: label, value: probes?.supportLosses.first)
    case "query_loss":
      let label = isEpisodic ? "query loss" : "held-out loss"
      return RunQuantity(label: label, value: probes?.queryLosses.last)
    case "validation_loss":
      let label = isEpisodic ? "meta-validation" : "held-out loss"
      return RunQuantity(label: label, value: validation?.loss)
    default:
      guard let own = hyperparameter(key) else { return nil }
      return RunQuantity(label: own.id, value: Float(value(own)))
    }
  }

  private func quantity(_ probe: ProbeDescriptor) -> RunQuantity {
    RunQuantity(
      label: probe.label,
      asciiLabel: probe.asciiLabel,
      // A number that is set, too, is known before it was measured.
      value: self.probe(probe.key) ?? values[probe.key].map { Float($0) },
      history: probeHistory(probe.key),
      style: probe.style,
      unit: probe.unit,
      healthy: probe.healthy
    )
  }

  /// The lines of a declared table: the longest of its columns' families.
  func lines(of table: PanelTable) -> [String] {
    table.columns.map { layers(with: $0.prefix) }.reduce([]) { $0.count < $1.count ? $1 : $0 }
  }
}

extension RunQuantity {
  /// Whether the newest value is outside of what is healthy.
  var isUnhealthy: Bool {
    guard let value, value.isFinite, let healthy else { return false }
    return !healthy.contains(Double(value))
  }

  /// The newest value in a line of its own; decimals beyond what there is room for in a table.
  func text(isShort: Bool = false) -> String {
    guard let value else { return "–" }
    let text: String =
      switch style {
      case .signed, .signedBar: Numbers.signed(value, isShort ? 3 : 4)
      case .percent: Numbers.percent(value * 100)
      case .gauge: Numbers.fixed(Double(value), 3)
      case .lamp(let on, let off, let above): Double(value) > above ? on : off
      case .number, .histogram, .curve:
        isShort ? Numbers.fixed(Double(value), 3) : Numbers.measured(value)
      }
    return unit.isEmpty ? text : "\(text) \(unit)"
  }

  /// The same in less than so many columns, as far as that can be.
  func text(below width: Int) -> String {
    let text = text(isShort: true)
    guard text.columns >= width, let value else { return text }
    let measured = Numbers.measured(value)
    return measured.columns < width ? measured : Numbers.power(Double(value))
  }

  func label(_ glyphs: Glyphs) -> String { glyphs.isUnicode ? label : asciiLabel ?? label }
}

extension Numbers {
  /// `+0.231`, with as many columns for either sign.
  static func signed(_ value: Float, _ decimals: Int = 4) -> String {
    guard value.isFinite else { return measured(value) }
    let text = fixed(Double(value), decimals)
    return text.hasPrefix("−") ? text : "+" + text
  }
}
