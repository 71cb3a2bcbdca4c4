import CellGrid

/// What a key does.
enum Action: Hashable, Sendable {
  case quit
  case suspend
  case redraw
  case togglePause
  case singleStep
  case nextRun
  case previousRun
  case nextHyperparameter
  case previousHyperparameter
  case increase
  case decrease
  case increaseFinely
  case decreaseFinely
  case editValue
  case toggleLogarithmic
  case cycleSmoothing
  case toggleFairness
  case cycleTheme
  case nextPanel
  case showPanel(PanelKind)
  /// The accuracy's chart, or the loss's when that is what is shown.
  case toggleAccuracy
  case toggleZoom
  case toggleHelp
}

/// One row of the table that dispatches keys and that footer and help are made of.
struct KeyBinding: Sendable {
  let keys: [Key]
  /// How the keys are written for people.
  let label: String
  /// One or two words for the footer; nil keeps the binding out of it.
  let hint: String?
  /// The line in the help.
  let title: String
  let action: Action

  init(_ keys: [Key], _ label: String, _ title: String, hint: String? = nil, _ action: Action) {
    self.keys = keys
    self.label = label
    self.hint = hint
    self.title = title
    self.action = action
  }
}

extension KeyBinding {
  /// In the order of footer and help; the footer drops from the end what has no room.
  static let all: [Self] =
    running + hyperparameters + view
    + PanelKind.allCases.enumerated().map { index, panel in
      let digit = Character(String(index + 1))
      return Self([.character(digit)], String(digit), "show \(panel.title)", .showPanel(panel))
    } + rest

  private static let running: [Self] = [
    Self([.character("q"), .control("c")], "q", "quit (also Ctrl-C)", hint: "quit", .quit),
    Self([.character("?")], "?", "this help", hint: "help", .toggleHelp),
    Self([.character(" ")], "space", "pause or resume all runs", hint: "pause", .togglePause),
    Self([.character("s")], "s", "one outer step while paused", hint: "step", .singleStep),
    Self([.tab], "tab", "next method (shift-tab: previous)", hint: "method", .nextRun),
    Self([.backTab], "shift-tab", "previous method", .previousRun),
  ]

  private static let hyperparameters: [Self] = [
    Self(
      [.character("j"), .down],
      "↑↓",
      "next hyperparameter (also j)",
      hint: "select",
      .nextHyperparameter
    ),
    Self([.character("k"), .up], "k", "previous hyperparameter", .previousHyperparameter),
    Self(
      [.right, .character("+")],
      "←→",
      "larger value (also +)",
      hint: "change",
      .increase
    ),
    Self([.left, .character("-")], "-", "smaller value", .decrease),
    Self([.character("]")], "]", "slightly larger value", .increaseFinely),
    Self([.character("[")], "[", "slightly smaller value", .decreaseFinely),
    Self([.enter, .character("=")], "=", "type a value (also Enter)", hint: "type", .editValue),
  ]

  private static let view: [Self] = [
    Self([.character("p")], "p", "next panel", hint: "panel", .nextPanel),
    Self([.character("v")], "v", "the chosen panel alone, or all", hint: "zoom", .toggleZoom),
    Self([.character("a")], "a", "accuracy or loss curves", hint: "accuracy", .toggleAccuracy),
    Self(
      [.character("e")],
      "e",
      "an episode's pictures and predictions",
      hint: "episode",
      .showPanel(.episode)
    ),
    Self(
      [.character("l")],
      "l",
      "logarithmic or linear loss axis",
      hint: "log",
      .toggleLogarithmic
    ),
    Self(
      [.character("z")],
      "z",
      "smoothing: off, 0.9, 0.98",
      hint: "smooth",
      .cycleSmoothing
    ),
    Self(
      [.character("f")],
      "f",
      "fairness: equal steps or equal compute",
      hint: "fairness",
      .toggleFairness
    ),
    Self([.character("t")], "t", "next theme", hint: "theme", .cycleTheme),
  ]

  private static let rest: [Self] = [
    Self([.control("l")], "Ctrl-L", "draw everything again", .redraw),
    Self([.control("z")], "Ctrl-Z", "suspend to the shell", .suspend),
  ]

  static func binding(for key: Key) -> Self? { all.first { $0.keys.contains(key) } }
}
