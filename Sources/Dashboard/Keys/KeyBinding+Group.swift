import Events

extension KeyBinding {
  /// What keys are about, in the order of the help.
  enum Group: CaseIterable {
    case program
    case runs
    case hyperparameters
    case panels
    case charts
    case innerLoop
    case events
    case recording
    case rows
    case sweep

    var title: String {
      switch self {
      case .program: "the program"
      case .runs: "the runs"
      case .hyperparameters: "values of the focused method"
      case .panels: "panels and layouts"
      case .charts: "charts"
      case .innerLoop: "the inner loop"
      case .events: "events"
      case .recording: "the recording"
      case .rows: "combinations"
      case .sweep: "how the sweep is made"
      }
    }
  }

  var group: Group {
    if context == .table { return tableGroup }
    switch action {
    case .quit, .suspend, .redraw, .openPalette, .toggleHelp, .explain, .saveScreen,
      .toggleRecording, .cycleTheme, .chooseTheme, .copyCommandLine:
      return .program
    case .togglePause, .singleStep, .nextRun, .previousRun, .newComparison, .branch, .rescue,
      .forkBeforeChange,
      .toggleFairness, .table:
      return .runs
    case .nextHyperparameter, .previousHyperparameter, .increase, .decrease, .increaseFinely,
      .decreaseFinely, .editValue, .set, .undo, .sweep, .toggleFirstOrder, .togglePart:
      return .hyperparameters
    case .chart, .toggleLogarithmic, .cycleSmoothing, .toggleSeeds, .toggleAccuracy, .saveChart,
      .showPanel(.gain):
      return .charts
    case .nextInnerPhase, .previousInnerPhase, .toggleSlowMotion, .slowMotion, .task:
      return .innerLoop
    case .events, .openSearch: return .events
    case .replay: return .recording
    case .focusNext, .focusPrevious, .nextPanel, .showPanel, .toggleZoom, .choosePreset,
      .leagueTable, .hidePanel, .showAllPanels, .widenLeft, .narrowLeft, .nextHeatmap, .goTo:
      return .panels
    }
  }

  private var tableGroup: Group {
    switch action {
    case .togglePause, .table(.stopRow), .table(.makeFirst), .table(.toggleHalving),
      .copyCommandLine:
      .sweep
    default: .rows
    }
  }
}
