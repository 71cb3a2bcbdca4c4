import CellGrid

/// One row of the table that dispatches keys and that footer, help and palette are made of.
struct KeyBinding: Sendable {
  /// Where a binding holds; a panel's own comes before those that hold anywhere.
  enum Context: Sendable, CaseIterable {
    /// On the dashboard.
    case anywhere
    /// While a chart has the focus whose values are zoomed.
    case zoomed
    /// While a chart has the focus.
    case charts
    /// While a recording is played.
    case replay
    /// While the events have the focus.
    case events
    /// While the inner loop moves by itself.
    case slowMotion
    /// On the screen of a sweep.
    case table
    /// On every screen.
    case always

    /// The dashboard's, where nothing particular has the focus.
    static let dashboard: [Self] = [.anywhere, .always]

    /// Whether a key could stand for both at once, neither being the more particular.
    func meets(_ other: Self) -> Bool {
      self == other || (self == .always && [.anywhere, .table].contains(other))
        || (other == .always && [.anywhere, .table].contains(self))
    }
  }

  var keys: [Key]
  /// Pairs of keys that a person has given it.
  var chords: [KeyChord] = []
  /// How the keys are written for people.
  var label: String
  /// How the footer writes them together with those of the bindings that follow, where it does.
  var footerLabel: String?
  /// One or two words for the footer; nil keeps the binding out of it.
  let hint: String?
  /// The line in the help.
  let title: String
  let action: Action
  var context = Context.anywhere

  init(
    _ keys: [Key],
    _ label: String,
    _ title: String,
    hint: String? = nil,
    footer: String? = nil,
    _ action: Action
  ) {
    self.keys = keys
    self.label = label
    footerLabel = footer
    self.hint = hint
    self.title = title
    self.action = action
  }

  /// Whether some key means it.
  var isBound: Bool { !keys.isEmpty || !chords.isEmpty }

  /// Takes keys away that another action has from now on.
  mutating func lose(_ lost: [WrittenKey]) {
    let all = keys.map { WrittenKey.key($0) } + chords.map { .chord($0) }
    guard all.contains(where: lost.contains) else { return }
    keys.removeAll { lost.contains(.key($0)) }
    chords.removeAll { lost.contains(.chord($0)) }
    label = (keys.map(\.written) + chords.map(\.written)).joined(separator: separator)
    footerLabel = nil
  }

  /// Between keys, which a chord's own blank must not look like.
  var separator: String { chords.isEmpty ? " " : ", " }
}

extension KeyBinding {
  /// In the order of footer and help; the footer drops from the end what has no room.
  static let standard: [Self] =
    running + table + replay + values + charts + events + slowMotion + arrows + [differences]
    + hyperparameters + view + presets + rest

  private static let running: [Self] =
    [
      Self([.character("K")], "K", "explain: what this panel's numbers are", .explain),
      Self([.character("q"), .control("c")], "q", "quit (also Ctrl-C)", hint: "quit", .quit),
      Self([.character("?")], "?", "this help", hint: "help", .toggleHelp),
    ].holding(.always) + [preset(0, footer: "1…6", hint: "layouts")]
    + [
      Self([.character(":")], ":", "every action by name", hint: "actions", .openPalette)
    ].holding(.always) + [
      Self([.character(" ")], "space", "pause or resume all runs", hint: "pause", .togglePause),
      Self([.character("s")], "s", "one outer step while paused", hint: "step", .singleStep),
    ]
    + [
      Self([.tab], "tab", "focus the next panel on the screen", hint: "focus", .focusNext),
      Self([.backTab], "shift-tab", "focus the previous panel", .focusPrevious),
    ].holding(.always) + [
      Self([.character("n")], "n", "a new comparison", hint: "new", .newComparison),
      Self([.character("b")], "b", "a branch of this run, beside it or alone", .branch),
      Self(
        [.character("U")],
        "U",
        "a fork from before the last change of a value",
        .forkBeforeChange
      ),
      Self([.character("R")], "R", "after a divergence: back, at half the rate", .rescue),
      Self([.character("m")], "m", "next method", hint: "method", .nextRun),
      Self([.character("M")], "M", "previous method", .previousRun),
    ]

  /// What one chart hides; the bar has room for it in 120 columns.
  private static let differences = Self(
    [.character("d")],
    "d",
    "one chart, one a method, or differences",
    hint: "diff",
    .chart(.nextArrangement)
  )

  private static let arrows: [Self] = [
    Self(
      [.character("j"), .down],
      "↓",
      "next hyperparameter (also j)",
      hint: "select",
      footer: "↑↓",
      .nextHyperparameter
    ),
    Self([.character("k"), .up], "↑", "previous hyperparameter (also k)", .previousHyperparameter),
    Self(
      [.right, .character("+")],
      "→",
      "larger value (also +)",
      hint: "change",
      footer: "←→",
      .increase
    ),
    Self([.left, .character("-")], "←", "smaller value (also -)", .decrease),
  ]

  private static let hyperparameters: [Self] = [
    Self([.character("]")], "]", "slightly larger value", .increaseFinely),
    Self([.character("[")], "[", "slightly smaller value", .decreaseFinely),
    Self([.enter, .character("=")], "=", "type a value (also Enter)", hint: "type", .editValue),
    Self([.character("r")], "r", "sweep around the value", hint: "sweep", .sweep),
    Self([.character("u")], "u", "undo the last change of a value", hint: "undo", .undo),
  ]

  private static let values: [Self] = [
    Self(
      [.up],
      "↑",
      "chart: higher values",
      hint: "values",
      footer: "↑↓",
      .chart(.panUp)
    ),
    Self([.down], "↓", "chart: lower values", .chart(.panDown)),
  ].holding(.zoomed)

  private static let charts: [Self] = [
    Self(
      [.right],
      "→",
      "chart: cursor to the right",
      hint: "cursor",
      footer: "←→",
      .chart(.moveCursor(1))
    ),
    Self([.left], "←", "chart: cursor to the left", .chart(.moveCursor(-1))),
    Self([.pageDown], "page ↓", "chart: cursor far to the right", .chart(.moveCursor(10))),
    Self([.pageUp], "page ↑", "chart: cursor far to the left", .chart(.moveCursor(-10))),
    Self(
      [.character("+"), .character("=")],
      "+",
      "chart: zoom in, at the cursor or the newest point",
      hint: "zoom",
      footer: "+-",
      .chart(.zoomIn)
    ),
    Self([.character("-")], "-", "chart: zoom out", .chart(.zoomOut)),
    Self(
      [.character("*")],
      "*",
      "chart: zoom the values in, at the curve",
      hint: "values",
      footer: "*_",
      .chart(.zoomValuesIn)
    ),
    Self([.character("_")], "_", "chart: zoom the values out", .chart(.zoomValuesOut)),
    Self(
      [.character(">"), .character(".")],
      ">",
      "chart: pan right",
      hint: "pan",
      footer: "<>",
      .chart(.panRight)
    ),
    Self([.character("<"), .character(",")], "<", "chart: pan left", .chart(.panLeft)),
    Self([.home], "home", "chart: to the start", .chart(.showStart)),
    Self([.end], "end", "chart: follow the newest point", .chart(.follow)),
    Self([.character("0")], "0", "chart: show everything", hint: "all", .chart(.showWhole)),
  ].holding(.charts)

  private static let replay: [Self] = [
    Self([.character("]")], "]", "replay: faster", hint: "speed", footer: "[ ]", .replay(.faster)),
    Self([.character("[")], "[", "replay: slower", .replay(.slower)),
    Self(
      [.character(".")],
      ".",
      "replay: on by a twentieth",
      hint: "seek",
      footer: ", .",
      .replay(.forward)
    ),
    Self([.character(",")], ",", "replay: back by a twentieth", .replay(.back)),
    Self([.character("(")], "(", "replay: to the beginning", .replay(.start)),
    Self([.character(")")], ")", "replay: to the end", .replay(.end)),
    Self(
      [.character("L")],
      "L",
      "replay: around and around, or once",
      hint: "loop",
      .replay(.toggleLoop)
    ),
  ].holding(.replay)

  private static let events: [Self] = [
    Self(
      [.up, .character("k")],
      "↑",
      "events: earlier ones (also k)",
      hint: "scroll",
      footer: "↑↓",
      .events(.scroll(1))
    ),
    Self([.down, .character("j")], "↓", "events: later ones (also j)", .events(.scroll(-1))),
    Self([.pageUp], "page ↑", "events: a page earlier", .events(.page(1))),
    Self([.pageDown], "page ↓", "events: a page later", .events(.page(-1))),
    Self([.home], "home", "events: the first", .events(.first)),
    Self([.end], "end", "events: the newest", .events(.newest)),
  ].holding(.events)

  private static let slowMotion: [Self] = [
    Self(
      [.character("]")],
      "]",
      "slow motion: faster",
      hint: "speed",
      footer: "[ ]",
      .slowMotion(faster: true)
    ),
    Self([.character("[")], "[", "slow motion: slower", .slowMotion(faster: false)),
  ].holding(.slowMotion)

  private static let view: [Self] =
    [
      Self([.character("c")], "c", "chart: a cursor that the arrows move", .chart(.toggleCursor)),
      Self(
        [.character("x")],
        "x",
        "chart over steps, time, episodes, FLOPs",
        hint: "axis",
        .chart(.nextAxis)
      ),
      Self(
        [.character("X")],
        "X",
        "chart: log or linear steps",
        .chart(.toggleLogSteps)
      ),
      Self([.character("v")], "v", "the focused panel alone, or all", hint: "full", .toggleZoom),
      Self(
        [.character("G")],
        "G",
        "the loss before and after adaptation, and the gap",
        hint: "gain",
        .showPanel(.gain)
      ),
      Self([.character("a")], "a", "accuracy or loss curves", hint: "accuracy", .toggleAccuracy),
      Self(
        [.character("e")],
        "e",
        "an episode's pictures and predictions",
        hint: "episode",
        .showPanel(.episode)
      ),
      Self([.character("i")], "i", "inner loop: the next moment", hint: "inner", .nextInnerPhase),
      Self([.character("I")], "I", "inner loop: the previous moment", .previousInnerPhase),
      Self([.character("S")], "S", "inner loop: slow motion, or stop", .toggleSlowMotion),
      Self(
        [.character("T")],
        "T",
        "the hardest task, … the easiest, the first",
        .task(.byDifficulty)
      ),
      Self([.character("N")], "N", "the next of the held-out tasks", .task(.next)),
      Self([.character("P")], "P", "the previous of the held-out tasks", .task(.previous)),
      Self([.character("F")], "F", "second-order terms out, or back in", .toggleFirstOrder),
      Self([.character("C")], "C", "a part of the method off, or on", .togglePart),
      Self([.character("h")], "h", "heatmap: the next quantity", hint: "heatmap", .nextHeatmap),
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
        "smoothing: off, 0.9, 0.98, 0.995",
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
      Self([.character("B")], "B", "seeds as one curve with its band, or each", .toggleSeeds),
    ]
    + [Self([.character("t")], "t", "next theme", hint: "theme", .cycleTheme)].holding(.always)

  private static func preset(_ index: Int, footer: String? = nil, hint: String? = nil) -> Self {
    let digit = Character(String(index + 1))
    let preset = Preset.onKeys[index]
    return Self(
      [.character(digit)],
      String(digit),
      "layout: \(preset.title)",
      hint: hint,
      footer: footer,
      .choosePreset(preset)
    )
  }

  private static let presets: [Self] =
    Preset.onKeys.indices.dropFirst().map { preset($0) } + [
      Self([.character("6")], "6", "layout: a sweep's league table", .leagueTable)
    ]

  private static let rest: [Self] =
    [
      Self([.character("g")], "g", "go to a panel by its letter", hint: "go to", .goTo),
      Self([.character("p")], "p", "next of all panels", .nextPanel),
      Self([.character("H")], "H", "hide the focused panel", .hidePanel),
      Self([.character("A")], "A", "show all hidden panels again", .showAllPanels),
      Self([.character("}")], "}", "wider left side", .widenLeft),
      Self([.character("{")], "{", "narrower left side", .narrowLeft),
      Self([.character("/")], "/", "search in the events", hint: "search", .openSearch),
      Self([.character("E")], "E", "events of the focused run alone, or all", .events(.ownOnly)),
      Self(
        [.character("y")],
        "y",
        "copy the command line of what is shown",
        hint: "copy",
        .copyCommandLine
      ),
      Self([.character("o")], "o", "write the charts' data as CSV", .saveChart),
    ]
    + [
      Self([.character("w")], "w", "write the screen: text, ANSI, SVG, HTML", .saveScreen),
      Self([.character("W")], "W", "record the session (asciicast), or stop", .toggleRecording),
      Self([.control("l")], "Ctrl-L", "draw everything again", .redraw),
      Self([.control("z")], "Ctrl-Z", "suspend to the shell", .suspend),
    ].holding(.always)
}

extension [KeyBinding] {
  /// The same bindings in a context.
  func holding(_ context: KeyBinding.Context) -> Self {
    map { binding in
      var binding = binding
      binding.context = context
      return binding
    }
  }
}
