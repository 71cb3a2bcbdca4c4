import Events

extension DashboardState {
  /// The charts' data: a head, then a row for each run and stretch of outer steps, unsmoothed.
  var chartRows: [[String]] {
    let quantities = isClassification ? ["loss", "accuracy_percent"] : ["loss"]
    let head = quantities.flatMap { quantity in
      ["mean", "min", "max"].map { "\(quantity)_\($0)" }
    }
    return [["method", "run", "step", "seconds", "episodes"] + head]
      + runs.flatMap { rows(of: $0) }
  }

  private func rows(of run: RunState) -> [[String]] {
    let batch = Double(max(run.description.metaBatchSize, 1))
    let (losses, accuracies) = (run.history, run.accuracyHistory)
    return losses.buckets.enumerated().filter { $0.element.count > 0 }.map { index, bucket in
      let step = losses.step(of: index)
      let place = [step, run.place(of: Int(step), on: .seconds), step * batch].map { "\($0)" }
      // Both have had the same steps, and so the same stretches.
      let other =
        accuracies.shift == losses.shift ? accuracies.buckets.at(index) : nil
      return [run.description.methodID, run.name] + place + Self.extent(bucket)
        + (isClassification ? Self.extent(other) : [])
    }
  }

  private static func extent(_ bucket: SeriesHistory.Bucket?) -> [String] {
    guard let bucket, bucket.count > 0 else { return ["", "", ""] }
    return [bucket.mean, bucket.low, bucket.high].map { "\($0)" }
  }
}
