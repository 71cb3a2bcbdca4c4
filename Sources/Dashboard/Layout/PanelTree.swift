import CellGrid

/// How a large screen is divided: panels, and rows or columns of smaller divisions.
indirect enum PanelTree {
  case panel(PanelKind)
  case row([(PanelTree, Extent)])
  case column([(PanelTree, Extent)])

  /// The rectangle of every panel that finds room.
  func places(in rect: Rect) -> [PanelKind: Rect] {
    switch self {
    case .panel(let kind): return rect.isEmpty ? [:] : [kind: rect]
    case .row(let parts): return Self.merge(parts, rect.splitColumns(parts.map(\.1)))
    case .column(let parts): return Self.merge(parts, rect.splitRows(parts.map(\.1)))
    }
  }

  func kinds(in rect: Rect) -> Set<PanelKind> { Set(places(in: rect).keys) }

  /// The division without some panels; nil when nothing is left.
  func without(_ hidden: Set<PanelKind>) -> Self? {
    switch self {
    case .panel(let kind): hidden.contains(kind) ? nil : self
    case .row(let parts): Self.rest(parts, hidden).map(Self.row)
    case .column(let parts): Self.rest(parts, hidden).map(Self.column)
    }
  }

  /// One panel in the place of others: in that of the first that there is, else at the first place.
  func showing(_ kind: PanelKind, for others: [PanelKind]) -> Self {
    let found = leaves.filter(others.contains)
    let target = found.first ?? leaves.first
    let gone = Set(found.dropFirst())
    return (without(gone) ?? self).replacing(target, by: kind)
  }

  private var leaves: [PanelKind] {
    switch self {
    case .panel(let kind): [kind]
    case .row(let parts), .column(let parts): parts.flatMap(\.0.leaves)
    }
  }

  private func replacing(_ target: PanelKind?, by kind: PanelKind) -> Self {
    switch self {
    case .panel(let present): present == target ? .panel(kind) : self
    case .row(let parts): .row(parts.map { ($0.0.replacing(target, by: kind), $0.1) })
    case .column(let parts): .column(parts.map { ($0.0.replacing(target, by: kind), $0.1) })
    }
  }

  private static func rest(
    _ parts: [(PanelTree, Extent)],
    _ hidden: Set<PanelKind>
  )
    -> [(PanelTree, Extent)]?
  {
    let kept = parts.compactMap { part in part.0.without(hidden).map { ($0, part.1) } }
    return kept.isEmpty ? nil : kept.count == parts.count ? kept : filled(kept)
  }

  /// Where something was taken away the last of the others takes its room.
  private static func filled(_ parts: [(PanelTree, Extent)]) -> [(PanelTree, Extent)] {
    guard !parts.contains(where: { $0.1.maximum == .max }) else { return parts }
    var parts = parts
    parts[parts.count - 1].1 = .flexible(atLeast: parts[parts.count - 1].1.minimum)
    return parts
  }

  private static func merge(_ parts: [(PanelTree, Extent)], _ rects: [Rect]) -> [PanelKind: Rect] {
    zip(parts, rects).reduce(into: [:]) { places, part in
      places.merge(part.0.0.places(in: part.1)) { first, _ in first }
    }
  }
}
