import CellGrid
import Events

/// Everything the screen knows: events fold into it, keys change it, a grid is drawn from it.
///
/// It is a value without clocks, locks or globals; time comes in through `tick`.
package struct DashboardState: Sendable {
  var runs: [RunState] = []
  var log = EventLog()
  /// Runs that differ in their seed alone, in the order of their first.
  var series: [RunSeries] = []
  /// Each seed stands for itself.
  var areSeedsApart = false
  /// Who is ahead on held-out episodes.
  var standing = Standing()
  var rates = RateMeter()
  var now = 0.0
  /// Seconds in which nothing ran because somebody had paused it, which the elapsed time leaves out.
  var pausedSeconds = 0.0
  /// When the last run ended; elapsed time stops there.
  var endedAt: Double?
  var dropped = 0
  /// Since when the digits on the screen stand still; nil while they follow.
  var heldAt: Double?
  var fairness = Fairness.equalSteps
  /// Where the recording is that is played; nil while runs train.
  var replay: ReplayStatus?
  /// The run whose recorded past is being read, and since when pasts are.
  var pastRead: (run: RunID, since: Double)?
  var pendingFairness: Fairness?
  var message: FooterMessage?
  /// A pause that was asked for, and that the runs have not come to yet.
  var isPausing = false

  var themes: [Theme]
  var theme: Theme
  /// The name of the theme that was chosen with a key; nil while it is the start's.
  var chosenTheme: String?
  /// The look is the terminal's background's.
  package var followsBackground = false
  package var hasChosenTheme: Bool { chosenTheme != nil }
  let capabilities: TerminalCapabilities

  var focusedRun = 0
  var selectedHyperparameter = 0
  var panel = PanelKind.hyperparameters { didSet { isPanelChosen = true } }
  /// Somebody, or a layout, has chosen it: until then a screen with room for one shows the curves.
  var isPanelChosen = false
  var preset = Preset.overview
  /// The preset was restored before there was a run to say which panel it is about.
  var awaitsPresetPanel = false
  var hidden: Set<PanelKind> = []
  /// Columns of a hundred that the left side of a large screen gets.
  var leftShare = 57
  /// The quantity that the heatmap begins with.
  var heatmap = 0
  /// The chart that was chosen last, where there is room for one.
  var lastChart = PanelKind.accuracy
  var isZoomed = false
  var isLogarithmic = true
  var smoothing = Smoothing.strong
  var chart = ChartView()
  /// What is said in lines instead of a screen; nil where there is one.
  var plain: PlainMode?
  /// What lies over the screen and takes the keys.
  var overlay: Overlay?
  /// How a person chose to leave, while what is under way ends.
  var ending: LeaveChoice?
  /// By run and file, why it cannot be written now.
  var unwritten: [String: String] = [:]
  /// Outer steps of the runs' newest checkpoints.
  var checkpointSteps: [RunID: Int] = [:]
  var dragged: Dragged?
  /// What the screen shows is being recorded.
  var isRecorded = false
  /// What the form begins with; nil where there is nobody to start a new comparison.
  package var formTemplate: ComparisonForm?
  /// What the form of a sweep begins with; nil where nobody can start one.
  package var sweepTemplate: ComparisonForm?
  /// It shows runs of a sweep, whose league table waits behind it.
  package var isInsideSweep = false
  /// The name of an action that is carried out as soon as there are runs.
  package var firstAction: String?
  /// For each run whose checkpoints can be branched from, what that form begins with.
  package var branchForms: [RunID: ComparisonForm] = [:]
  /// Only events that contain it are shown; empty shows all.
  var filter = ""
  /// Only events of the focused run are shown.
  var isLogOfFocused = false
  /// Lines of the events below the shown ones.
  var logScroll = 0

  /// The moment of an outer step that is walked through, and whether it moves by itself.
  var walk = 0
  var isSlowMotion = false
  /// Which of the places from the hardest to the easiest task is shown; nil for one that was not chosen so.
  var taskPlace: Int?
  /// Which of `slowMotionSeconds` a moment stays.
  var slowMotionPace = 2
  /// When the present moment came.
  var momentAt = 0.0
  /// Values before changes that were asked for here, oldest first.
  var undoable: [UndoableChange] = []
  /// Steps along a value's scale that the opposite key takes back, oldest first.
  var trail: [SteppedValue] = []
  /// Numbers the keys that have changed values, so that one is taken back whole.
  var changeCount = 0
  package var keys = KeyTable()
  /// The colours that methods like best, for recordings that do not say which they had.
  package var preferredColors: [String: Int] = [:]
  /// The command that made this comparison, without the changes made since.
  package var commandLine = "metatop"
  /// The screen's size when it was last drawn, for the mouse.
  var size = GridSize(columns: 80, rows: 24)

  /// Something changed since the last drawn frame.
  package internal(set) var needsRedraw = true

  /// An empty screen; `themes` are what `t` walks through, besides `theme`.
  package init(theme: Theme, themes: [Theme] = [], capabilities: TerminalCapabilities) {
    self.theme = theme
    self.themes = themes.contains(theme) ? themes : [theme] + themes
    self.capabilities = capabilities
  }

  /// Tells the size of the screen that will be drawn next.
  package mutating func resize(to size: GridSize) { self.size = size }

  /// Tells that what the screen shows is being recorded, or no longer.
  package mutating func noteRecording(_ isOn: Bool) {
    isRecorded = isOn
    needsRedraw = true
  }

  /// The current state is on the screen.
  package mutating func markDrawn() {
    noteDrawn()
    plain?.pending = []
    holdReadings()
  }

  var focused: RunState? { runs.indices.contains(focusedRun) ? runs[focusedRun] : nil }

  /// Whether there are classes, so that accuracy is the score.
  ///
  /// Asked in place: a run taken out of the array, as in a loop over it, is forty references counted.
  var isClassification: Bool { runs.indices.contains { runs[$0].isClassification } }

  var hasPictures: Bool { runs.indices.contains { runs[$0].hasPictures } }

  /// The chart that stands in a place for one.
  var mainChart: PanelKind {
    switch lastChart {
    case .accuracy: isClassification ? .accuracy : .chart
    case .gain: hasGain ? .gain : .chart
    default: .chart
    }
  }

  var hasGain: Bool { runs.indices.contains { runs[$0].isAdapting } }

  var hyperparameter: HyperparameterDescriptor? {
    guard runs.indices.contains(focusedRun) else { return nil }
    let list = runs[focusedRun].description.hyperparameters
    guard !list.isEmpty else { return nil }
    return list[min(selectedHyperparameter, list.count - 1)]
  }

  /// The focused run when it has what a panel shows, else the first that has.
  func run(where has: (RunState) -> Bool) -> RunState? {
    if runs.indices.contains(focusedRun), has(runs[focusedRun]) { return runs[focusedRun] }
    return runs.indices.first { has(runs[$0]) }.map { runs[$0] }
  }

  func index(of id: RunID) -> Int? {
    if runs.indices.contains(id.rawValue), runs[id.rawValue].id == id { return id.rawValue }
    return runs.firstIndex { $0.id == id }
  }
}
