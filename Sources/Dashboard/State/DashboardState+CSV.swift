import CellGrid

extension DashboardState {
  /// The focused chart's data: a line for each method and stretch of outer steps, unsmoothed.
  var chartCSV: String {
    let isAccuracy = panel == .accuracy
    let quantity = isAccuracy ? "accuracy_percent" : "loss"
    var text = "method,step,seconds,episodes,\(quantity)_mean,\(quantity)_min,\(quantity)_max\n"
    for run in runs {
      let history = isAccuracy ? run.accuracyHistory : run.history
      for (index, bucket) in history.buckets.enumerated() where bucket.count > 0 {
        let step = history.step(of: index)
        let episodes = step * Double(max(run.description.metaBatchSize, 1))
        let seconds = run.place(of: Int(step), on: .seconds)
        let values = [bucket.mean, bucket.low, bucket.high].map { "\($0)" }
        text +=
          ([field(run.description.methodID), "\(step)", "\(seconds)", "\(episodes)"] + values)
          .joined(separator: ",") + "\n"
      }
    }
    return text
  }

  /// A recorded run may be another program's: its names must not change the table's shape.
  private func field(_ text: String) -> String {
    let isPlain = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0 != "," && $0 != "\"" }
    guard !isPlain else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
