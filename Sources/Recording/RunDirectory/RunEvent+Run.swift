import Events

extension RunEvent {
  /// The run it is about; nil when it is about all.
  var run: RunID? {
    switch self {
    case .started(let description): description.id
    case .step(let report): report.run
    case .diverging(let report): report.run
    case .validation(let report): report.run
    case .episode(let snapshot): snapshot.run
    case .fit(let snapshot): snapshot.run
    case .map(let snapshot): snapshot.run
    case .statusChanged(let run, _, _), .hyperparameterChanged(let run, _, _, _),
      .checkpointKept(let run, _), .checkpointWritten(let run, _), .recordingFailed(let run, _, _):
      run
    case .commandRefused(let run, _, _), .note(let run, _): run
    case .probesPaced(let run, _): run
    case .fairnessChanged, .replayed, .sweep, .readingPast: nil
    }
  }
}
