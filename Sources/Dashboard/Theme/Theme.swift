import CellGrid

/// The colours of the screen by what they mean.
package struct Theme: Equatable, Sendable {
  /// What a colour is for; files name every one of them.
  enum Role: String, CaseIterable, Sendable {
    case background
    case text
    case dim
    case border
    case title
    case accent
    case good
    case warning
    case bad
  }

  /// One method's look: a marker as well as a colour, for eyes and terminals without colour.
  struct Series: Equatable, Sendable {
    var color: Color
    var marker: Unicode.Scalar
  }

  struct Gradient: Equatable, Sendable {
    var start: Color
    var mid: Color
    var end: Color
  }

  package let name: String
  let colors: [Role: Color]
  let series: [Series]
  let gradient: Gradient

  subscript(role: Role) -> Color { colors[role] ?? .terminal }

  /// The terminal's own sixteen colours: right on every terminal, used when no file is found.
  package static let terminal = Self(
    name: "terminal",
    colors: [
      .background: .terminal, .text: .terminal, .dim: .ansi(8), .border: .ansi(8),
      .title: .terminal, .accent: .ansi(6), .good: .ansi(2), .warning: .ansi(3), .bad: .ansi(1),
    ],
    series: [
      Series(color: .ansi(4), marker: "●"), Series(color: .ansi(3), marker: "■"),
      Series(color: .ansi(5), marker: "▲"), Series(color: .ansi(2), marker: "◆"),
      Series(color: .ansi(6), marker: "✚"), Series(color: .ansi(1), marker: "✖"),
      Series(color: .ansi(12), marker: "▼"), Series(color: .ansi(11), marker: "★"),
    ],
    gradient: Gradient(start: .ansi(2), mid: .ansi(3), end: .ansi(1))
  )
}
