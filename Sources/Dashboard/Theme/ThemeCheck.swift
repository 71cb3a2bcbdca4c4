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
  /// Between the two closest of the first three curves, in CIE L*a*b*; 20 is told apart at a glance.
  package let distances: [Measure]

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
    let colors = theme.series.prefix(3).map(\.color)
    let areKnown = colors.allSatisfy { $0.contrast(with: $0) != nil }
    distances = ColorVision.matrices.map { eyes, matrix in
      let pairs = colors.indices.flatMap { first in
        colors.indices.dropFirst(first + 1).map { second in
          ColorVision.distance(colors[first], colors[second], matrix)
        }
      }
      return Measure(name: eyes, value: areKnown ? pairs.min() : nil, least: 20)
    }
  }

  package var isEnough: Bool { (contrasts + distances).allSatisfy(\.isEnough) }
}
