import Events

extension DashboardState {
  /// The focused chart's data: a head, then a row for each method and stretch of outer steps, unsmoothed.
  var chartRows: [[String]] {
    let isAccuracy = panel == .accuracy
    let quantity = isAccuracy ? "accuracy_percent" : "loss"
    let extent = ["mean", "min", "max"].map { "\(quantity)_\($0)" }
    return [["method", "step", "seconds", "episodes"] + extent]
      + runs.flatMap { run in
        rows(of: isAccuracy ? run.accuracyHistory : run.history, in: run)
      }
  }

  private func rows(of history: SeriesHistory, in run: RunState) -> [[String]] {
    let batch = Double(max(run.description.metaBatchSize, 1))
    return history.buckets.enumerated().filter { $0.element.count > 0 }.map { index, bucket in
      let step = history.step(of: index)
      let place = [step, run.place(of: Int(step), on: .seconds), step * batch].map { "\($0)" }
      let values = [bucket.mean, bucket.low, bucket.high].map { "\($0)" }
      return [run.description.methodID] + place + values
    }
  }
}
