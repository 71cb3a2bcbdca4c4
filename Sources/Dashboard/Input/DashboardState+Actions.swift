import CellGrid
import Events

extension DashboardState {
  /// Why an action makes no sense now, as a sentence that says what would; nil when it does.
  func disabledReason(_ action: Action) -> String? {
    switch action {
    case .togglePause: return runs.contains { !$0.isOver } ? nil : "all runs have ended"
    case .singleStep:
      if runs.contains(where: { $0.status == .running }) { return "pause first (space)" }
      return runs.contains { $0.status == .paused } ? nil : "all runs have ended"
    case .nextRun, .previousRun: return runs.count > 1 ? nil : "there is only one method"
    case .increase, .increaseFinely, .decrease, .decreaseFinely, .editValue:
      return reasonAgainstChange(action)
    case .toggleFairness:
      if runs.allSatisfy(\.isOver) { return "all runs have ended" }
      return runs.count > 1 ? nil : "fairness needs two methods"
    case .cycleTheme: return themes.count > 1 ? nil : "there is only one theme"
    case .showPanel(.coLearner):
      return runs.contains(where: \.hasCoLearner) ? nil : "no method here has a co-learner"
    case .showPanel(.perturbation):
      return runs.contains(where: \.hasPerturbation) ? nil : "no method here has a perturbation"
    case .showPanel(.accuracy), .toggleAccuracy:
      return isClassification ? nil : "regression has no accuracy"
    case .showPanel(.episode): return isClassification ? nil : "regression has no pictures"
    case .quit, .suspend, .redraw, .nextHyperparameter, .previousHyperparameter,
      .toggleLogarithmic, .cycleSmoothing, .nextPanel, .showPanel, .toggleZoom, .toggleHelp:
      return nil
    }
  }

  private func reasonAgainstChange(_ action: Action) -> String? {
    guard let run = focused else { return "no run has started yet" }
    guard let hyperparameter else { return "\(run.name) has no hyperparameters" }
    if run.isOver { return "\(run.name) has ended (\(run.status.rawValue))" }
    if action == .editValue { return nil }
    return nextValue(action) == nil
      ? "\(hyperparameter.id) is at its end; use \(hyperparameter.allowed)" : nil
  }

  /// The value an action leads to on the hyperparameter's own scale, from the value asked for last.
  private func nextValue(_ action: Action) -> Double? {
    guard let run = focused, let hyperparameter else { return nil }
    let base = run.pending[hyperparameter.id]?.value ?? run.value(hyperparameter)
    return hyperparameter.stepped(
      from: base,
      up: action == .increase || action == .increaseFinely,
      fine: action == .increaseFinely || action == .decreaseFinely
    )
  }

  mutating func perform(_ action: Action) -> [DashboardEffect] {
    if Self.hyperparameterActions.contains(action), !isZoomed { panel = .hyperparameters }
    switch action {
    case .quit: return [.quit]
    case .suspend: return [.suspend]
    case .redraw: return [.redrawAll]
    case .togglePause:
      return [.send(runs.contains { $0.status == .running } ? .pause : .resume)]
    case .singleStep: return [.send(.singleStep)]
    case .toggleFairness:
      let next = (pendingFairness ?? fairness).next
      pendingFairness = next
      return [.send(.setFairness(next))]
    case .increase, .increaseFinely, .decrease, .decreaseFinely:
      guard let run = focused, let hyperparameter, let value = nextValue(action) else { return [] }
      return request(value, for: hyperparameter, run: run.id)
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
    case .nextRun: focusedRun = (focusedRun + 1) % max(runs.count, 1)
    case .previousRun: focusedRun = (focusedRun + max(runs.count, 1) - 1) % max(runs.count, 1)
    case .nextHyperparameter: moveSelection(1)
    case .previousHyperparameter: moveSelection(-1)
    case .editValue:
      guard let run = focused, let hyperparameter else { return }
      editor = ValueEditor(run: run.id, hyperparameter: hyperparameter)
    case .toggleLogarithmic: isLogarithmic.toggle()
    case .cycleSmoothing: smoothing = smoothing.next
    case .cycleTheme: nextTheme()
    case .nextPanel: choose(availablePanels.next(after: panel))
    case .showPanel(let kind): choose(kind)
    case .toggleAccuracy: choose(panel == .accuracy ? .chart : .accuracy)
    case .toggleZoom: isZoomed.toggle()
    case .toggleHelp:
      isHelpShown.toggle()
      helpScroll = 0
    default: break
    }
  }

  private mutating func choose(_ kind: PanelKind) {
    panel = kind
    if kind.isChart { lastChart = kind }
  }

  private mutating func moveSelection(_ offset: Int) {
    let count = focused?.description.hyperparameters.count ?? 0
    guard count > 0 else { return }
    selectedHyperparameter = (min(selectedHyperparameter, count - 1) + offset + count) % count
  }

  private mutating func nextTheme() {
    theme = themes.next(after: theme)
    say("theme: \(theme.name)")
  }

  /// Whether a key of the footer belongs to this kind of task at all.
  func mayEverApply(_ action: Action) -> Bool {
    isClassification || (action != .toggleAccuracy && action != .showPanel(.episode))
  }

  /// Panels that have something to show.
  var availablePanels: [PanelKind] {
    PanelKind.allCases.filter { disabledReason(.showPanel($0)) == nil }
  }
}

extension Array where Element: Equatable {
  /// The element after the first that equals `element`, around the end.
  func next(after element: Element) -> Element {
    guard let index = firstIndex(of: element) else { return first ?? element }
    return self[(index + 1) % count]
  }
}
