import CellGrid
import Events

/// What the main loop has to do because of a key.
package enum DashboardEffect: Equatable, Sendable {
  case send(Command)
  case quit
  case suspend
  /// Give a text to the terminal's clipboard.
  case copy(String)
  /// Write the runs' options with these changes to a file, and copy the command that names it.
  case copyChanges([LiveChange])
  /// Write the screen to files.
  case saveScreen
  /// Write a table's rows, the head first, to a file.
  case saveTable([[String]])
  /// Begin to record what the screen shows, or end it.
  case toggleRecording
  /// Say whether a form's values can be trained, and what that takes.
  case checkComparison([String: String])
  /// End this comparison and start the one of these values.
  case startComparison([String: String])
  /// Forget what the terminal shows and draw every cell.
  case redrawAll
  /// Show these run directories in a dashboard of their own, which begins with an action where one
  /// is named, and then this screen again.
  case openRuns([String], action: String? = nil)
  /// Change how a sweep is made.
  case steer(SweepSteering)
  /// End the sweep and train with the values of one of its combinations.
  case adopt(SweepSnapshot.Row)
}

extension DashboardState {
  /// Takes a key (path B) and returns what must happen outside of the state.
  package mutating func handle(_ input: InputEvent) -> [DashboardEffect] {
    switch input {
    case .key(let key): return handle(key)
    case .paste(let text):
      // A paste is text, never a row of keys; without an editor there is nowhere to put it.
      paste(text)
      return []
    case .mouse(let action, let row, let column):
      handle(action, row: row, column: column)
      return []
    }
  }

  private mutating func handle(_ key: Key) -> [DashboardEffect] {
    if key == .control("c") { return [.quit] }
    if editor != nil { return edit(key) }
    if form != nil { return handleForm(key) }
    if palette != nil { return handlePalette(key) }
    if search != nil { return handleSearch(key) }
    if isGoingTo { return handleGoTo(key) }
    if isHelpShown, handleHelp(key) { return [] }
    if key == .escape { leave() }
    guard let binding = keys.binding(for: key, on: panel, isReplay: replay != nil) else {
      return []
    }
    return carryOut(binding.action)
  }

  /// Does what an action says, or says why that makes no sense now.
  mutating func carryOut(_ action: Action) -> [DashboardEffect] {
    if let reason = disabledReason(action) {
      say(reason, isProblem: true)
      return []
    }
    if message?.isProblem == true { message = nil }
    needsRedraw = true
    return perform(action)
  }

  /// Esc takes back what lies over the charts and the log: first the filter, then the cursor.
  private mutating func leave() {
    needsRedraw = true
    if !filter.isEmpty { filter = "" } else { chart.cursor = nil }
  }

  private mutating func paste(_ text: String) {
    if editor != nil {
      editor?.insert(text)
    } else if form != nil {
      form?.insert(text)
    } else if palette != nil {
      palette?.input.insert(text)
    } else if search != nil {
      search?.insert(text)
      filter = search?.text ?? ""
    } else {
      return
    }
    needsRedraw = true
  }

  private mutating func handleSearch(_ key: Key) -> [DashboardEffect] {
    needsRedraw = true
    switch key {
    case .escape:
      (search, filter) = (nil, "")
      return []
    case .enter: search = nil
    case .backspace: search?.deleteLast()
    case .character(let character): search?.insert(String(character))
    default: break
    }
    if let search { filter = search.text }
    return []
  }

  private mutating func handleGoTo(_ key: Key) -> [DashboardEffect] {
    isGoingTo = false
    needsRedraw = true
    guard case .character(let letter) = key else { return [] }
    guard let kind = letters.first(where: { $0.value == letter })?.key else {
      say("no panel has the letter \(letter)", isProblem: true)
      return []
    }
    return carryOut(.showPanel(kind))
  }

  /// A click focuses a panel and puts a chart's cursor; the wheel zooms a chart or scrolls help.
  private mutating func handle(_ action: MouseAction, row: Int, column: Int) {
    guard editor == nil, palette == nil, form == nil, action != .release else { return }
    needsRedraw = true
    if isHelpShown {
      helpScroll = max(0, helpScroll + (action == .wheelDown ? 1 : action == .wheelUp ? -1 : 0))
      return
    }
    let layout = ScreenLayout(size: size, needs: needs)
    if action == .press, let card = layout.card(atRow: row, column: column) {
      let first = firstCard(of: layout)
      focusRun(shownRuns.at(first + card) ?? focusedRun)
      return
    }
    guard let kind = layout.panel(atRow: row, column: column), let rect = layout.panels[kind]
    else { return }
    focus(kind)
    guard kind.isChart, runs.contains(where: { $0.step > 0 }) else { return }
    let plot = ScreenLayout.plotArea(rect.inset(vertical: 1, horizontal: 2))
    if let place = LineChart.place(column: column, in: plot, window: shownAxis) {
      chart.cursor = min(place, newestOnAxis)
    }
    if action != .press { performChart(action == .wheelUp ? .zoomIn : .zoomOut) }
  }

  /// Keys that mean something else while the help is open.
  private mutating func handleHelp(_ key: Key) -> Bool {
    switch key {
    case .escape, .enter: isHelpShown = false
    case .up, .character("k"): helpScroll = max(0, helpScroll - 1)
    case .down, .character("j"): helpScroll = min(helpScroll + 1, keys.bindings.count - 1)
    default: return false
    }
    needsRedraw = true
    return true
  }

  private mutating func edit(_ key: Key) -> [DashboardEffect] {
    needsRedraw = true
    switch key {
    case .escape: editor = nil
    case .backspace: editor?.deleteLast()
    case .character(let character): editor?.insert(String(character))
    case .enter: return submit()
    case .control("l"): return [.redrawAll]
    case .control("z"): return [.suspend]
    default: break
    }
    return []
  }

  private mutating func submit() -> [DashboardEffect] {
    guard let value = editor?.parse(), let editor else { return [] }
    self.editor = nil
    return change(editor.hyperparameter, to: value, run: editor.run)
  }

  /// Marks a change as asked for; the value on the screen stays until the engine confirms.
  mutating func request(
    _ value: Double,
    for hyperparameter: HyperparameterDescriptor,
    run: RunID
  ) -> [DashboardEffect] {
    guard let index = index(of: run), !runs[index].isOver else { return [] }
    runs[index].request(value, for: hyperparameter.id)
    if isZoomed, panel != .hyperparameters {
      let value = hyperparameter.format(value)
      say("\(runs[index].name): asked for \(hyperparameter.id) = \(value)")
    }
    return [.send(.setHyperparameter(run, id: hyperparameter.id, value: value))]
  }
}
