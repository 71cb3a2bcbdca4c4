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
  /// Types a value of this hyperparameter of the focused method.
  case set(String)
  case undo
  case toggleLogarithmic
  /// Each seed of a method, or all of them as one series.
  case toggleSeeds
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
  /// A fork from before the last change of a value.
  case forkBeforeChange
  case replay(ReplayCommand)
  case nextInnerPhase
  case previousInnerPhase
  case toggleSlowMotion
  /// Which of the held-out tasks the inner loop and the episode show.
  case task(TaskChoice)
  case toggleFirstOrder
  /// The part of the method that can be switched off.
  case togglePart
  case saveScreen
  case saveChart
  case toggleRecording
  case toggleHelp
  /// What the focused panel's numbers are.
  case explain
  case events(EventsAction)
  /// How long a moment of the inner loop stays while it moves by itself.
  case slowMotion(faster: Bool)
  case table(TableAction)
}

/// A held-out task, by how hard it was in the last meta-validation, or by its number.
enum TaskChoice: Hashable, Sendable {
  /// The hardest, then those at the quarters, then the easiest, then the first again.
  case byDifficulty
  case next
  case previous
}

/// What the list of events can be asked for.
enum EventsAction: Hashable, Sendable {
  /// So many lines towards the first, or towards the newest where negative.
  case scroll(Int)
  case page(Int)
  case first
  case newest
  /// Those of the focused run alone, or of all.
  case ownOnly
}

/// What a sweep's league table can be asked for.
enum TableAction: Hashable, Sendable {
  /// So many rows down, or up where negative.
  case move(Int)
  case first
  case last
  case open
  case adopt
  case stopRow
  case makeFirst
  case toggleHalving
  case nextOrder
  case previousOrder
  case reverse
  case togglePin
  case toggleMark
  case showMarked
  case hide
  case showHidden
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
  case toggleLogSteps
  /// Fewer values, around the focused curve's.
  case zoomValuesIn
  case zoomValuesOut
  case panUp
  case panDown
}

extension Action {
  /// The action's name in the user's key file, in lower case with hyphens.
  var name: String {
    switch self {
    case .showPanel(let kind): "show-\(kind.actionName)"
    case .set(let id): "set-\(id)"
    case .leagueTable: "preset-sweep"
    case .choosePreset(let preset): "preset-\(preset.name.hyphenated)"
    case .chooseTheme(let name): "theme-\(name)"
    case .chart(.moveCursor(let amount)):
      "chart-cursor-\(amount < 0 ? "left" : "right")\(abs(amount) > 1 ? "-far" : "")"
    case .events(.scroll(let amount)): "events-\(amount > 0 ? "earlier" : "later")"
    case .events(.page(let amount)): "events-page-\(amount > 0 ? "earlier" : "later")"
    case .events(let action): "events-\("\(action)".hyphenated)"
    case .slowMotion(let faster): "slow-motion-\(faster ? "faster" : "slower")"
    case .task(let choice): "task-\("\(choice)".hyphenated)"
    case .table(.move(let amount)):
      "table-\(amount > 0 ? "down" : "up")\(abs(amount) > 1 ? "-far" : "")"
    case .table(let action): "table-\("\(action)".hyphenated)"
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
