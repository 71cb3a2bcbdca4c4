import CellGrid

/// A theme on a certain terminal: the styles and glyphs that panels draw with.
///
/// Without colours the roles differ by attributes, so nothing is told by colour alone.
struct Look: Sendable {
  let glyphs: Glyphs
  let text: Style
  let dim: Style
  let border: Style
  let title: Style
  let accent: Style
  let good: Style
  let warning: Style
  let bad: Style
  /// How pictures are drawn: in colour where the terminal has shades enough for them.
  let pictures: Picture.Rendering
  private let theme: Theme
  private let hasColors: Bool

  /// Markers on terminals that have only ASCII, in the order of the series.
  private static let asciiMarkers: [Unicode.Scalar] = ["o", "x", "+", "*", "#", "@", "%", "&"]

  init(theme: Theme, capabilities: TerminalCapabilities) {
    let hasColors = capabilities.colors >= 8
    func style(_ role: Theme.Role, _ plain: Attributes, _ colored: Attributes = []) -> Style {
      hasColors ? Style(theme[role], on: theme[.background], colored) : Style(plain)
    }
    self.theme = theme
    self.hasColors = hasColors
    glyphs = !capabilities.isUnicode ? .ascii : capabilities.hasBraille ? .unicode : .blocks
    pictures = !capabilities.isUnicode ? .ascii : capabilities.colors >= 256 ? .colors : .shades
    text = style(.text, [])
    dim = style(.dim, .dim)
    border = style(.border, .dim)
    title = style(.title, .bold, .bold)
    accent = style(.accent, .bold, .bold)
    good = style(.good, [])
    warning = style(.warning, .bold, .bold)
    bad = style(.bad, [.bold, .underline], .bold)
  }

  func series(_ index: Int) -> Style {
    guard hasColors else { return Style(.bold) }
    return Style(theme.series[index % theme.series.count].color, on: theme[.background])
  }

  /// The same colour, faint: mixed with the background where both are true colours.
  func faintSeries(_ index: Int) -> Style {
    guard hasColors else { return Style(.dim) }
    let color = theme.series[index % theme.series.count].color
    let background = theme[.background]
    guard case .rgb = color.value, case .rgb = background.value else {
      return Style(color, on: background, .dim)
    }
    return Style(color.mixed(with: background, 0.6), on: background)
  }

  /// Between faint and full; its own colour is no judgement.
  func series(_ index: Int, strength: Double) -> Style {
    let color = theme.series[index % theme.series.count].color
    guard hasColors, case .rgb = color.value, case .rgb = theme[.background].value else {
      return strength < 0.5 ? faintSeries(index) : series(index)
    }
    let share = 0.6 * (1 - min(max(strength.isFinite ? strength : 0, 0), 1))
    return Style(color.mixed(with: theme[.background], share), on: theme[.background])
  }

  func marker(_ index: Int) -> Unicode.Scalar {
    glyphs.isUnicode
      ? theme.series[index % theme.series.count].marker
      : Self.asciiMarkers[index % Self.asciiMarkers.count]
  }

  /// The colour at `share` of the way from the gradient's start to its end.
  func gradient(_ share: Double) -> Style {
    guard hasColors else { return Style() }
    let share = share.isFinite ? min(max(share, 0), 1) : 0
    let color =
      share < 0.5
      ? theme.gradient.start.mixed(with: theme.gradient.mid, share * 2)
      : theme.gradient.mid.mixed(with: theme.gradient.end, share * 2 - 1)
    return Style(color, on: theme[.background])
  }
}

extension Style {
  /// The terminal's own colours with attributes.
  init(_ attributes: Attributes) { self.init(.terminal, on: .terminal, attributes) }
}
