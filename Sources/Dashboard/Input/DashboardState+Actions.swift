import CellGrid
import Events

extension DashboardState {
  /// Why an action makes no sense now, as a sentence that says what would; nil when it does.
  func disabledReason(_ action: Action) -> String? {
    switch action {
    case .forkBeforeChange: return reasonAgainstForkBefore
    case .task(let choice): return reasonAgainst(choice)
    default: break
    }
    if replay != nil { return reasonInReplay(action) ?? reasonWhileShown(action) }
    return reasonWhileShown(action)
  }

  /// A recording is looked at, not changed.
  private func reasonInReplay(_ action: Action) -> String? {
    switch action {
    case .increase, .increaseFinely, .decrease, .decreaseFinely, .editValue, .undo,
      .toggleFirstOrder, .togglePart, .toggleFairness, .set:
      "a recorded run cannot be changed"
    default: nil
    }
  }

  private func reasonWhileShown(_ action: Action) -> String? {
    switch action {
    case .replay: return replay == nil ? "this comparison is no recording" : nil
    case .togglePause, .singleStep:
      if replay != nil { return nil }
      return reasonAgainstPace(action)
    case .nextInnerPhase, .previousInnerPhase, .toggleSlowMotion, .showPanel(.innerLoop),
      .choosePreset(.innerLoop):
      return runs.contains(where: \.isAdapting) ? nil : "no method here has an inner loop"
    case .toggleFirstOrder:
      return reasonAgainst("second-order terms") { $0.hyperparameter(in: .firstOrder) != nil }
    case .togglePart:
      return reasonAgainst("a part that can be switched off") { $0.partSwitch != nil }
    case .saveChart:
      return runs.contains { $0.step > 0 } ? nil : "no step has been made yet"
    case .newComparison:
      return formTemplate == nil ? "nothing new can be started from here" : nil
    case .sweep:
      return sweepTemplate == nil || hyperparameter == nil ? "nothing can be swept from here" : nil
    case .leagueTable: return isInsideSweep ? nil : disabledReason(.sweep)
    case .branch:
      guard let focused else { return "there is no run" }
      return branchForms[focused.id] == nil ? "this run cannot be branched from here" : nil
    case .rescue: return reasonAgainstRescue
    case .undo: return lastUndoable == nil ? "no change of a value to take back" : nil
    case .focusNext, .focusPrevious, .events: return nil
    case .nextHeatmap, .showPanel(.heatmap):
      return runs.contains { !LayerQuantity.quantities(of: $0).isEmpty }
        ? nil : "no method here measures layers"
    case .choosePreset(.method(let place)): return reasonAgainst(panel: place)
    case .hidePanel:
      return size.columns >= 110 && size.rows >= 30
        ? nil : "hiding needs a screen that shows all panels"
    case .showAllPanels: return hidden.isEmpty ? "no panel is hidden" : nil
    case .nextRun, .previousRun: return runs.count > 1 ? nil : "there is only one method"
    case .increase, .increaseFinely, .decrease, .decreaseFinely, .editValue, .set:
      return reasonAgainstHidden ?? reasonAgainstChange(action)
    case .nextHyperparameter, .previousHyperparameter: return reasonAgainstHidden
    case .slowMotion: return isSlowMotion ? nil : "nothing moves by itself; S begins it"
    case .table: return "this is no sweep"
    case .toggleFairness:
      if runs.allSatisfy(\.isOver) { return "all runs have ended" }
      return runs.count > 1 ? nil : "fairness needs two methods"
    case .cycleTheme: return themes.count > 1 ? nil : "there is only one theme"
    case .showPanel(.declared(let id)):
      return runs.contains { $0.panel(id) != nil } ? nil : "no method here has this panel"
    case .showPanel(.accuracy), .toggleAccuracy:
      return isClassification ? nil : "regression has no accuracy"
    case .showPanel(.gain): return hasGain ? nil : "no method here adapts"
    case .showPanel(.episode): return hasPictures ? nil : "this task has no pictures"
    case .quit, .suspend, .redraw, .choosePreset, .forkBeforeChange, .task,
      .saveScreen, .toggleRecording, .widenLeft, .narrowLeft, .openPalette, .openSearch, .goTo,
      .copyCommandLine, .chooseTheme, .nextPanel, .showPanel, .toggleZoom, .toggleHelp, .explain:
      return nil
    case .toggleLogarithmic, .cycleSmoothing: return reasonAgainstChart
    case .toggleSeeds:
      return series.contains { $0.runs.count > 1 } ? nil : "no method here has several seeds"
    case .chart(let action): return reasonAgainstChart ?? disabledReason(action)
    }
  }

  /// No value changes that is not on the screen.
  private var reasonAgainstHidden: String? {
    isZoomed && panel != .hyperparameters
      ? "the hyperparameters are hidden; Esc shows all panels" : nil
  }

  /// A panel that is alone on the screen hides the charts, which would change unseen.
  private var reasonAgainstChart: String? {
    isZoomed && !panel.isChart ? "the charts are hidden; v shows all panels" : nil
  }

  private func reasonAgainstPace(_ action: Action) -> String? {
    guard action == .singleStep else {
      return runs.contains { !$0.isOver } ? nil : "all runs have ended"
    }
    if runs.contains(where: { $0.status == .running }) { return "pause first (space)" }
    return runs.contains { $0.status == .paused } ? nil : "all runs have ended"
  }

  private func disabledReason(_ action: ChartAction) -> String? {
    if action == .nextArrangement { return runs.count > 1 ? nil : "there is only one method" }
    return runs.contains { $0.step > 0 } ? nil : "no step has been made yet"
  }

  private func reasonAgainst(panel place: Int) -> String? {
    if declaredPanels.indices.contains(place) { return nil }
    return declaredPanels.isEmpty
      ? "no method here has a panel of its own" : "the methods here have fewer panels of their own"
  }

  private func reasonAgainst(_ what: String, _ has: (RunState) -> Bool) -> String? {
    let having = runs.filter(has)
    if having.isEmpty { return "no method here has \(what)" }
    return having.allSatisfy(\.isOver) ? "all runs have ended" : nil
  }

  private func reasonAgainstChange(_ action: Action) -> String? {
    guard let run = focused else { return "no run has started yet" }
    guard let hyperparameter else { return "\(run.name) has no hyperparameters" }
    if run.isOver { return "\(run.name) has ended (\(run.status.rawValue))" }
    if case .set = action { return nil }
    if action == .editValue { return nil }
    return nextStep(action) == nil
      ? "\(hyperparameter.id) is at its end; use \(hyperparameter.allowed)" : nil
  }

  /// The step an action makes on the hyperparameter's own scale, from the value asked for last; the
  /// opposite key leads back to where the last one came from, though that is not on the scale.
  private func nextStep(_ action: Action) -> SteppedValue? {
    guard let run = focused, let hyperparameter else { return nil }
    let base = run.pending[hyperparameter.id]?.value ?? run.value(hyperparameter)
    let isUp = action == .increase || action == .increaseFinely
    let isFine = action == .increaseFinely || action == .decreaseFinely
    var step = SteppedValue(
      run: run.id,
      id: hyperparameter.id,
      from: base,
      to: base,
      isUp: isUp,
      isFine: isFine
    )
    if let last = trail.last, last.run == run.id, last.id == step.id, last.to == base,
      last.isUp != isUp, last.isFine == isFine
    {
      step.to = last.from
      return step
    }
    guard let next = hyperparameter.stepped(from: base, up: isUp, fine: isFine) else { return nil }
    step.to = next
    return step
  }

  private mutating func step(_ action: Action) -> [DashboardEffect] {
    guard let hyperparameter, let step = nextStep(action) else { return [] }
    let isBack = trail.last.map { $0.isUp != step.isUp && $0.from == step.to } ?? false
    if isBack { trail.removeLast() } else { trail.append(step) }
    if trail.count > UndoableChange.limit { trail.removeFirst() }
    return change(hyperparameter, to: step.to, run: step.run)
  }

  private mutating func togglePause() -> [DashboardEffect] {
    if let replay { return [.send(replay.isPaused ? .resume : .pause)] }
    let isRunning = runs.contains { $0.status == .running } && !isPausing
    isPausing = isRunning
    return [.send(isRunning ? .pause : .resume)]
  }

  mutating func perform(_ action: Action) -> [DashboardEffect] {
    if action != .increase, action != .decrease, action != .increaseFinely,
      action != .decreaseFinely, action != .undo
    {
      trail = []
    }
    changeCount += 1
    if Self.hyperparameterActions.contains(action) {
      let wasShown = isShown(.hyperparameters)
      panel = .hyperparameters
      guard wasShown else {
        say("the hyperparameters come first; the next key changes them")
        return []
      }
    }
    switch action {
    case .leagueTable where isInsideSweep: return [.quit]
    case .togglePause: return togglePause()
    case .singleStep: return [.send(.singleStep)]
    case .toggleFairness:
      let next = (pendingFairness ?? fairness).next
      pendingFairness = next
      return [.send(.setFairness(next))]
    case .increase, .increaseFinely, .decrease, .decreaseFinely: return step(action)
    case .undo: return undo()
    case .replay(let command): return [.send(.replay(command))]
    case .nextInnerPhase: return walkOn()
    case .toggleFirstOrder: return toggleFirstOrder()
    case .togglePart: return togglePart()
    case .saveChart: return [.saveTable(chartRows)]
    case .task(let choice): return chooseTask(choice)
    case .rescue: return rescueValues.map { [.startComparison($0)] } ?? []
    case .copyCommandLine:
      return copyCommand()
    default:
      performView(action)
      return []
    }
  }

  /// What these do is seen in the hyperparameters' panel, so it comes forward.
  private static let hyperparameterActions: Set<Action> = [
    .nextHyperparameter, .previousHyperparameter, .increase, .decrease, .increaseFinely,
    .decreaseFinely, .editValue,
  ]

  /// Actions that only change what is shown.
  private mutating func performView(_ action: Action) {
    switch action {
    case .nextRun: focusRun((focusedRun + 1) % max(runs.count, 1))
    case .previousRun: focusRun((focusedRun + max(runs.count, 1) - 1) % max(runs.count, 1))
    case .nextHyperparameter: moveSelection(1)
    case .previousHyperparameter: moveSelection(-1)
    case .editValue:
      guard let run = focused, let hyperparameter else { return }
      overlay = .editor(ValueEditor(run: run.id, hyperparameter: hyperparameter))
    case .set(let id):
      guard let run = focused, let own = run.hyperparameter(id) else { return }
      selectedHyperparameter = run.description.hyperparameters.firstIndex { $0.id == id } ?? 0
      overlay = .editor(ValueEditor(run: run.id, hyperparameter: own))
    case .toggleLogarithmic:
      isLogarithmic.toggle()
      chart.forgetValues()
    case .chart(.toggleCursor): toggleCursor()
    case .toggleSeeds:
      areSeedsApart.toggle()
      say(areSeedsApart ? "each seed" : "seeds as one series, mean and 95 % band")
    case .chart(let action):
      performChart(action)
      performValues(action)
    case .cycleSmoothing: smoothing = smoothing.following
    case .focusNext: moveFocus(1)
    case .focusPrevious: moveFocus(-1)
    case .nextPanel: focus(availablePanels.next(after: panel))
    // As with accuracy, the same key gives the curves back.
    case .showPanel(.gain) where panel == .gain: focus(.chart)
    case .showPanel(let kind): focus(kind)
    case .choosePreset(let choice): choose(choice)
    case .hidePanel: hidePanel()
    case .showAllPanels:
      hidden = []
      say("all panels are shown")
    case .widenLeft: leftShare = min(75, leftShare + 3)
    case .narrowLeft: leftShare = max(25, leftShare - 3)
    case .nextHeatmap: showNextHeatmap()
    case .previousInnerPhase: walkBack()
    case .toggleSlowMotion: toggleSlowMotion()
    case .slowMotion(let faster): changePace(faster: faster)
    case .newComparison: open(formTemplate)
    case .sweep: open(sweepForm)
    case .leagueTable:
      open(sweepForm)
      say("there is no sweep yet; this form begins one")
    case .branch: open(branchForm)
    case .forkBeforeChange:
      guard var form = branchForm, let step = stepBeforeChange else { return }
      form.fill("checkpoint", with: String(step))
      open(form)
    case .openSearch: openSearch()
    case .events(let action): performEvents(action)
    case .goTo: overlay = .goTo
    case .toggleAccuracy: focus(panel == .accuracy ? .chart : .accuracy)
    case .toggleZoom: isZoomed.toggle()
    default: break
    }
  }

  mutating func moveSelection(_ offset: Int) {
    let count = focused?.description.hyperparameters.count ?? 0
    guard count > 0 else { return }
    selectedHyperparameter = (min(selectedHyperparameter, count - 1) + offset + count) % count
  }

  private mutating func open(_ form: ComparisonForm?) { overlay = form.map(Overlay.form) }

  /// The form of a branch of the focused run, with the checkpoints that were kept.
  private var branchForm: ComparisonForm? {
    guard let focused, var form = branchForms[focused.id] else { return nil }
    form.offer("checkpoint", focused.keptSteps.reversed().map(String.init))
    // A run that has made all its steps needs more of them.
    if focused.isOver { form.fill("steps", with: String(2 * focused.description.totalSteps)) }
    // What has ended stands beside it as it was recorded.
    if runs.allSatisfy(\.isOver) { form.fill("beside", with: "nothing") }
    return form
  }

  /// Whether a key of the footer belongs to this kind of task at all.
  func mayEverApply(_ action: Action) -> Bool {
    switch action {
    case .toggleAccuracy: isClassification
    case .chart(.nextArrangement), .nextRun, .previousRun: runs.count > 1
    case .nextInnerPhase, .previousInnerPhase, .toggleSlowMotion: runs.contains(where: \.isAdapting)
    case .showPanel(.gain): hasGain
    case .showPanel(.episode): hasPictures
    default: true
    }
  }

  func hint(_ binding: KeyBinding) -> String? {
    guard binding.action == .togglePause else { return binding.hint }
    return isPaused || isPausing ? "resume" : "pause "
  }

  mutating func choose(_ theme: Theme) {
    self.theme = theme
    chosenTheme = theme.name
  }

  /// Of the selected hyperparameter, where those have the focus.
  var explainedFirst: Int { panel == .hyperparameters ? selectedHyperparameter : 0 }

  /// Panels that have something to show.
  var availablePanels: [PanelKind] {
    panelKinds.filter { disabledReason(.showPanel($0)) == nil }
  }
}
