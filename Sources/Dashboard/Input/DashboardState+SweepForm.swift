import CellGrid
import Events

/// The form behind `r`: a sweep around the selected hyperparameter's value.
extension DashboardState {
  /// The form, filled in for the focused run; nil where nothing can be swept.
  var sweepForm: ComparisonForm? {
    guard var form = sweepTemplate, let run = focused, let hyperparameter else {
      return nil
    }
    let around = [3, 5, 7].map {
      Self.values(hyperparameter, around: run.value(hyperparameter), $0)
    }
    let choices = around.reduce(into: [String]()) { all, values in
      let text = "\(hyperparameter.id)=\(values.joined(separator: ","))"
      if !all.contains(text) { all.append(text) }
    }
    form.choose("grid", from: choices)
    form.fill("set", with: settings(without: hyperparameter.id).joined(separator: " "))
    return form
  }

  /// So many values around one on the hyperparameter's own scale, or fewer at its ends; all of them
  /// where they are names.
  static func values(
    _ hyperparameter: HyperparameterDescriptor,
    around value: Double,
    _ count: Int
  ) -> [String] {
    switch hyperparameter.kind {
    case .flag: return [0, 1].map { hyperparameter.format($0) }
    case .choice(let names): return names
    case .logarithmic, .linear, .integer: break
    }
    var values = [value]
    var (lowest, highest) = (value, value)
    for _ in 0..<count / 2 {
      if let next = hyperparameter.stepped(from: lowest, up: false) {
        lowest = next
        values.insert(next, at: 0)
      }
      if let next = hyperparameter.stepped(from: highest, up: true) {
        highest = next
        values.append(next)
      }
    }
    return values.map { hyperparameter.format($0) }
  }

  /// What runs have otherwise than by default, so that the sweep has it too.
  private func settings(without id: String) -> [String] {
    runs.flatMap { run in
      run.description.hyperparameters.compactMap { hyperparameter -> String? in
        let value = run.value(hyperparameter)
        guard hyperparameter.id != id, value != hyperparameter.defaultValue else { return nil }
        return "\(run.description.methodID).\(hyperparameter.id)=\(hyperparameter.format(value))"
      }
    }
  }

  /// Seconds that the filled-in sweep will take at the speed that its methods have now.
  var sweepDuration: Double? {
    guard let values = form?.values, let steps = values["steps"].flatMap(Double.init),
      let seeds = values["seeds"].flatMap(Double.init)
    else { return nil }
    let entries: [Substring] = ["grid", "grid-2"].flatMap {
      values[$0, default: ""].split(separator: " ")
    }
    let grids: [[Substring]] = entries.map { $0.split(separator: "=", maxSplits: 1) }
      .filter { $0.count == 2 }
    var seconds = 0.0
    for name in (values["methods"] ?? "").split(separator: ",") {
      guard let run = runs.first(where: { $0.description.methodID == name }),
        run.step > 20, run.computingSeconds > 0
      else { return nil }
      let own = grids.filter { grid in
        run.description.hyperparameters.contains { $0.id == grid[0] }
      }
      let combinations: Int = own.reduce(1) { $0 * $1[1].split(separator: ",").count }
      let secondsAStep: Double = run.computingSeconds / Double(run.step)
      seconds += Double(combinations) * seeds * steps * secondsAStep
    }
    return seconds
  }
}
