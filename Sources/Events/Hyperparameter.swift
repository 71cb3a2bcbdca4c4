/// What a hyperparameter is called, may be, and how a person steps through its values.
///
/// One table feeds `--set`, the YAML reader, the dashboard's panel, validation and the run log.
/// Every value is a `Double`: a flag is 0 or 1, a choice is the index into its names.
package struct HyperparameterDescriptor: Sendable, Equatable, Codable {
  package enum Kind: Sendable, Equatable, Codable {
    /// A real number stepped by a factor (learning rates) between the bounds, inclusive.
    case logarithmic(ClosedRange<Double>)
    /// A real number stepped by `step` between the bounds, inclusive.
    case linear(ClosedRange<Double>, step: Double)
    case integer(ClosedRange<Int>)
    case flag
    case choice([String])
  }

  /// What the screen may do with it, besides changing its value.
  package enum Role: Sendable, Equatable, Codable {
    /// α.
    case innerRate
    /// M.
    case innerSteps
    /// β.
    case outerRate
    /// On, the inner gradients count as constants.
    case firstOrder
    /// A part of the method that this value switches off.
    case `switch`(off: Double)
  }

  /// The name on the command line and in files, for example `inner-lr`.
  package let id: String
  /// The field's symbol, for example `α`.
  package let symbol: String
  package let kind: Kind
  package let defaultValue: Double
  /// One line: what it does, with its paper's value where there is one.
  package let help: String
  /// A change retraces the graph (milliseconds) instead of setting an input (nothing).
  package let isStructural: Bool
  /// Decided before a run starts: what it trains on depends on it.
  package let isFixed: Bool
  package let role: Role?

  package init(
    id: String,
    symbol: String,
    kind: Kind,
    defaultValue: Double,
    help: String,
    isStructural: Bool = false,
    isFixed: Bool = false,
    role: Role? = nil
  ) {
    self.id = id
    self.symbol = symbol
    self.kind = kind
    self.defaultValue = defaultValue
    self.help = help
    self.isStructural = isStructural
    self.isFixed = isFixed
    self.role = role
  }

  /// The same with another default.
  package func with(defaultValue: Double) -> Self { with(defaultValue: defaultValue, role: role) }

  /// The same, decided before a run starts.
  package var fixed: Self { with(defaultValue: defaultValue, role: role, isFixed: true) }

  /// The same in a role.
  package func with(role: Role?) -> Self { with(defaultValue: defaultValue, role: role) }

  private func with(defaultValue: Double, role: Role?, isFixed: Bool? = nil) -> Self {
    Self(
      id: id,
      symbol: symbol,
      kind: kind,
      defaultValue: defaultValue,
      help: help,
      isStructural: isStructural,
      isFixed: isFixed ?? self.isFixed,
      role: role
    )
  }
}

extension HyperparameterDescriptor {
  /// The value at which a part of the method is switched off; nil where this is no switch.
  package var offValue: Double? {
    if case .switch(let off) = role { off } else { nil }
  }
}

/// A value that its descriptor does not allow; the sentence says what would be right.
package struct HyperparameterError: Error, Equatable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
