import Events

/// The numbers of a run that change with every step.
///
/// Digits that change thirty times a second cannot be read and cost most of a frame's bytes, so the
/// screen holds them for a tenth of a second while its curves go on.
struct Reading: Equatable, Sendable {
  /// Seconds for which digits stand still while a run trains.
  static let holdSeconds = 0.1

  var step = 0
  /// Inner steps over all episodes and outer steps.
  var innerSteps = 0
  var queryLoss = SmoothedValue()
  var metaGradientNorm = SmoothedValue()
  var queryAccuracy = SmoothedValue()
  var lossBefore = SmoothedValue()
  var probes: StepProbes?
  var probeStep = 0
}

extension DashboardState {
  /// Holds the digits that were just drawn.
  mutating func holdReadings() {
    guard heldAt == nil else { return }
    heldAt = now
    for index in runs.indices { runs[index].holdReading() }
  }

  /// Lets the digits follow again once they have stood long enough.
  mutating func releaseReadings() {
    guard let heldAt, now - heldAt >= Reading.holdSeconds else { return }
    self.heldAt = nil
    for index in runs.indices where runs[index].releaseReading() { needsRedraw = true }
  }
}
