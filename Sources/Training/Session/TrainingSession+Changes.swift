import Events
import Glibc
import Kernels
import MetaLearning
import Recording

extension TrainingSession {
  /// Between two checkpoints that are kept because a value changes: whoever tries values tries many.
  private static let secondsBetweenKept = 2.0

  /// Changes a value between two turns; structural ones retrace the graphs.
  ///
  /// Where it `stays` what the run was before, a checkpoint of that is kept: somebody may want to go back there.
  ///
  /// - Throws: the sentence that says why the value is not taken.
  func setHyperparameter(
    _ id: String,
    to value: Double,
    stays: Bool = false
  ) throws(HyperparameterError) {
    var values = trainee.values
    try values.set(id, to: value)
    guard isActive || status == .paused else {
      throw HyperparameterError("\(id): the run has ended (\(status.rawValue))")
    }
    guard values != trainee.values else { return }
    if values.descriptor(id)?.isFixed == true {
      throw HyperparameterError(
        "\(id): is decided before a run starts; start another with --set \(id)=…"
      )
    }
    if stays { keepBeforeChange() }
    let isRetraced = values.descriptor(id)?.isStructural == true
    let gradient = stays && values.descriptor(id)?.role == .firstOrder ? nextGradient() : nil
    trainee.change(values, isRetraced: isRetraced)
    writeSettings()
    if let gradient { tellAngle(from: gradient, isFirstOrder: value != 0) }
    // What is shown follows a value at once where no graph is planned for it.
    if !isRetraced, begun.evaluateEvery > 0 { postSnapshot() }
  }

  /// Keeps what the run is now: of several changes at once the first one's is what all are measured by.
  func keepBeforeChange() {
    let now = monotonicSeconds()
    guard step > 0, !isKept(step), now - lastKept >= Self.secondsBetweenKept else { return }
    lastKept = now
    save(id, .step(step), checkpoint())
  }

  /// The meta-gradient of the step that comes next, whose update is not made.
  func nextGradient() -> [Double]? {
    guard step < begun.totalSteps else { return nil }
    trainee.takeWorkspaces()
    team.perform { measuredGradient = trainee.gradient(step, team: team) }
    return measuredGradient
  }

  /// Says how far the meta-gradients with and without second-order terms lie apart, on the same episodes and
  /// parameters; `before` is the one of before the change.
  func tellAngle(from before: [Double], isFirstOrder: Bool) {
    guard let after = nextGradient() else { return }
    let (own, exact) = isFirstOrder ? (after, before) : (before, after)
    let quality = GradientQuality(own: own, exact: exact)
    guard quality.cosine.isFinite, quality.normRatio.isFinite else { return }
    let angle = acos(min(max(quality.cosine, -1), 1)) * 180 / .pi
    post(
      .note(
        id,
        "first order is \(fixed(angle, 1)) degrees off: cosine \(fixed(quality.cosine, 3)), "
          + "\(fixed(quality.normRatio, 2)) of the norm (meta-gradients without and with second-order terms on "
          + "the next step's episodes)"
      )
    )
  }

  /// Shows another of the held-out tasks from now on.
  func show(task: Int) {
    shownTask = min(max(task, 0), max(begun.evaluationEpisodes, 1) - 1)
    postSnapshot()
  }

  /// Where a turn must end because a value changes there.
  func nextChange(after step: Int) -> Int {
    begun.changes.first { $0.step > step }?.step ?? .max
  }

  /// Makes the changes that were asked for at this step, as if somebody had made them just now.
  func makeChanges() {
    for change in begun.changes where change.step == step {
      guard trainee.values.number(change.id) != change.value else { continue }
      do throws(HyperparameterError) {
        try setHyperparameter(change.id, to: change.value)
        post(.hyperparameterChanged(id, id: change.id, value: change.value, step: step))
      } catch {
        post(.commandRefused(id, reason: error.description, step: step))
      }
    }
  }

  /// What a branch does otherwise than its parent: ` with inner-lr 0.01 → 0.3`.
  func changes(_ parent: ResumePoint) -> String {
    let texts = trainee.values.descriptors.compactMap { descriptor -> String? in
      let value = trainee.values.number(descriptor.id)
      guard let before = parent.values[descriptor.id], before != value else { return nil }
      return "\(descriptor.id) \(descriptor.format(before)) → \(descriptor.format(value))"
    }
    return texts.isEmpty ? "" : " with " + texts.joined(separator: ", ")
  }
}
