/// The command palette: every action by name, filtered by what is typed.
struct Palette: Equatable, Sendable {
  struct Entry: Equatable, Sendable {
    var name: String
    var title: String
    /// Its key, or empty.
    var key: String
    var action: Action
  }

  var input = LineInput() { didSet { if input.text != oldValue.text { selected = 0 } } }
  var selected = 0
}
