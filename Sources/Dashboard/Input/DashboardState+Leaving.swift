import CellGrid
import Events

/// What is said before the runs end, and while they do.
extension DashboardState {
  var leaveLines: [String] {
    let open = runs.filter { !$0.isOver }
    let count = open.count == 1 ? "1 run is" : "\(open.count) runs are"
    return [
      "\(count) under way (outer step \(Numbers.grouped(open.map(\.step).max() ?? 0))).",
      "Recordings and a checkpoint of each stay; Ctrl-C again leaves at once.",
    ]
  }

  var endingLines: [String] {
    var lines: [String] = []
    for run in runs where !run.isOver {
      let step = Numbers.grouped(run.step + 1)
      let waits =
        ending == .test
        ? "finishes outer step \(step), then meta-test"
        : "leaves outer step \(step) unfinished"
      let kept = checkpointSteps[run.id].map { "; last checkpoint: \(Numbers.grouped($0))" }
      lines.append("\(run.name) \(waits)\(kept ?? "")")
    }
    if lines.isEmpty { lines = ["writing checkpoints and recordings"] }
    return lines + ["Ctrl-C leaves at once, with the last checkpoints"]
  }
}
