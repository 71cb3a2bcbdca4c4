import CellGrid
import Events

extension DashboardState {
  /// Folds what a run tells into the state: path A.
  ///
  /// A step costs some arithmetic in buffers that exist already, whatever number it has.
  package mutating func apply(_ event: RunEvent) {
    // A recording that stands still says so again and again.
    if case .replayed(let status) = event, status == replay { return }
    needsRedraw = true
    standing.apply(event)
    switch event {
    case .step(let report):
      if let index = index(of: report.run) {
        runs[index].record(report)
        if !runs[index].leftHealth.isEmpty { tellHealth(of: index) }
        if let effect = runs[index].effect {
          log.add(.effect, run: report.run, step: report.step, effect)
        }
      }
    case .started(let description): start(description)
    case .validation(let report): record(report)
    case .episode(let snapshot):
      if let index = index(of: snapshot.run) { runs[index].record(snapshot) }
    case .fit(let snapshot):
      if let index = index(of: snapshot.run) { runs[index].record(snapshot) }
    case .map(let snapshot):
      if let index = index(of: snapshot.run) { runs[index].record(snapshot) }
    case .statusChanged(let id, let status, let step): setStatus(id, status, step)
    case .diverging(let report): record(report)
    case .hyperparameterChanged(let id, let name, let value, let step):
      changeHyperparameter(id, name, value, step)
    case .commandRefused(let id, let reason, let step): refuse(id, reason, step)
    case .fairnessChanged(let value): changeFairness(value)
    case .probesPaced(let id, let pace):
      if let index = index(of: id) { runs[index].pace = pace }
    case .checkpointKept(let id, let step):
      // The form of a branch offers it; a line for each would push the others out of the log.
      if let index = index(of: id) { runs[index].keep(step) }
    case .checkpointWritten(let id, let step): checkpointSteps[id] = step
    case .recordingFailed(let id, let file, let reason):
      unwritten["\(id.rawValue) \(file)"] = reason.map { "\(file) cannot be written (\($0))" }
    case .replayed(let status): replay = status
    case .readingPast(let id): readPast(of: id)
    case .sweep: break
    case .note(let id, let text): log.add(.note, run: id, step: nil, text)
    }
  }

  /// Counts events that the bus had to drop because the screen was too slow; it says so.
  package mutating func noteDropped(_ count: Int) {
    guard count > 0 else { return }
    dropped += count
    needsRedraw = true
  }

  private mutating func start(_ description: RunDescription) {
    endedAt = nil
    let run = RunState(description)
    if let index = index(of: description.id) {
      runs[index] = run
    } else {
      runs.append(run)
      runs.sort { $0.id < $1.id }
    }
    tellApart()
    if awaitsPresetPanel, presetPanel != nil {
      awaitsPresetPanel = false
      panel = panel(of: preset)
    }
    let task = description.task
    log.add(
      .status,
      run: description.id,
      step: nil,
      "started: \(Numbers.grouped(description.totalSteps)) outer steps, "
        + "\(description.model) on \(task.name)"
    )
  }

  /// Each its recorded colour, or one that nobody has, and its name.
  private mutating func tellApart() {
    let wishes = runs.map { run in
      let id = run.description.methodID
      let preferred = preferredColors[id] ?? ColorChoice.preferred(by: id)
      return ColorChoice.Wish(recorded: run.description.color, preferred: preferred)
    }
    series = Self.series(runs.map(\.description))
    let names = RunNames.names(of: runs.map(\.description))
    for index in runs.indices { runs[index].name = names[index] }
    // The first of each series before its further seeds, which stand behind it.
    let order = series.compactMap(\.runs.first) + series.flatMap { $0.runs.dropFirst() }
    for (index, color) in zip(order, ColorChoice.choose(order.map { wishes[$0] })) {
      runs[index].color = color
    }
  }

  private mutating func record(_ report: ValidationReport) {
    guard let index = index(of: report.run) else { return }
    runs[index].record(report)
    let name = report.isMetaTest ? "meta-test" : "val"
    guard let result = runs[index].validation else { return }
    let accuracy = result.accuracy95.map { "accuracy \($0.text), " } ?? ""
    let text = "\(name) \(accuracy)loss \(result.loss95.text)"
    log.add(.validation, run: report.run, step: report.step, text)
  }

  private mutating func record(_ report: DivergenceReport) {
    guard let index = index(of: report.run) else { return }
    runs[index].record(report)
    log.add(.failure, run: report.run, step: report.step, report.sentence)
    let key = keys.bindings.first { $0.action == .rescue }?.label ?? ":"
    let offer = focusedRun == index ? rescueOffer.map { "; \(key): \($0)" } ?? "" : ""
    say("\(runs[index].name) \(report.sentence)\(offer)", isProblem: true)
  }

  /// A number of a method's own has been outside of what is healthy for long: once, until it is back.
  private mutating func tellHealth(of index: Int) {
    let run = runs[index]
    for place in run.leftHealth {
      let probe = run.description.probes[place]
      guard let healthy = probe.healthy else { continue }
      let value = run.probe(probe.key).map { Numbers.measured($0) } ?? "–"
      let text = "\(probe.label) \(value) is not healthy: \(healthy.words)"
      log.add(.warning, run: run.id, step: run.step, text)
    }
  }

  private mutating func setStatus(_ id: RunID, _ status: RunStatus, _ step: Int) {
    guard let index = index(of: id), runs[index].status != status else { return }
    runs[index].setStatus(status, step: step)
    if !runs.contains(where: { $0.status == .running }) { isPausing = false }
    let kind: EventLog.Kind = status == .diverged ? .failure : .status
    let text =
      status == .diverged
      ? "diverged: \(runs[index].divergence?.quantity ?? "a loss or gradient") was not finite; the last good "
        + "parameters are kept" : status.rawValue
    log.add(kind, run: id, step: step, text)
    endedAt = runs.allSatisfy(\.isOver) ? now : nil
    if runs[index].isOver, editor?.run == id { editor = nil }
  }

  private mutating func changeHyperparameter(
    _ id: RunID,
    _ name: String,
    _ value: Double,
    _ step: Int
  ) {
    guard let index = index(of: id) else { return }
    let descriptor = runs[index].hyperparameter(name)
    let before = descriptor.map { $0.format(runs[index].value($0)) }
    runs[index].change(name, to: value, step: step)
    let after = descriptor?.format(value) ?? String(value)
    log.add(.change, run: id, step: step, "\(name) \(before.map { "\($0) → " } ?? "")\(after)")
  }

  private mutating func refuse(_ id: RunID?, _ reason: String, _ step: Int) {
    // A value is always refused in the name of its run; what concerns all runs has none.
    if let id, let index = index(of: id) { runs[index].forgetRequests() }
    if id == nil { pendingFairness = nil }
    log.add(.refusal, run: id, step: step, "refused: \(reason)")
    say(reason, isProblem: true)
  }

  private mutating func changeFairness(_ value: Fairness) {
    let isNews = fairness != value || pendingFairness != nil
    if pendingFairness != nil { say("fairness: \(value.title)") }
    fairness = value
    pendingFairness = nil
    if isNews { log.add(.change, run: nil, step: nil, "fairness: \(value.title)") }
  }
}

extension Fairness {
  var title: String { self == .equalSteps ? "equal steps" : "equal compute" }

  var next: Self { self == .equalSteps ? .equalCompute : .equalSteps }
}
