import CellGrid
import Events

/// Focus, presets, and what is shown and hidden.
extension DashboardState {
  /// What the layout needs to know.
  var needs: ScreenLayout.Needs {
    ScreenLayout.Needs(
      runs: shownRuns.count,
      verdictRows: verdictRows,
      hasAccuracy: isClassification,
      hasPictures: hasPictures,
      hyperparameters: runs.map(\.description.hyperparameters.count).max() ?? 0,
      declared: panelsInRunOrder.map { id in
        let run = run { $0.panel(id) != nil }
        return .init(
          id: id,
          rows: run.flatMap { own in own.panel(id).map { own.rows(of: $0) } } ?? 1,
          isFocused: focused?.panel(id) != nil
        )
      },
      presetPanel: presetPanel,
      panel: panel,
      first: isPanelChosen ? panel : mainChart,
      mainChart: mainChart,
      isZoomed: isZoomed,
      preset: preset,
      hidden: hidden,
      leftShare: leftShare,
      hasAlert: !unwritten.isEmpty,
      heatmapRows: heatmapRun.map { LayerQuantity.rows($0) }
    )
  }

  mutating func focus(_ kind: PanelKind) {
    panel = kind
    hidden.remove(kind)
    if kind.isChart { lastChart = kind }
  }

  mutating func moveFocus(_ offset: Int) {
    let shown = ScreenLayout(size: size, needs: needs).order
    // Where there is one panel only, the focus walks through all.
    let order = shown.count > 1 && !isZoomed ? shown : availablePanels
    guard let place = order.firstIndex(of: panel) else {
      if let first = order.first { focus(first) }
      return
    }
    focus(order[(place + offset + order.count) % order.count])
  }

  mutating func choose(_ choice: Preset) {
    preset = choice
    isZoomed = false
    // A method's own layout is about that method: its hyperparameters come along.
    if let own = presetPanel, focused?.panel(own) == nil,
      let index = runs.firstIndex(where: { $0.panel(own) != nil })
    {
      focusedRun = index
      if let place = declaredPanels.firstIndex(of: own) { preset = .method(place) }
    }
    focus(panel(of: preset))
    if preset == .overview { isPanelChosen = false }
    let name = presetPanel.map { title(of: .declared($0)) } ?? choice.title
    say("layout: \(name)")
  }

  mutating func hidePanel() {
    let name = title(of: panel)
    let order = ScreenLayout(size: size, needs: needs).order
    guard order.count > 1 else {
      say("\(name) is the last panel", isProblem: true)
      return
    }
    hidden.insert(panel)
    panel = order.filter { $0 != panel }.first ?? panel
    say("\(name) hidden; A shows all again")
  }

  mutating func showNextHeatmap() {
    guard let run = heatmapRun else { return }
    let isShown = ScreenLayout(size: size, needs: needs).panels[.heatmap] != nil
    guard isShown else { return focus(.heatmap) }
    heatmap = (heatmap + 1) % LayerQuantity.quantities(of: run).count
  }

  mutating func openSearch() {
    focus(.log)
    overlay = .search(LineInput())
    filter = ""
    logScroll = 0
  }

  /// Whether a panel is on the screen now.
  func isShown(_ kind: PanelKind) -> Bool {
    ScreenLayout(size: size, needs: needs).panels[kind] != nil
  }

  /// The chart's cursor comes out in the chart that is seen, and the arrows are that chart's.
  mutating func toggleCursor() {
    performChart(.toggleCursor)
    guard chart.cursor != nil else { return }
    if !panel.isChart {
      let shown = [PanelKind.gain, .chart, .accuracy].first { isShown($0) }
      focus(shown ?? .chart)
    }
    say("← → move the cursor, c takes it away")
  }

  /// The first method whose card is shown: with more methods than room, those around the focused.
  func firstCard(of layout: ScreenLayout) -> Int {
    let count = layout.cards.filter { !$0.isEmpty }.count
    let shown = shownRuns
    let focus = shown.firstIndex(of: focusedRun) ?? 0
    return max(0, min(focus - count / 2, shown.count - count))
  }
}
