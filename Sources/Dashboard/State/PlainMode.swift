/// What is said where there is no screen: whole lines, one after the other.
struct PlainMode: Sendable {
  /// Seconds between two reports.
  let every: Double
  /// Lines that are still to be written.
  var pending: [String] = []
  private var nextReport: Double
  /// Lines of the events that were said, of all there were.
  var saidEvents = 0
  /// The verdict that was said.
  var saidVerdict: String?
  var hasSaidEnd = false
  /// Nothing more will be typed.
  var isInputOver = false
  /// The report before, so that what stands still is not said again.
  var lastReport: [String] = []

  init(every: Double) {
    self.every = every
    nextReport = 1
  }

  /// Whether the time for a report has come; then the next comes later by the pace.
  mutating func isDue(now: Double) -> Bool {
    guard now >= nextReport else { return false }
    nextReport = now + every
    return true
  }
}
