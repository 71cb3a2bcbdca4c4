import Events

/// What the screen knows about one run.
struct RunState: Sendable {
  /// A change that was asked for and not yet carried out.
  struct PendingValue: Equatable, Sendable {
    var value: Double
    /// Commands sent and not answered.
    var outstanding: Int
  }

  struct Change: Equatable, Sendable {
    var step: Int
    var id: String
    var value: Double
  }

  private(set) var description: RunDescription
  /// Which of the theme's colours and markers it has here.
  var color = 0
  /// The method, and what makes it another run than those beside it.
  var name: String
  private(set) var status = RunStatus.running
  /// The newest numbers, and those that stand on the screen while it rests from changing digits.
  private var reading = Reading()
  private var frozen: Reading?
  private(set) var computingSeconds = 0.0
  private(set) var history = SeriesHistory()
  /// Computing seconds by outer step, in the loss's own buckets.
  private(set) var clock = SeriesHistory()
  /// Floating-point operations so far, and by outer step; 0 where nobody counted them.
  private(set) var operations = 0.0
  private(set) var work = SeriesHistory()
  /// In percent; empty in regression.
  private(set) var accuracyHistory = SeriesHistory()
  /// The query loss of measured episodes before and after adaptation.
  private(set) var unadaptedHistory = SeriesHistory(capacity: 1024)
  private(set) var adaptedHistory = SeriesHistory(capacity: 1024)
  /// One for each of `description.probes`.
  private(set) var probeHistories: [SeriesHistory]
  /// The norm of the first inner step's gradient, for each of `description.layers`.
  private(set) var innerGradientHistories: [SeriesHistory]
  private(set) var validation: ValidationReport?
  /// Meta-validations so far, oldest first; thinned where there are many.
  private(set) var validations: [ValidationReport] = []
  /// What each held-out task scored in the newest meta-validation: accuracies, or losses.
  private(set) var taskScores: [Float] = []
  /// The newest pictures and what the model says of them.
  private(set) var episode: EpisodeSnapshot?
  /// The newest regression episode and what the model makes of it.
  private(set) var fit: FitSnapshot?
  /// The newest map of a task of two numbers.
  private(set) var map: MapSnapshot?
  private(set) var changes: [Change] = []
  /// All there were, also those that fell off.
  private(set) var changeCount = 0
  /// The newest of what left its band.
  private(set) var divergence: DivergenceReport?
  /// Outer steps whose checkpoints were kept, in order.
  private(set) var keptSteps: [Int] = []
  /// How often its probes are measured, where it trains here and has found that out.
  var pace: ProbePace?
  private(set) var values: [String: Double]
  private(set) var pending: [String: PendingValue] = [:]
  private var probeIndex: [String: Int]
  /// The layers named by probes' keys after a prefix, in the network's order.
  private var probedLayers: [String: [String]]
  /// Probes by the prefix of their keys, in the order of their declaration.
  private var families: [String: [Int]]
  private var innerStepsPerOuterStep: Int
  private var health: ProbeHealth
  /// Probes whose values have left what is healthy with the newest step.
  private(set) var leftHealth: [Int] = []
  private var effects = ChangeEffects()
  /// What a change has done, in the step that completed its measurement.
  private(set) var effect: String?
  /// The inner loop now and then, and the tasks that were shown with their fits.
  private var trajectories = KeptMeasurements<StepProbes>(capacity: 256)
  private var fits = KeptMeasurements<FitSnapshot>(capacity: 32)

  /// Marks on the chart; older ones fall off.
  static let changeLimit = 64
  /// Inner steps and episodes that are counted, whatever a recording says.
  private static let mostSteps = 100_000
  private static let mostEpisodes = 100_000
  static let validationLimit = 512
  /// Checkpoints to choose from; older ones can still be typed.
  static let keptLimit = 100

  init(_ description: RunDescription) {
    self.description = description
    name = description.methodName
    values = description.values
    probeHistories = description.probes.map { _ in SeriesHistory(capacity: 512) }
    innerGradientHistories = description.layers.map { _ in SeriesHistory(capacity: 512) }
    probeIndex = Dictionary(
      zip(description.probes.map(\.key), 0...),
      uniquingKeysWith: { first, _ in first }
    )
    probedLayers = Self.probedLayers(description)
    families = Dictionary(
      grouping: description.probes.indices.filter { description.probes[$0].member != nil },
      by: { String(description.probes[$0].prefix) }
    )
    innerStepsPerOuterStep = 0
    health = ProbeHealth(description.probes)
    updateInnerSteps()
  }

  var id: RunID { description.id }
  var isClassification: Bool { description.task.kind == .classification }
  /// Episodes whose examples can be shown.
  var hasPictures: Bool { isEpisodic && description.task.input != .numbers }
  /// Whether it trains on episodes; else on labelled examples.
  var isEpisodic: Bool { if case .episodes = description.regime { true } else { false } }
  /// Whether it adapts to a task; else there is nothing before and after.
  var isAdapting: Bool { description.adaptation != .none }
  /// Whether each step's loss is on data that the network does not learn from.
  var isLossHeldOut: Bool { description.stepLoss != .training }
  /// What a step's loss is called, in at most ten columns.
  var lossName: String { isLossHeldOut ? "query loss" : "train loss" }
  /// Some episode was measured before and after adaptation.
  var hasGain: Bool { adaptedHistory.last != nil }
  var isOver: Bool { status != .running && status != .paused }

  /// All steps are made, and the meta-test that follows them has not reported yet.
  var isTestUnderWay: Bool {
    status == .finished && description.task.isTested != false && validation?.isMetaTest != true
  }

  /// M, inner steps of one episode, as far as the run has said.
  var adaptationSteps: Int? {
    if let own = hyperparameter(in: .innerSteps).flatMap({ values[$0.id] }).flatMap({
      Int(exactly: $0)
    }) {
      return min(max(own, 0), Self.mostSteps)
    }
    return reading.probes.map { max(0, $0.supportLosses.count - 1) } ?? declaredSteps
  }

  private var declaredSteps: Int? {
    guard case .innerSteps(let count) = description.adaptation else { return nil }
    return min(max(count, 0), Self.mostSteps)
  }

  var step: Int { reading.step }
  /// The newest probes as they stand on the screen, and the step they were measured at.
  var probes: StepProbes? { shown.probes }
  var probeStep: Int { shown.probeStep }
  var queryLoss: SmoothedValue { reading.queryLoss }
  var metaGradientNorm: SmoothedValue { reading.metaGradientNorm }
  /// The numbers as they stand on the screen.
  var shown: Reading { status == .running ? frozen ?? reading : reading }

  /// Keeps `shown` as it is; only while the run trains, for else each step is awaited.
  mutating func holdReading() { if status == .running { frozen = reading } }

  /// Lets `shown` follow again; says whether that changes it.
  mutating func releaseReading() -> Bool {
    defer { frozen = nil }
    return frozen.map { $0 != reading } ?? false
  }

  mutating func record(_ report: DivergenceReport) { divergence = report }

  /// The newest kept checkpoint from before its numbers left their band.
  var lastGoodStep: Int? {
    guard let since = divergence?.since else { return nil }
    return keptSteps.last { $0 < since }
  }

  mutating func record(_ report: StepReport) {
    // Recordings leave steps out.
    let made = min(
      max(report.step.subtractingReportingOverflow(reading.step).partialValue, 1),
      100_000_000
    )
    let (sum, isTooMany) = reading.innerSteps.addingReportingOverflow(innerStepsPerOuterStep * made)
    reading.innerSteps = isTooMany ? .max : sum
    reading.step = report.step
    computingSeconds = report.seconds
    reading.queryLoss.add(report.queryLoss)
    reading.metaGradientNorm.add(report.metaGradientNorm)
    if let accuracy = report.queryAccuracy {
      reading.queryAccuracy.add(accuracy)
      accuracyHistory.add(accuracy * 100, step: report.step)
    }
    history.add(report.queryLoss, step: report.step)
    clock.add(Float(report.seconds), step: report.step)
    if report.operations > 0 {
      operations = report.operations
      work.add(Float(report.operations), step: report.step)
    }
    leftHealth = []
    effect = effects.take(report.queryLoss, step: report.step, seconds: report.seconds).map {
      effect in
      "\(effect.changes.map(words).joined(separator: ", ")): \(effect.text)"
    }
    if let probes = report.probes { record(probes) }
  }

  private mutating func record(_ report: StepProbes) {
    reading.probes = report
    reading.probeStep = step
    trajectories.add(report.trajectory, step: step)
    let before = isAdapting ? report.queryLosses.first : report.supportLosses.first
    if let before { reading.lossBefore.add(before) }
    if isAdapting, let first = report.queryLosses.first, let last = report.queryLosses.last {
      unadaptedHistory.add(first, step: step)
      adaptedHistory.add(last, step: step)
    }
    if innerStepsPerOuterStep == 0 { updateInnerSteps() }
    let norms = report.innerGradientNorms.prefix(innerGradientHistories.count)
    for (index, value) in norms.enumerated() {
      innerGradientHistories[index].add(value, step: step)
    }
    for (index, value) in report.values.prefix(probeHistories.count).enumerated() {
      probeHistories[index].add(value, step: step)
    }
    leftHealth = health.take(report.values)
  }

  mutating func record(_ report: ValidationReport) {
    validation = report
    guard !report.isMetaTest else { return }
    if !report.scores.isEmpty { taskScores = report.scores }
    validations.append(report.shortened)
    if validations.count > Self.validationLimit {
      validations = stride(from: 1, to: validations.count, by: 2).map { validations[$0] }
    }
  }

  mutating func record(_ snapshot: EpisodeSnapshot) { episode = snapshot }

  mutating func record(_ snapshot: FitSnapshot) {
    fit = snapshot
    // Of several tasks that were looked at after one step the first is enough.
    if fits.entries.last?.step != snapshot.step { fits.add(snapshot, step: snapshot.step) }
  }

  /// The same run with the inner loop, the fit and the meta-validation of an earlier step.
  func asOf(_ step: Int) -> Self {
    var run = self
    run.frozen = nil
    if let kept = trajectories.nearest(to: step) {
      (run.reading.probes, run.reading.probeStep) = (kept.value, kept.step)
    }
    run.fit = fits.nearest(to: step)?.value ?? fit
    run.validation = validations.last { $0.step <= step } ?? validation
    return run
  }

  mutating func record(_ snapshot: MapSnapshot) { map = snapshot }

  /// Takes note of a checkpoint; a run that was resumed may tell one twice.
  mutating func keep(_ step: Int) {
    guard !keptSteps.contains(step) else { return }
    if keptSteps.count == Self.keptLimit { keptSteps.removeFirst() }
    keptSteps.append(step)
    keptSteps.sort()
  }

  mutating func setStatus(_ status: RunStatus, step: Int) {
    self.status = status
    reading.step = max(reading.step, step)
    frozen = nil
    if isOver { pending = [:] }
  }

  private mutating func updateInnerSteps() {
    let batch = min(max(description.metaBatchSize, 0), Self.mostEpisodes)
    innerStepsPerOuterStep = (adaptationSteps ?? 0) * batch
  }
}

// MARK: - Probes

extension RunState {
  func has(_ key: String) -> Bool { probeIndex[key] != nil }

  /// The newest value of a probe; nil before the first and for probes the run does not have.
  func probe(_ key: String) -> Float? {
    guard let index = probeIndex[key], let values = probes?.values, index < values.count
    else { return nil }
    return values[index]
  }

  func probeHistory(_ key: String) -> SeriesHistory? {
    probeIndex[key].map { probeHistories[$0] }
  }

  /// The layers for which there is a probe `prefix/<layer>`, in the network's order.
  func layers(with prefix: String) -> [String] { probedLayers[prefix] ?? [] }

  /// For each prefix of probes' keys its layers; found once, not for every frame.
  private static func probedLayers(_ description: RunDescription) -> [String: [String]] {
    var named: [String: [String]] = [:]
    for probe in description.probes {
      guard let slash = probe.key.firstIndex(of: "/") else { continue }
      let layer = String(probe.key[probe.key.index(after: slash)...])
      named[String(probe.key[..<slash]), default: []].append(layer)
    }
    return named.mapValues { layers in
      description.layers.filter(layers.contains)
        + layers.filter { !description.layers.contains($0) }
    }
  }

  func probeDescriptor(_ key: String) -> ProbeDescriptor? {
    probeIndex[key].map { description.probes[$0] }
  }

  /// The probes `prefix/…` in the order of their declaration.
  func family(_ prefix: String) -> [ProbeDescriptor] {
    (families[prefix] ?? []).map { description.probes[$0] }
  }

  /// Keys of probes and families, the families as their members.
  func members(_ keys: [String]) -> [String] {
    keys.flatMap { key in has(key) ? [key] : family(key).map(\.key) }
  }
}

extension ValidationReport {
  /// Inner steps that are kept of a meta-validation, at most.
  private static let keptSteps = 32

  /// Without what nobody asks of an earlier one.
  fileprivate var shortened: Self {
    var report = self
    report.lossByInnerStep = Array(lossByInnerStep.prefix(Self.keptSteps))
    report.accuracyByInnerStep = Array(accuracyByInnerStep.prefix(Self.keptSteps))
    report.scores = []
    return report
  }
}

// MARK: - Hyperparameters

extension RunState {
  func value(_ hyperparameter: HyperparameterDescriptor) -> Double {
    values[hyperparameter.id] ?? hyperparameter.defaultValue
  }

  mutating func request(_ value: Double, for id: String) {
    pending[id] = PendingValue(value: value, outstanding: (pending[id]?.outstanding ?? 0) + 1)
  }

  /// The engine has carried a change out: only now is it the current value.
  mutating func change(_ id: String, to value: Double, step: Int) {
    let change = Change(step: step, id: id, value: value)
    if self.values[id] != value { effects.begin(change) }
    values[id] = value
    changes.append(change)
    changeCount += 1
    if changes.count > Self.changeLimit { changes.removeFirst() }
    updateInnerSteps()
    guard let waiting = pending[id] else { return }
    let isAnswered = waiting.outstanding <= 1 || waiting.value == value
    pending[id] =
      isAnswered
      ? nil : PendingValue(value: waiting.value, outstanding: waiting.outstanding - 1)
  }

  private func words(_ change: Change) -> String {
    "\(change.id) \(hyperparameter(change.id)?.format(change.value) ?? String(change.value))"
  }

  mutating func forgetRequests() { pending = [:] }

  func hyperparameter(_ id: String) -> HyperparameterDescriptor? {
    description.hyperparameters.first { $0.id == id }
  }

  func hyperparameter(
    in role: HyperparameterDescriptor.Role
  ) -> HyperparameterDescriptor? {
    description.hyperparameters.first { $0.role == role }
  }

  /// What switches a part of the method off.
  var partSwitch: HyperparameterDescriptor? {
    description.hyperparameters.first { $0.offValue != nil }
  }
}
