import Events

extension DashboardState {
  /// Who is ahead, where that can be said.
  ///
  /// Recordings of a version that kept no score for each episode say nothing: what is not paired tells
  /// too little.
  var shownVerdict: Verdict? {
    guard runs.count > 1, let verdict = standing.verdict, verdict.isPaired,
      runs.indices.allSatisfy({ runs[$0].description.task == runs[0].description.task })
    else { return nil }
    return verdict
  }

  /// All has come to its end here, meta-tests too, and is no recording.
  var hasEnded: Bool {
    replay == nil && !runs.isEmpty
      && runs.indices.allSatisfy { runs[$0].isOver && !runs[$0].isTestUnderWay }
  }

  /// Lines that verdict and advice take.
  var verdictRows: Int { (shownVerdict == nil ? 0 : 1) + (hasEnded ? 1 : 0) }
}
