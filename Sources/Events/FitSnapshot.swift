/// One regression episode as a person sees it: the support points, the target, and the model's
/// curve before adaptation and after each inner step.
///
/// A run shows the same meta-validation episode each time, until somebody asks for another, so one watches it
/// being learnt.
package struct FitSnapshot: Sendable, Equatable {
  /// Points of the curves.
  package static let pointCount = 100

  package struct Point: Sendable, Equatable {
    package var x: Float
    package var y: Float

    package init(x: Float, y: Float) {
      self.x = x
      self.y = y
    }
  }

  package var run: RunID
  /// Outer steps made.
  package var step: Int
  /// Which of meta-validation's tasks it is, 0 the first.
  package var task: Int
  package var support: [Point]
  /// The query set by rising x: what the model should say.
  package var target: [Point]
  /// What it says at the target's places after 0, 1, …, M inner steps.
  package var fits: [[Float]]
  /// The support loss after 0, 1, …, M inner steps.
  package var supportLosses: [Float]

  package init(
    run: RunID,
    step: Int,
    task: Int = 0,
    support: [Point],
    target: [Point],
    fits: [[Float]],
    supportLosses: [Float]
  ) {
    self.run = run
    self.step = step
    self.task = task
    self.support = support
    self.target = target
    self.fits = fits
    self.supportLosses = supportLosses
  }

  /// M.
  package var innerSteps: Int { max(fits.count - 1, 0) }

  /// The mean squared error on the query set after some inner steps.
  package func queryLoss(after step: Int) -> Float {
    guard fits.indices.contains(step), !target.isEmpty else { return .nan }
    let squares = zip(fits[step], target).map { ($0 - $1.y) * ($0 - $1.y) }
    return squares.reduce(0, +) / Float(target.count)
  }
}
