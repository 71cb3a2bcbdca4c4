import CellGrid

/// Which rectangle each part of the screen gets; empty ones are not drawn.
struct ScreenLayout: Equatable, Sendable {
  /// Inner columns of a card from which two numbers share a line.
  static let wideCardColumns = 56
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
  /// A line that stays while something is wrong; empty else.
  var alert = Rect.zero
  var footer = Rect.zero
  /// Who is ahead, and at the end what one may do next.
  var verdict = Rect.zero
  var cards: [Rect] = []
  var cardStyle = CardStyle.line
  var panels: [PanelKind: Rect] = [:]
  /// Where the right side begins, if there are two.
  private var side: Int?

  /// What the layout needs to know about the state.
  struct Needs: Equatable, Sendable {
    var runs: Int
    /// Lines of the verdict.
    var verdictRows = 0
    /// Classes: a chart of the accuracy.
    var hasAccuracy: Bool
    /// An episode can be shown.
    var hasPictures = false
    var hyperparameters: Int
    /// The methods' own panels, in the order of the runs.
    var declared: [Declared] = []
    /// The one that the preset is about.
    var presetPanel: String?
    var panel: PanelKind
    /// What a screen with room for one panel shows; nil for the one with the focus.
    var first: PanelKind?
    /// The chart that is drawn where there is room for one.
    var mainChart = PanelKind.chart
    var isZoomed: Bool
    var preset = Preset.overview
    var hidden: Set<PanelKind> = []
    /// Columns of a hundred that the left side gets.
    var leftShare = 57
    /// Something is wrong that must stay on the screen.
    var hasAlert = false
    /// Rows of the heatmaps' panel, frame included.
    var heatmapRows: Int?

    /// A panel that a method declares.
    struct Declared: Equatable, Sendable {
      var id: String
      /// Inside of its frame.
      var rows: Int
      /// The focused method's: it stays longer where there is no room for all.
      var isFocused = false
    }
  }

  init(size: GridSize, needs: Needs) {
    let (style, height) = Self.cards(size, needs)
    let verdictRows = size.rows >= 16 ? needs.verdictRows : 0
    let parts = Rect(size).splitRows(
      .fixed(1),
      .fixed(needs.hasAlert ? 1 : 0),
      .fixed(height),
      .fixed(verdictRows),
      .flexible(),
      .fixed(1)
    )
    (header, alert, verdict, footer) = (parts[0], parts[1], parts[3], parts[5])
    cardStyle = style
    cards = Self.split(parts[2], style, needs.runs)
    place(needs, in: parts[4])
  }

  private static func cards(_ size: GridSize, _ needs: Needs) -> (CardStyle, Int) {
    let each = size.columns / max(needs.runs, 1)
    if size.rows >= 30, each >= 38 {
      let isWide = each >= wideCardColumns + 4
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
    if needs.isZoomed {
      panels[needs.panel] = body
    } else if body.columns < 70 || body.rows < 8 {
      panels[needs.first ?? needs.panel] = body
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
    var tree = PanelTree.arrangement(needs, in: body)
    if let rest = tree.without(needs.hidden.subtracting([needs.panel])) { tree = rest }
    // The chart that was chosen last stays when something else has the focus.
    if needs.mainChart == .gain, !tree.kinds(in: body).contains(.gain) {
      tree = tree.showing(.gain, for: [.chart])
    }
    // What was chosen and has no place gets the charts'.
    if !tree.kinds(in: body).contains(needs.panel) {
      tree = tree.showing(needs.panel, for: PanelKind.builtIn.filter(\.isChart))
    }
    panels = tree.places(in: body)
    let middle = body.columns * needs.leftShare / 100
    side = Set(panels.values.map(\.column)).filter { $0 > 0 }
      .min { abs($0 - middle) < abs($1 - middle) }
    // A window that is too low for it: the chosen panel alone.
    if panels[needs.panel] == nil { panels = [needs.panel: body] }
  }

  /// The panels in reading order: down the left side, then down the right.
  var order: [PanelKind] {
    panels.sorted { ($0.value.column, $0.value.row) < ($1.value.column, $1.value.row) }.map(\.key)
  }

  func card(atRow row: Int, column: Int) -> Int? {
    cards.firstIndex { $0.rowRange.contains(row) && $0.columnRange.contains(column) }
  }

  /// Whether the border between the left and the right side is there, where there are two.
  func isSideBorder(atRow row: Int, column: Int) -> Bool {
    guard let side, let top = panels.values.map(\.row).min() else { return false }
    return row >= top && row < footer.row && (side - 1...side).contains(column)
  }

  func panel(atRow row: Int, column: Int) -> PanelKind? {
    panels.first { $0.value.rowRange.contains(row) && $0.value.columnRange.contains(column) }?.key
  }
}

extension ScreenLayout {
  /// The chart's rectangle, axes included, inside of the panel's frame.
  static func plotArea(_ inner: Rect) -> Rect {
    Rect(
      row: inner.row + 1,
      column: inner.column - 1,
      rows: inner.rows - 1,
      columns: inner.columns + 2
    )
  }
}
