import Events

extension ValidationReport {
  init(_ scoring: Scoring, run: RunID, step: Int, isMetaTest: Bool) {
    self.init(
      run: run,
      step: step,
      loss: scoring.loss,
      lossConfidence95: scoring.lossConfidence95,
      accuracy: scoring.accuracy,
      accuracyConfidence95: scoring.accuracyConfidence95,
      lossByInnerStep: scoring.lossByInnerStep,
      accuracyByInnerStep: scoring.accuracyByInnerStep,
      accuracyBySamples: scoring.accuracyBySamples,
      episodes: scoring.count,
      scores: scoring.scores,
      isMetaTest: isMetaTest
    )
  }

  var isFinite: Bool { loss.isFinite && (accuracy ?? 0).isFinite }

  /// By accuracy where there are classes, as the papers choose; by loss else, and between equals.
  func isBetter(than other: (loss: Float, accuracy: Float?)) -> Bool {
    if let own = accuracy, let others = other.accuracy, own != others { return own > others }
    return loss < other.loss
  }
}
