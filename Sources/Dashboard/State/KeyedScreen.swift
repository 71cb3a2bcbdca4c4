import CellGrid
import Events

/// A sentence in the footer that goes away by itself, or with the next key.
struct FooterMessage: Equatable, Sendable {
  /// Seconds a message stays: a problem's sentence is longer.
  static let duration = 3.0
  static let problemDuration = 6.0

  var text: String
  var isProblem: Bool
  /// When it was first on the screen: over a slow link or on a busy machine that may be long after
  /// it was said, and nobody should miss it for that.
  var drawnAt: Double?

  var seconds: Double { isProblem ? Self.problemDuration : Self.duration }
}

/// A screen whose keys, help, palette, footer, messages and themes stand on the key table.
protocol KeyedScreen: Sendable {
  var keys: KeyTable { get set }
  var overlay: Overlay? { get set }
  var message: FooterMessage? { get set }
  /// Seconds since the screen began.
  var now: Double { get }
  var theme: Theme { get set }
  var themes: [Theme] { get set }
  /// The size it was last drawn at.
  var size: GridSize { get }
  var capabilities: TerminalCapabilities { get }
  var needsRedraw: Bool { get set }
  /// What the search keeps.
  var filter: String { get set }
  /// In which the keys hold now, the most particular first.
  var contexts: [KeyBinding.Context] { get }
  /// What the palette offers besides the table.
  var unboundActions: [(action: Action, title: String)] { get }
  /// The dialog before everything ends; nil where nothing is under way.
  var leaveDialog: LeaveDialog? { get }
  /// Every number of what has the focus, then of what stands around it.
  var explained: [Explanation] { get }
  /// What has the focus, in a word.
  var explainedName: String { get }
  /// The one of `explained` that is read first.
  var explainedFirst: Int { get }

  /// Why an action makes no sense now, as a sentence that says what would; nil when it does.
  func disabledReason(_ action: Action) -> String?
  /// Whether a key of the footer belongs to this screen at all.
  func mayEverApply(_ action: Action) -> Bool
  /// The footer's word for a binding.
  func hint(_ binding: KeyBinding) -> String?
  /// What the dialog says above its choices, and the screen while everything ends.
  var leaveLines: [String] { get }
  var endingLines: [String] { get }
  /// Says something that no key has asked for.
  mutating func note(_ text: String, isProblem: Bool)
  /// A theme was chosen with a key.
  mutating func choose(_ theme: Theme)
  /// What a choice of the dialog does, in a few words and in a sentence.
  func words(_ choice: LeaveChoice) -> (label: String, detail: String)
  mutating func perform(_ action: Action) -> [DashboardEffect]
  /// Keys of an overlay that only this screen has.
  mutating func handleOwn(_ overlay: Overlay, _ key: Key) -> [DashboardEffect]
  /// What the palette's text means when it names no action.
  mutating func submit(_ text: String) -> [DashboardEffect]
  /// Enter in the dialog: nothing more for a screen that knows no better.
  mutating func noteEnding(_ choice: LeaveChoice)
  /// Esc with nothing over the screen: one step back towards the plain one.
  mutating func stepBack()
}

extension KeyedScreen {
  mutating func say(_ text: String, isProblem: Bool = false) {
    message = FooterMessage(text: text, isProblem: isProblem)
    needsRedraw = true
  }

  /// A frame has just been drawn, with the message if there is one.
  mutating func noteDrawn() {
    needsRedraw = false
    let time = now
    if message?.drawnAt == nil { message?.drawnAt = time }
  }

  /// Takes a message away that has been there long enough.
  mutating func expireMessage() {
    guard let message, let drawnAt = message.drawnAt, now >= drawnAt + message.seconds else {
      return
    }
    self.message = nil
    needsRedraw = true
  }

  var help: HelpView? { if case .help(let help) = overlay { help } else { nil } }
  var palette: Palette? { if case .palette(let palette) = overlay { palette } else { nil } }
  var search: LineInput? { if case .search(let search) = overlay { search } else { nil } }
  var isHelpShown: Bool { help != nil }
  var isGoingTo: Bool { overlay == .goTo }

  /// The editor while it is open; writing it closes or changes one, and opens none over others.
  var editor: ValueEditor? {
    get { if case .editor(let editor) = overlay { editor } else { nil } }
    set { if editor != nil || overlay == nil { overlay = newValue.map(Overlay.editor) } }
  }

  /// The form while it is open, likewise.
  var form: ComparisonForm? {
    get { if case .form(let form) = overlay { form } else { nil } }
    set { if form != nil || overlay == nil { overlay = newValue.map(Overlay.form) } }
  }
}

extension KeyedScreen {
  /// What the dialog says, in lines that a screen of so many columns has room for.
  func leaveLines(columns: Int) -> [String] {
    leaveLines.flatMap { $0.wrapped(min(LeavePlaces.columns, columns) - 4) }
  }

  /// The table's rows that the help shows, group by group: those of this screen, or what is searched
  /// among them.
  var helpBindings: [KeyBinding] {
    let filter = help?.filter.lowercased() ?? ""
    let isTable = contexts.contains(.table)
    let isReplay = contexts.contains(.replay)
    let shown = keys.bindings.filter { binding in
      binding.isBound
        && (binding.context == .always || isTable == (binding.context == .table))
        && (isReplay || binding.context != .replay) && mayEverApply(binding.action)
        && (filter.isEmpty || binding.title.lowercased().contains(filter)
          || binding.label.lowercased() == filter)
    }
    return KeyBinding.Group.allCases.flatMap { group in shown.filter { $0.group == group } }
  }
}
