import Events
import Files
import Kernels
import MetaLearning
import Recording

/// One run: its parameters, its plans, and where it stands.
///
/// Owned by the comparison's queue; the team's workers enter only inside `run`.
/// `@unchecked Sendable`: it is handed to that queue once and used from there alone; inside a
/// turn, workers follow the phases of `OuterStep`.
final class TrainingSession: @unchecked Sendable {
  let id: RunID
  /// As the run began; what can be changed since is the trainee's.
  let begun: RunConfiguration
  let trainee: any Trainee
  private(set) var status = RunStatus.running
  /// Outer steps made.
  private(set) var step = 0
  let policy: DivergencePolicy
  var divergenceWatch: DivergenceWatch
  /// Updates in a row that were left out because they were no finite numbers.
  var dropped = 0
  /// What the method said last of its probes.
  var advice: String?
  /// Whether the comparison should pause, as a run that went wrong asks for.
  var wantsPause = false
  /// Seconds spent in turns.
  private(set) var seconds = 0.0
  /// Floating-point operations of all steps.
  private var operations = 0.0
  /// Smoothed seconds an outer step takes; decides the length of turns.
  private(set) var stepSeconds = 0.001
  let team: WorkerTeam
  let save: @Sendable (RunID, CheckpointKind, TensorFile) -> Void
  let post: @Sendable (RunEvent) -> Void
  private let isStopRequested: @Sendable () -> Bool
  /// Whether somebody looks at the probes.
  private let isWatched: @Sendable () -> Bool
  /// What the file of initial parameters had not, and had besides; nil without a file.
  private let initialReport: InitialReport?
  /// The best meta-validation so far.
  private var best: (loss: Float, accuracy: Float?)?
  /// The last outer step that was meta-validated.
  private var validated = 0
  private var lastSave = 0.0
  private var isSingleStep = false
  /// Which of the held-out tasks is shown.
  var shownTask = 0
  /// The meta-gradient that was measured last without an update.
  var measuredGradient: [Double]?
  /// When a checkpoint was kept for what a change of a value may be worth.
  var lastKept = -Double.infinity
  private var turnStart = 0.0
  private var isTurnOver = false
  private var probeSchedule: ProbeSchedule

  init(
    id: RunID,
    configuration: RunConfiguration,
    team: WorkerTeam,
    policy: DivergencePolicy = .stop,
    save: @escaping @Sendable (RunID, CheckpointKind, TensorFile) -> Void,
    post: @escaping @Sendable (RunEvent) -> Void,
    isStopRequested: @escaping @Sendable () -> Bool = { false },
    isWatched: @escaping @Sendable () -> Bool = { false }
  ) throws(SafetensorsError) {
    self.id = id
    begun = configuration
    self.team = team
    self.policy = policy
    divergenceWatch = DivergenceWatch(layers: configuration.model.layers)
    probeSchedule = configuration.probeSchedule
    self.save = save
    self.post = post
    self.isStopRequested = isStopRequested
    self.isWatched = isWatched
    trainee = configuration.trainee(team: team)
    if let resume = configuration.resume {
      try trainee.restore(resume.checkpoint, updates: resume.updates)
      (step, seconds, operations) = (resume.step, resume.seconds, resume.operations)
      // The best of a branch is its own: it keeps no checkpoint of its parent's.
      best = configuration.isBranch ? nil : resume.best
      validated = resume.validated
      initialReport = nil
    } else if let initial = configuration.initial {
      initialReport = try trainee.load(initial, configuration.initialRules)
    } else {
      initialReport = nil
    }
    writeSettings()
  }

  var isActive: Bool { status == .running }
  var description: RunDescription { begun.with(trainee.values).description(id: id) }

  func setStatus(_ status: RunStatus) {
    guard self.status != status else { return }
    self.status = status
    post(.statusChanged(id, status, step: step))
  }

  /// Says that the run exists, and what it begins with.
  func begin() {
    post(.started(description))
    if let pace = probeSchedule.pace { post(.probesPaced(id, pace)) }
    lastSave = monotonicSeconds()
    // Whatever brought it there, nothing can be learned from it.
    if !trainee.isFinite { return diverge(.stored) }
    // A run that is killed at once can go on as well.
    if begun.resume == nil || begun.isBranch { saveLast() }
    if let resume = begun.resume {
      let text =
        begun.isBranch
        ? "branched from \(resume.directory.name) after outer step \(resume.step)\(changes(resume))"
        : "resumed after outer step \(resume.step) of \(begun.totalSteps)"
      post(.note(id, text))
      // It was stopped while it validated.
      if step > 0, isValidated(step), validated < step { validate() }
      // It was killed between its last step and its summary.
      if step >= begun.totalSteps {
        setStatus(.finished)
        test()
      }
    }
    // It was killed between its last checkpoint and the one of that step that stays.
    if step > 0, isKept(step), !begun.isBranch { save(id, .step(step), checkpoint()) }
    if begun.evaluateEvery > 0 { postSnapshot() }
    for note in begun.taskNotes { post(.note(id, note)) }
    guard let file = begun.initial, let initialReport else { return }
    post(.note(id, "parameters from \(file.path)\(initialReport.text)".printable))
  }

  // MARK: Outer steps

  /// Makes at most `limit` outer steps; `shouldStop` is asked between two steps.
  func run(limit: Int, shouldStop: @Sendable () -> Bool) {
    guard isActive, limit > 0 else { return }
    if isTimeOver { return endInTime() }
    makeChanges()
    turnStart = monotonicSeconds()
    let first = step
    isTurnOver = false
    let last = min(begun.stopAfter ?? .max, begun.totalSteps)
    let end = min(step + limit, nextChange(after: step), last)
    trainee.takeWorkspaces()
    team.perform { while !isTurnOver { makeStep(end: end, shouldStop: shouldStop) } }
    let spent = monotonicSeconds() - turnStart
    seconds += spent
    if step > first { stepSeconds = 0.5 * stepSeconds + 0.5 * spent / Double(step - first) }
    // An update can overflow though its loss and gradient were finite; nothing is said to be
    // finished, and no checkpoint written, that holds what is no number.
    if step > first, isActive, !trainee.isFinite { return diverge(.updated) }
    if isActive, step >= begun.totalSteps { setStatus(.finished) }
    if isActive, isTimeOver { endInTime() }
  }

  /// One outer step of a paused run, measured in full.
  func singleStep() {
    guard status == .paused else { return }
    status = .running
    isSingleStep = true
    run(limit: 1) { true }
    isSingleStep = false
    concludeTurn()
    if status == .running { status = .paused }
    if validated != step { postSnapshot() }
  }

  /// One outer step; called by the team's leader.
  private func makeStep(end: Int, shouldStop: () -> Bool) {
    let hasProbes = isSingleStep || probeSchedule.isDue(step + 1, isWatched: isWatched())
    let began = probeSchedule.isTrying && !isSingleStep ? monotonicSeconds() : nil
    guard let outcome = trainee.makeStep(step, withProbes: hasProbes, team: team) else {
      isTurnOver = true
      return
    }
    finishStep(outcome, hasProbes: hasProbes)
    if let began { noteProbes(seconds: monotonicSeconds() - began, hasProbes: hasProbes) }
    isTurnOver =
      !isActive || step >= end || isValidated(step) || isKept(step) || shouldStop()
      || timeBudget.map { seconds + monotonicSeconds() - turnStart >= $0 } ?? false
  }

  private func noteProbes(seconds: Double, hasProbes: Bool) {
    guard let pace = probeSchedule.note(step, seconds: seconds, hasProbes: hasProbes) else {
      return
    }
    post(.probesPaced(id, pace))
  }

  private func finishStep(_ outcome: StepOutcome, hasProbes: Bool) {
    // A method's stages differ in what a step costs.
    operations += Double(trainee.operationsPerStep)
    var report = StepReport(
      run: id,
      step: step + 1,
      seconds: seconds + monotonicSeconds() - turnStart,
      operations: operations,
      queryLoss: outcome.queryLoss,
      supportLoss: outcome.supportLoss,
      metaGradientNorm: outcome.metaGradientNorm,
      queryAccuracy: outcome.queryAccuracy
    )
    if hasProbes {
      report.probes = trainee.probes(settings: currentSettings)
    }
    step += 1
    post(.step(report))
    if let probes = report.probes { advise(probes) }
    if outcome.isFinite {
      dropped = 0
      watch(report)
    } else {
      concludeDivergence(report)
    }
    if isActive { writeSettings() }
  }

  // MARK: Hyperparameters

  var currentSettings: [String: Double] {
    let ids = trainee.values.descriptors.map(\.id)
    var all = Dictionary(uniqueKeysWithValues: ids.map { ($0, currentValue($0, at: step)) })
    for id in derived { all[id] = scheduledValue(id, at: step) }
    return all
  }

  /// What the method derives from its hyperparameters, and a step's place in the run.
  private var derived: [String] { begun.method.derivedSettings(trainee.values) }

  private func currentValue(_ id: String, at step: Int) -> Double {
    scheduledValue(id, at: step) ?? trainee.values.number(id)
  }

  private func scheduledValue(_ id: String, at step: Int) -> Double? {
    begun.method.scheduledValue(
      id,
      trainee.values,
      step: step,
      totalSteps: begun.totalSteps
    )
  }

  func writeSettings() { writeSettings(at: step) }

  /// Writes the graph's inputs as they are at an outer step (0, 1, …).
  func writeSettings(at step: Int) {
    for (index, descriptor) in trainee.values.descriptors.enumerated() {
      let offset = trainee.values.settingOffset(index)
      trainee.settings[offset] = Float(currentValue(descriptor.id, at: step))
    }
    for (index, id) in derived.enumerated() {
      let offset = trainee.values.derivedOffset(index)
      trainee.settings[offset] = Float(scheduledValue(id, at: step) ?? 0)
    }
  }

  /// Whether the checkpoint after a step stays.
  func isKept(_ step: Int) -> Bool {
    begun.keepEvery > 0 && step % begun.keepEvery == 0
  }

  // MARK: Evaluation

  private func isValidated(_ step: Int) -> Bool {
    begun.evaluateEvery > 0 && step % begun.evaluateEvery == 0
  }

  /// What follows a turn: meta-validation when its last step asks for it, and the end of the run.
  func concludeTurn() {
    if isValidated(step), status != .diverged { validate() }
    if isKept(step), status != .diverged { save(id, .step(step), checkpoint()) }
    switch status {
    case .finished: test()
    case .diverged: saveAtEnd()
    case .running:
      if let last = begun.stopAfter, step >= last {
        if validated != step { validate() }
        stop()
      } else if monotonicSeconds() - lastSave > Self.secondsBetweenSaves {
        saveLast()
      }
    case .paused, .stopped: break
    }
  }

  /// The end of a run that has made all its steps.
  private func test() {
    trainee.conclude(shouldStop: isStopRequested) { post(.note(id, $0)) }
    if begun.isTested, let report = report(isMetaTest: true) {
      if let note = trainee.testNote { post(.note(id, note)) }
      post(.validation(report))
    }
    saveAtEnd()
  }

  /// Ends before the last step, but with the score of a meta-test.
  func conclude() {
    guard isActive || status == .paused else { return }
    trainee.conclude(shouldStop: isStopRequested) { post(.note(id, $0)) }
    if begun.isTested, let report = report(isMetaTest: true) {
      post(.validation(report))
    }
    stop()
  }

  func stop() {
    guard isActive || status == .paused else { return }
    setStatus(.stopped)
    saveAtEnd()
  }

  /// Shows what the model as it is makes of one episode.
  func postSnapshot() {
    if let snapshot = trainee.snapshot(run: id, step: step, task: shownTask) { post(snapshot) }
  }

  private func validate() {
    guard let report = report(isMetaTest: false) else { return }
    validated = step
    post(.validation(report))
    postSnapshot()
    if report.isFinite, best.map({ report.isBetter(than: $0) }) ?? true {
      best = (report.loss, report.accuracy)
      save(id, .best, checkpoint())
    }
    if monotonicSeconds() - lastSave > Self.secondsBetweenValidatedSaves { saveLast() }
  }

  /// Scores the parameters as they are on held-out data; nil when told to stop meanwhile.
  func report(isMetaTest: Bool) -> ValidationReport? {
    var report = trainee.evaluate(isMetaTest: isMetaTest, shouldStop: isStopRequested)
    report?.run = id
    report?.step = step
    report?.isMetaTest = isMetaTest
    return report
  }

  // MARK: Checkpoints

  private static let secondsBetweenSaves = 30.0
  /// After a meta-validation, which would be made again otherwise.
  private static let secondsBetweenValidatedSaves = 0.25

  func saveAtEnd() {
    saveLast()
    if best == nil { save(id, .best, checkpoint()) }
  }

  private func saveLast() {
    save(id, .last, checkpoint())
    lastSave = monotonicSeconds()
  }

  func checkpoint() -> TensorFile {
    trainee.tensorFile(
      metadata: TensorFile.checkpointMetadata(
        begun.with(trainee.values),
        step: step,
        updates: trainee.updates,
        seconds: seconds,
        operations: operations,
        best: best,
        validated: validated,
        probeCost: probeSchedule.pace?.cost
      )
    )
  }
}
