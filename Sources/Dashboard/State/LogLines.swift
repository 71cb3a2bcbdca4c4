import Events

/// A line of the events' panel: an event, and how often it stands for the same.
struct LogLine: Equatable, Sendable {
  var entry: EventLog.Entry
  /// The runs it happened to, in the order it did.
  var runs: [RunID]
  var count = 1

  /// Whether another event is the same thing again, or of another run.
  func isJoined(by other: EventLog.Entry) -> Bool {
    // What all runs go through at nearly the same step is one thing; a value of its own never is.
    guard other.kind == entry.kind, other.text == entry.text, other.run != nil, entry.run != nil
    else { return false }
    return other.kind == .status || other.step == entry.step
  }
}

extension DashboardState {
  /// All lines that the filter leaves, the oldest first.
  var logLines: [LogLine] { logLines(atMost: .max) }

  /// The newest of them.
  func logLines(atMost count: Int) -> [LogLine] {
    var lines: [LogLine] = []
    for entry in log.entries.reversed() where matches(entry) {
      if let last = lines.last, last.isJoined(by: entry), let run = entry.run {
        let place = lines.count - 1
        lines[place].count += 1
        if !last.runs.contains(run) { lines[place].runs.insert(run, at: 0) }
      } else {
        if lines.count == count { break }
        lines.append(LogLine(entry: entry, runs: entry.run.map { [$0] } ?? []))
      }
    }
    return lines.reversed()
  }

  private func matches(_ entry: EventLog.Entry) -> Bool {
    if isLogOfFocused, let run = entry.run, run != focused?.id { return false }
    guard !filter.isEmpty else { return true }
    let name = entry.run.flatMap { index(of: $0) }.map { runs[$0].name } ?? ""
    return "\(name) \(entry.text)".lowercased().contains(filter.lowercased())
  }
}
