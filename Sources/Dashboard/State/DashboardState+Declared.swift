import Events

/// The panels that the methods declare.
extension DashboardState {
  /// Their identifiers: the focused method's first, then the others' in the order of the runs.
  var declaredPanels: [String] {
    var ids: [String] = []
    if let focused { ids = focused.description.panels.map(\.id) }
    return ids + panelsInRunOrder.filter { !ids.contains($0) }
  }

  /// All panels, in the order that `p` walks through.
  var panelKinds: [PanelKind] {
    PanelKind.beforeDeclared + panelsInRunOrder.map { .declared($0) } + PanelKind.afterDeclared
  }

  /// The same identifiers in an order that does not change with the focus.
  var panelsInRunOrder: [String] {
    var ids: [String] = []
    for run in runs {
      for panel in run.description.panels where !ids.contains(panel.id) { ids.append(panel.id) }
    }
    return ids
  }

  /// The declared panel that the present preset is about.
  var presetPanel: String? {
    if case .method(let place) = preset { declaredPanels.at(place) } else { nil }
  }

  /// The panel that has the focus at first under a preset, and all of a small screen.
  func panel(of preset: Preset) -> PanelKind {
    switch preset {
    case .overview: .hyperparameters
    case .compare: .chart
    case .method(let place): declaredPanels.at(place).map { .declared($0) } ?? .hyperparameters
    case .innerLoop: .innerLoop
    }
  }

  func title(of kind: PanelKind) -> String {
    switch kind {
    case .chart: "loss curves"
    case .hyperparameters: "hyperparameters"
    case .adaptation: "adaptation"
    case .validation: "meta-validation"
    case .heatmap: "layers over time"
    case .log: "events"
    case .accuracy: "accuracy curves"
    case .gain: "gain of adaptation"
    case .episode: "episode"
    case .innerLoop: "inner loop"
    case .declared(let id): run { $0.panel(id) != nil }?.panel(id)?.title ?? id
    }
  }

  /// What follows `g` to go to each panel: a declared one has the letter it asks for, else the first
  /// free one of its title, else of the alphabet; beyond that it has none.
  var letters: [PanelKind: Character] {
    var letters: [PanelKind: Character] = [:]
    for kind in PanelKind.builtIn { letters[kind] = kind.ownLetter }
    for id in panelsInRunOrder {
      let asked = run { $0.panel(id) != nil }?.panel(id)?.letter ?? ""
      let wanted = asked + title(of: .declared(id)).lowercased() + "abcdefghijklmnopqrstuvwxyz"
      let taken = Set(letters.values)
      letters[.declared(id)] = wanted.first {
        $0.isASCII && $0.isLowercase && !taken.contains($0)
      }
    }
    return letters
  }

  /// The panels that may follow `g`, in the order of `p`.
  var panelsWithLetters: [PanelKind] {
    let letters = letters
    return panelKinds.filter { letters[$0] != nil && disabledReason(.showPanel($0)) == nil }
  }

  /// Gives another run the focus; a preset about a method's own panel goes along.
  mutating func focusRun(_ index: Int) {
    guard runs.indices.contains(index) else { return }
    let isOnPreset = presetPanel.map { panel == .declared($0) } ?? false
    focusedRun = index
    if isOnPreset { panel = panel(of: preset) }
  }
}
