import Events

extension ValidationReport {
  var isFinite: Bool { loss.isFinite && (accuracy ?? 0).isFinite }

  /// What parameters are chosen by.
  typealias Score = (loss: Float, accuracy: Float?)

  func isBetter(than other: Score) -> Bool { Self.isBetter((loss, accuracy), than: other) }

  /// By accuracy where there are classes, as the papers choose; by loss else, and between equals.
  static func isBetter(_ own: Score, than other: Score) -> Bool {
    if let mine = own.accuracy, let others = other.accuracy, mine != others {
      return mine > others
    }
    return own.loss < other.loss
  }
}
