import CellGrid

/// What lies over a screen and takes its keys; there is one at most.
enum Overlay: Equatable, Sendable {
  case help(HelpView)
  /// What the focused panel's numbers are; the one that is read.
  case explanation(selected: Int)
  case palette(Palette)
  /// A search that is being typed; what it keeps is the screen's filter.
  case search(LineInput)
  case editor(ValueEditor)
  case form(ComparisonForm)
  /// `g` was typed: the next key names a panel.
  case goTo
  /// The first key of two was typed.
  case chord(Key)
  case leaving(LeaveDialog)
  /// Somebody chose to end: the screen stays until everything is written.
  case ending

  /// Whether it takes the last line alone.
  var isInFooter: Bool {
    switch self {
    case .search, .editor, .chord: true
    default: false
    }
  }
}

/// The help while it is open.
struct HelpView: Equatable, Sendable {
  var scroll = 0
  /// The row that Enter runs; nil until somebody moves to one.
  var selected: Int?
  /// Only rows that contain it are shown; empty shows all.
  var filter = ""
  /// The same while it is being typed.
  var search: LineInput?
}

/// How a person leaves what is under way.
package enum LeaveChoice: Equatable, Sendable {
  /// The step under way is given up; what was learned before it is kept.
  case keep
  /// Every run finishes the step under way and is scored on the meta-test.
  case test
  case stay
}

/// The question before anything that is under way ends.
struct LeaveDialog: Equatable, Sendable {
  let choices: [LeaveChoice]
  var selected = 0

  mutating func move(_ offset: Int) {
    selected = (selected + offset + choices.count) % choices.count
  }

  var choice: LeaveChoice { choices[selected] }
}

/// What follows the pointer while its button is down.
enum Dragged: Equatable, Sendable {
  /// The border between the left and the right side.
  case sides
  case chart(PanelKind)
}
