import Events

extension RunDirectory {
  /// How its comparison shared the machine at last, where that was ever told.
  package var lastFairness: Fairness? {
    var (log, last): (RecordedLog, Fairness?) = (RecordedLog(events), nil)
    while let line = try? log.view() {
      guard line["event"]?.string == "fairness" else { continue }
      last = line["fairness"]?.string.flatMap(Fairness.init(rawValue:)) ?? last
    }
    return last
  }
}
