import Events

/// What a key or a line of the palette does.
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
  case undo
  case toggleLogarithmic
  case cycleSmoothing
  case toggleFairness
  case cycleTheme
  case chooseTheme(String)
  /// The next panel that is on the screen.
  case focusNext
  case focusPrevious
  /// The next of all panels, also of those that are not on the screen.
  case nextPanel
  case showPanel(PanelKind)
  /// The accuracy's chart, or the loss's when that is what is shown.
  case toggleAccuracy
  case toggleZoom
  case choosePreset(Preset)
  case hidePanel
  case showAllPanels
  case widenLeft
  case narrowLeft
  case nextHeatmap
  case chart(ChartAction)
  case openPalette
  case openSearch
  /// Waits for a panel's letter.
  case goTo
  case copyCommandLine
  case newComparison
  /// A sweep around the selected hyperparameter's value.
  case sweep
  /// The league table: of the sweep that this was opened from, or of a new one.
  case leagueTable
  /// A new run from the focused run's checkpoint.
  case branch
  /// A branch from before the focused run diverged, at half its learning rate.
  case rescue
  case replay(ReplayCommand)
  case nextInnerPhase
  case previousInnerPhase
  case toggleSlowMotion
  case toggleFirstOrder
  /// The part of the method that can be switched off.
  case togglePart
  case saveScreen
  case saveChart
  case toggleRecording
  case toggleHelp
}

/// What the charts can be asked for.
enum ChartAction: Hashable, Sendable {
  case nextAxis
  case nextArrangement
  case toggleCursor
  /// Hundredths of the window, to the right where positive.
  case moveCursor(Int)
  case zoomIn
  case zoomOut
  case panLeft
  case panRight
  case showStart
  /// The newest point again, in the present width.
  case follow
  case showWhole
}

extension Action {
  /// The action's name in the user's key file, in lower case with hyphens.
  var name: String {
    switch self {
    case .showPanel(let kind): "show-\(kind.actionName)"
    case .leagueTable: "preset-sweep"
    case .choosePreset(let preset): "preset-\(preset.name.hyphenated)"
    case .chooseTheme(let name): "theme-\(name)"
    case .chart(.moveCursor(let amount)):
      "chart-cursor-\(amount < 0 ? "left" : "right")\(abs(amount) > 1 ? "-far" : "")"
    case .replay(let command): "replay-\("\(command)".hyphenated)"
    case .chart(let action): "chart-\("\(action)".hyphenated)"
    default: "\(self)".hyphenated
    }
  }
}

extension String {
  /// `singleStep` as `single-step`.
  var hyphenated: String {
    reduce(into: "") { text, character in
      text += character.isUppercase ? "-\(character.lowercased())" : String(character)
    }
  }
}
