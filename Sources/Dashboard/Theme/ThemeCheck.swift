import CellGrid

/// Whether a look can be read: contrasts with its background, and how far its curves are apart for
/// eyes that lack one kind of cone.
package struct ThemeCheck {
  package struct Measure {
    package let name: String
    /// Nil when only the terminal knows the colours.
    package let value: Double?
    package let least: Double

    package var isEnough: Bool { value.map { $0 >= least } ?? true }
  }

  /// WCAG's limits: 4.5 for text, 3 for graphics.
  package let contrasts: [Measure]
  /// Between the two closest curves in CIE L*a*b*, for each kind of eyes: of the first three, then of
  /// all eight.
  package let distances: [Measure]

  /// Curves that a theme tells apart.
  package static let curves = 8
  /// Told apart at a glance.
  static let glance = 20.0
  /// Three times what is just noticeable: different side by side, and the markers differ besides.
  static let sideBySide = 7.0

  package init(_ theme: Theme) {
    let background = theme[.background]
    let roles: [Theme.Role] = [.text, .dim, .title, .accent, .good, .warning, .bad]
    contrasts =
      roles.map {
        let contrast = theme[$0].contrast(with: background)
        return Measure(name: $0.rawValue, value: contrast, least: 4.5)
      }
      + theme.series.enumerated().map { index, series in
        let contrast = series.color.contrast(with: background)
        return Measure(name: "curve \(index + 1) \(series.marker)", value: contrast, least: 3)
      }
    // Behind the last they begin again, so fewer than eight are no eight.
    let colors = (0..<Self.curves).map { theme.series[$0 % theme.series.count].color }
    distances =
      Self.distances(Array(colors.prefix(3)), "", least: Self.glance)
      + Self.distances(colors, ", all eight", least: Self.sideBySide)
  }

  private static func distances(_ colors: [Color], _ which: String, least: Double) -> [Measure] {
    let areKnown = colors.allSatisfy { $0.contrast(with: $0) != nil }
    return ColorVision.matrices.map { eyes, matrix in
      let pairs = colors.indices.flatMap { first in
        colors.indices.dropFirst(first + 1).map { second in
          ColorVision.distance(colors[first], colors[second], matrix)
        }
      }
      return Measure(name: eyes + which, value: areKnown ? pairs.min() : nil, least: least)
    }
  }

  package var isEnough: Bool { (contrasts + distances).allSatisfy(\.isEnough) }
}
