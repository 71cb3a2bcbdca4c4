import Events

/// What a run declares of its screen.
extension RunState {
  func panel(_ id: String) -> PanelDescription? { description.panels.first { $0.id == id } }

  /// The rows that a part of a declared panel takes.
  func rows(of part: PanelPart) -> Int {
    switch part {
    case .rows(let keys): return keys.count { quantity($0) != nil }
    case .cells(let keys, let columns):
      let count = members(keys).count
      return (count + max(columns, 1) - 1) / max(columns, 1)
    case .table(let table):
      let lines = lines(of: table).count
      return 1 + (table.total == nil ? 0 : 1) + lines
    case .accuracyByDraws(_, let hasBars):
      return hasBars ? 1 + (validation?.accuracyBySamples.count ?? 0) : 1
    case .plane: return 14
    }
  }

  /// The rows that all of a declared panel takes inside its frame.
  func rows(of panel: PanelDescription) -> Int { panel.parts.reduce(0) { $0 + rows(of: $1) } }
}
