import CellGrid

/// Which key's hint stands where in the footer: drawn there, and clicked.
struct FooterBar<Screen: KeyedScreen> {
  struct Place {
    var binding: KeyBinding
    var label: String
    var hint: String
    /// From the footer's first column.
    var columns: Range<Int>
    var isDisabled: Bool
  }

  let screen: Screen

  /// As many of the table's hints as fit.
  func places(in columns: Int) -> [Place] {
    var places: [Place] = []
    var used = 1
    for binding in screen.keys.shown(in: screen.contexts) {
      guard binding.isBound, screen.mayEverApply(binding.action),
        let hint = screen.hint(binding)
      else { continue }
      let label = screen.capabilities.isUnicode ? binding.barLabel : binding.asciiLabel
      let width = label.columns + 1 + hint.columns
      guard used + width <= columns - 1 else { break }
      places.append(
        Place(
          binding: binding,
          label: label,
          hint: hint,
          columns: used..<(used + width),
          isDisabled: screen.disabledReason(binding.action) != nil
        )
      )
      used += width + 2
    }
    return places
  }

  /// The key that is clicked on; nothing is while a message stands there.
  func binding(at column: Int, in rect: Rect) -> KeyBinding? {
    guard screen.message == nil, screen.overlay == nil else { return nil }
    return places(in: rect.columns).first { $0.columns.contains(column - rect.column) }?.binding
  }
}

extension KeyBinding {
  var barLabel: String { footerLabel ?? label }

  /// The label where there are no arrows.
  var asciiLabel: String {
    switch barLabel {
    case "↑↓": context == .anywhere ? "j/k" : "up/down"
    case "←→": context == .anywhere ? "-/+" : "left/right"
    case "1…6": "1-6"
    default: barLabel
    }
  }
}
