import Events

extension ValidationReport {
  var isFinite: Bool { loss.isFinite && (accuracy ?? 0).isFinite }

  /// By accuracy where there are classes, as the papers choose; by loss else, and between equals.
  func isBetter(than other: (loss: Float, accuracy: Float?)) -> Bool {
    if let own = accuracy, let others = other.accuracy, own != others { return own > others }
    return loss < other.loss
  }
}
