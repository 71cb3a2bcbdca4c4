import Events

/// What a person did with the rows of the league table: kept on top, marked, hidden, filtered.
struct SweepRowChoice: Equatable, Sendable {
  /// A combination, whatever its runs have come to.
  struct ID: Hashable, Sendable {
    var method: String
    var values: [String]
  }

  private(set) var pinned: Set<ID> = []
  private(set) var marked: Set<ID> = []
  private(set) var hidden: Set<ID> = []
  /// Words that a row must contain, as in `cml gamma=0.5`.
  var filter = ""
  var isMarkedOnly = false

  mutating func togglePin(_ row: SweepSnapshot.Row) { pinned.formSymmetricDifference([row.id]) }

  mutating func toggleMark(_ row: SweepSnapshot.Row) {
    marked.formSymmetricDifference([row.id])
    if marked.isEmpty { isMarkedOnly = false }
  }

  mutating func hide(_ row: SweepSnapshot.Row) { hidden.insert(row.id) }

  mutating func showHidden() { hidden = [] }

  /// The rows that are shown, in their order; pinned ones first, whatever the filter.
  func arranged(_ rows: [SweepSnapshot.Row], axes: [String]) -> [SweepSnapshot.Row] {
    guard self != Self() else { return rows }
    let words = filter.lowercased().split(separator: " ").map(String.init)
    let shown = rows.filter { !hidden.contains($0.id) }
    let top = shown.filter { pinned.contains($0.id) }
    let rest = shown.filter { row in
      !pinned.contains(row.id) && (!isMarkedOnly || marked.contains(row.id))
        && contains(row, words, axes)
    }
    return top + rest
  }

  private func contains(_ row: SweepSnapshot.Row, _ words: [String], _ axes: [String]) -> Bool {
    guard !words.isEmpty else { return true }
    let fields = [row.method] + zip(axes, row.values).map { "\($0)=\($1)" }
    let text = fields.joined(separator: " ").lowercased()
    return words.allSatisfy { text.contains($0) }
  }
}

extension SweepSnapshot.Row {
  var id: SweepRowChoice.ID { SweepRowChoice.ID(method: method, values: values) }
}
