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
    /// Classes: a chart of the accuracy, and an episode's pictures.
    var hasAccuracy: Bool
    var hyperparameters: Int
    var coLearnerLayers: Int?
    var perturbationLayers: Int?
    var panel: PanelKind
    /// The chart that is drawn where there is room for one.
    var mainChart = PanelKind.chart
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
    } else if needs.panel.isChart || needs.panel == .episode {
      panels[needs.panel] = body
    } else {
      let side = Extent.flexible(atLeast: 36, atMost: 60, weight: 9)
      let parts = body.splitColumns(.flexible(atLeast: 34, weight: 11), side)
      panels[needs.mainChart] = parts[0]
      panels[needs.panel] = parts[1]
    }
  }

  private mutating func placeAll(_ needs: Needs, in body: Rect) {
    let sides = body.splitColumns(.flexible(weight: 57), .flexible(weight: 43))
    let hasEpisode = needs.hasAccuracy && body.columns >= 170 && body.rows >= 36
    let bottom = hasEpisode ? body.rows / 2 + 1 : min(14, max(8, body.rows / 3))
    let left = sides[0].splitRows(.flexible(atLeast: 14), .fixed(bottom))
    placeCharts(needs, in: left[0])
    placeLower(hasEpisode, in: left[1])
    placeRight(needs, in: sides[1])
    panels = panels.filter { !$0.value.isEmpty }
    // What was chosen and has no place gets the charts'.
    guard panels[needs.panel] == nil else { return }
    for kind in PanelKind.allCases where kind.isChart { panels[kind] = nil }
    panels[needs.panel] = left[0]
  }

  /// Both charts side by side where each is as wide as it is readable, else the main one.
  private mutating func placeCharts(_ needs: Needs, in rect: Rect) {
    guard needs.hasAccuracy, rect.columns >= 90 else {
      panels[needs.mainChart] = rect
      return
    }
    let parts = rect.splitColumns(.flexible(), .flexible())
    panels[.accuracy] = parts[0]
    panels[.chart] = parts[1]
  }

  /// Adaptation and validation side by side, or one above the other beside the episode.
  private mutating func placeLower(_ hasEpisode: Bool, in rect: Rect) {
    guard hasEpisode else {
      let parts = rect.splitColumns(
        .flexible(atLeast: 32, weight: 1),
        .flexible(atLeast: 36, weight: 1)
      )
      panels[.adaptation] = parts[0]
      panels[.validation] = parts[1]
      return
    }
    let parts = rect.splitColumns(.flexible(atLeast: 40, atMost: 46), .flexible(atLeast: 44))
    let stack = parts[0].splitRows(.flexible(atLeast: 4), .flexible(atLeast: 4))
    panels[.adaptation] = stack[0]
    panels[.validation] = stack[1]
    panels[.episode] = parts[1]
  }

  private mutating func placeRight(_ needs: Needs, in rect: Rect) {
    var right: [(PanelKind, Extent)] = [
      (.hyperparameters, .flexible(atLeast: 7, atMost: needs.hyperparameters + 4))
    ]
    if let layers = needs.coLearnerLayers { right.append((.coLearner, .fixed(layers + 6))) }
    if let layers = needs.perturbationLayers { right.append((.perturbation, .fixed(layers + 5))) }
    right.append((.log, .flexible(atLeast: 4)))
    for (part, rect) in zip(right, rect.splitRows(right.map(\.1))) { panels[part.0] = rect }
  }
}
