import CellGrid

/// One row of the table that dispatches keys and that footer, help and palette are made of.
struct KeyBinding: Sendable {
  /// Where a binding holds; a panel's own comes before those that hold anywhere.
  enum Context: Sendable, CaseIterable {
    case anywhere
    /// While a chart has the focus.
    case charts
    /// While a recording is played.
    case replay
  }

  var keys: [Key]
  /// How the keys are written for people.
  var label: String
  /// One or two words for the footer; nil keeps the binding out of it.
  let hint: String?
  /// The line in the help.
  let title: String
  let action: Action
  var context = Context.anywhere

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
  static let standard: [Self] = running + replay + charts + hyperparameters + view + presets + rest

  private static let running: [Self] = [
    Self([.character("q"), .control("c")], "q", "quit (also Ctrl-C)", hint: "quit", .quit),
    Self([.character("?")], "?", "this help", hint: "help", .toggleHelp),
    Self([.character(":")], ":", "every action by name", hint: "actions", .openPalette),
    Self([.character(" ")], "space", "pause or resume all runs", hint: "pause", .togglePause),
    Self([.character("s")], "s", "one outer step while paused", hint: "step", .singleStep),
    Self([.tab], "tab", "focus the next panel on the screen", hint: "focus", .focusNext),
    Self([.backTab], "shift-tab", "focus the previous panel", .focusPrevious),
    Self([.character("n")], "n", "a new comparison", hint: "new", .newComparison),
    Self([.character("b")], "b", "a branch of this run, with other values", .branch),
    Self([.character("B")], "B", "after a divergence: back, at half the rate", .rescue),
    Self([.character("m")], "m", "next method", hint: "method", .nextRun),
    Self([.character("M")], "M", "previous method", .previousRun),
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
    Self([.right, .character("+")], "←→", "larger value (also +)", hint: "change", .increase),
    Self([.left, .character("-")], "-", "smaller value", .decrease),
    Self([.character("]")], "]", "slightly larger value", .increaseFinely),
    Self([.character("[")], "[", "slightly smaller value", .decreaseFinely),
    Self([.enter, .character("=")], "=", "type a value (also Enter)", hint: "type", .editValue),
    Self([.character("r")], "r", "sweep around the value", hint: "sweep", .sweep),
    Self([.character("u")], "u", "undo the last change of a value", hint: "undo", .undo),
  ]

  private static let charts: [Self] = [
    Self([.right], "←→", "chart: move the cursor", hint: "cursor", .chart(.moveCursor(1))),
    Self([.left], "←", "chart: cursor to the left", .chart(.moveCursor(-1))),
    Self([.pageDown], "page ↓", "chart: cursor far to the right", .chart(.moveCursor(10))),
    Self([.pageUp], "page ↑", "chart: cursor far to the left", .chart(.moveCursor(-10))),
    Self(
      [.character("+"), .character("=")],
      "+-",
      "chart: zoom in, at the cursor or the newest point",
      hint: "zoom",
      .chart(.zoomIn)
    ),
    Self([.character("-")], "-", "chart: zoom out", .chart(.zoomOut)),
    Self(
      [.character(">"), .character(".")],
      "<>",
      "chart: pan right",
      hint: "pan",
      .chart(.panRight)
    ),
    Self([.character("<"), .character(",")], "<", "chart: pan left", .chart(.panLeft)),
    Self([.home], "home", "chart: to the start", .chart(.showStart)),
    Self([.end], "end", "chart: follow the newest point", .chart(.follow)),
    Self([.character("0")], "0", "chart: show everything", hint: "all", .chart(.showWhole)),
  ].map { binding in
    var binding = binding
    binding.context = .charts
    return binding
  }

  private static let replay: [Self] = [
    Self([.character("]")], "[ ]", "replay: faster", hint: "speed", .replay(.faster)),
    Self([.character("[")], "[", "replay: slower", .replay(.slower)),
    Self([.character(".")], ", .", "replay: on by a twentieth", hint: "seek", .replay(.forward)),
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
  ].map { binding in
    var binding = binding
    binding.context = .replay
    return binding
  }

  private static let view: [Self] = [
    Self([.character("c")], "c", "chart: a cursor that reads every value", .chart(.toggleCursor)),
    Self(
      [.character("x")],
      "x",
      "chart over steps, time, episodes, FLOPs",
      hint: "axis",
      .chart(.nextAxis)
    ),
    Self(
      [.character("d")],
      "d",
      "one chart, one a method, or differences",
      hint: "difference",
      .chart(.nextArrangement)
    ),
    Self([.character("v")], "v", "the focused panel alone, or all", hint: "full", .toggleZoom),
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
    Self([.character("t")], "t", "next theme", hint: "theme", .cycleTheme),
  ]

  private static let presets: [Self] =
    Preset.onKeys.enumerated().map { index, preset in
      let digit = Character(String(index + 1))
      return Self(
        [.character(digit)],
        String(digit),
        "layout: \(preset.title)",
        .choosePreset(preset)
      )
    } + [
      Self([.character("6")], "6", "layout: a sweep's league table", .leagueTable)
    ]

  private static let rest: [Self] = [
    Self([.character("g")], "g", "go to a panel by its letter", hint: "go to", .goTo),
    Self([.character("p")], "p", "next of all panels", .nextPanel),
    Self([.character("H")], "H", "hide the focused panel", .hidePanel),
    Self([.character("A")], "A", "show all hidden panels again", .showAllPanels),
    Self([.character("}")], "}", "wider left side", .widenLeft),
    Self([.character("{")], "{", "narrower left side", .narrowLeft),
    Self([.character("/")], "/", "search in events, or in this help", hint: "search", .openSearch),
    Self(
      [.character("y")],
      "y",
      "copy the command line of what is shown",
      hint: "copy",
      .copyCommandLine
    ),
    Self([.character("w")], "w", "write the screen: text, ANSI, SVG, HTML", .saveScreen),
    Self([.character("o")], "o", "write the charts' data as CSV", .saveChart),
    Self([.character("W")], "W", "record the session (asciicast), or stop", .toggleRecording),
    Self([.control("l")], "Ctrl-L", "draw everything again", .redraw),
    Self([.control("z")], "Ctrl-Z", "suspend to the shell", .suspend),
  ]
}
