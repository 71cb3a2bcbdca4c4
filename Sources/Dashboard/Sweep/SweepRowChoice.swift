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
  /// Words that a row must contain, as in `maml inner-lr=0.5`.
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
    var fields: [ID: [String]] = [:]
    if !words.isEmpty { for row in rows { fields[row.id] = Self.fields(row, axes) } }
    // gamma=0.5 is not gamma=0.55 where there is a 0.5; while one types it finds both.
    let whole = Set(words.filter { word in fields.values.contains { $0.contains(word) } })
    let shown = rows.filter { !hidden.contains($0.id) }
    let top = shown.filter { pinned.contains($0.id) }
    let rest = shown.filter { row in
      !pinned.contains(row.id) && (!isMarkedOnly || marked.contains(row.id))
        && words.allSatisfy { word in
          let own = fields[row.id] ?? []
          return whole.contains(word)
            ? own.contains(word) : own.contains { $0.contains(word) }
        }
    }
    return top + rest
  }

  /// What words are compared with: the method, and each value with its name.
  private static func fields(_ row: SweepSnapshot.Row, _ axes: [String]) -> [String] {
    [row.method.lowercased()] + zip(axes, row.values).map { "\($0)=\($1)".lowercased() }
  }
}

extension SweepSnapshot.Row {
  var id: SweepRowChoice.ID { SweepRowChoice.ID(method: method, values: values) }
}
