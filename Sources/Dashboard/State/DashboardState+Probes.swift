import CellGrid
import Events

/// What a person's look at the probes costs.
extension DashboardState {
  /// Whether somebody looks at a panel that shows probes: it has the focus, on a screen that trains.
  ///
  /// Meanwhile they are measured more often, which takes up to 15 % of the computing time.
  package var showsProbes: Bool {
    guard replay == nil, plain == nil, overlay.map(\.isInFooter) ?? true else { return false }
    switch panel {
    case .adaptation, .declared, .heatmap, .gain: return true
    case .chart, .hyperparameters, .validation, .log, .accuracy, .episode, .innerLoop: return false
    }
  }

  /// Says so, in the border of the panel with the focus, while it is so; nil where there is no room.
  func paceText(room: Int) -> String? {
    guard showsProbes, let run = probedRun, !run.isOver, let pace = run.pace else { return nil }
    let steps =
      pace.watchedEvery == 1 ? "every step" : "every \(Numbers.grouped(pace.watchedEvery)) steps"
    let texts = ["probes \(steps), up to 15 % of the time", "probes: up to 15 % of the time"]
    return texts.first { $0.columns <= room }
  }

  /// The run whose probes the panel with the focus shows; of a chart the focused one.
  private var probedRun: RunState? {
    switch panel {
    case .adaptation: runAtCursor
    case .declared(let id): run { $0.panel(id) != nil }
    case .heatmap: heatmapRun
    default: focused
    }
  }
}
