import MetaLearning

/// Runs that seconds end instead of steps.
extension TrainingSession {
  /// Seconds that it may train; nil where steps alone decide.
  var timeBudget: Double? {
    guard let id = begun.method.timeBudget else { return nil }
    let seconds = trainee.values.number(id)
    return seconds > 0 ? seconds : nil
  }

  var isTimeOver: Bool { timeBudget.map { seconds >= $0 } ?? false }

  /// Ends a run whose seconds are over, as if this had been its last step.
  func endInTime() {
    guard let timeBudget else { return }
    let budget = timeBudget == 1 ? "1 second is" : "\(Int(timeBudget)) seconds are"
    let text =
      step > 1
      ? "its \(budget) over after outer step \(step); --steps \(step) makes the same run again"
      : "its \(budget) over after \(step == 1 ? "one outer step" : "no outer step"), which teaches nothing; "
        + "give a longer \(begun.method.timeBudget ?? ""), or fewer or narrower networks"
    post(.note(id, text))
    setStatus(.finished)
  }
}
