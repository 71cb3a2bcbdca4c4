import CellGrid

/// Which rectangle each part of the screen gets; empty ones are not drawn.
struct ScreenLayout: Equatable, Sendable {
  static let minimum = GridSize(columns: 40, rows: 12)

  enum CardStyle: Equatable, Sendable {
    /// All numbers in a frame.
    case full
    /// The most important four lines in a frame.
    case compact
    /// One line a method, no frame.
    case line
  }

  var header = Rect.zero
  var footer = Rect.zero
  var cards: [Rect] = []
  var cardStyle = CardStyle.line
  var panels: [PanelKind: Rect] = [:]

  /// What the layout needs to know about the state.
  struct Needs: Equatable, Sendable {
    var runs: Int
    var hasAccuracy: Bool
    var hyperparameters: Int
    var coLearnerLayers: Int?
    var perturbationLayers: Int?
    var panel: PanelKind
    var isZoomed: Bool
  }

  init(size: GridSize, needs: Needs) {
    let (style, height) = Self.cards(size, needs)
    let parts = Rect(size).splitRows(.fixed(1), .fixed(height), .flexible(), .fixed(1))
    header = parts[0]
    footer = parts[3]
    cardStyle = style
    cards = Self.split(parts[1], style, needs.runs)
    place(needs, in: parts[2])
  }

  private static func cards(_ size: GridSize, _ needs: Needs) -> (CardStyle, Int) {
    let each = size.columns / max(needs.runs, 1)
    if size.rows >= 30, each >= 38 {
      let isWide = each >= CardPanel.wideColumns + 4
      return (.full, (isWide ? 7 : 8) + (needs.hasAccuracy ? 1 : 0))
    }
    if size.rows >= 20, each >= 26 { return (.compact, 6) }
    return (.line, min(needs.runs, max(1, size.rows / 4)))
  }

  private static func split(_ rect: Rect, _ style: CardStyle, _ runs: Int) -> [Rect] {
    guard runs > 0 else { return [] }
    guard style == .line else {
      return rect.splitColumns(Array(repeating: .flexible(), count: runs))
    }
    return rect.splitRows(Array(repeating: .fixed(1), count: runs))
  }

  private mutating func place(_ needs: Needs, in body: Rect) {
    if needs.isZoomed || body.columns < 70 || body.rows < 8 {
      panels[needs.panel] = body
    } else if body.columns >= 110, body.rows >= 24 {
      placeAll(needs, in: body)
    } else if needs.panel == .chart {
      panels[.chart] = body
    } else {
      let side = Extent.flexible(atLeast: 36, atMost: 60, weight: 9)
      let parts = body.splitColumns(.flexible(atLeast: 34, weight: 11), side)
      panels[.chart] = parts[0]
      panels[needs.panel] = parts[1]
    }
  }

  private mutating func placeAll(_ needs: Needs, in body: Rect) {
    let sides = body.splitColumns(.flexible(weight: 57), .flexible(weight: 43))
    let bottom = min(14, max(8, body.rows / 3))
    let left = sides[0].splitRows(.flexible(atLeast: 14), .fixed(bottom))
    let lower = left[1].splitColumns(
      .flexible(atLeast: 32, weight: 1),
      .flexible(atLeast: 36, weight: 1)
    )
    panels[.chart] = left[0]
    panels[.adaptation] = lower[0]
    panels[.validation] = lower[1]
    var right: [(PanelKind, Extent)] = [
      (.hyperparameters, .flexible(atLeast: 7, atMost: needs.hyperparameters + 4))
    ]
    if let layers = needs.coLearnerLayers { right.append((.coLearner, .fixed(layers + 6))) }
    if let layers = needs.perturbationLayers { right.append((.perturbation, .fixed(layers + 5))) }
    right.append((.log, .flexible(atLeast: 4)))
    for (part, rect) in zip(right, sides[1].splitRows(right.map(\.1))) { panels[part.0] = rect }
    panels = panels.filter { !$0.value.isEmpty }
  }
}
