import CellGrid
import Events

extension DashboardState: KeyedScreen {
  /// Takes a key (path B) and returns what must happen outside of the state.
  package mutating func handle(_ input: InputEvent) -> [DashboardEffect] {
    switch input {
    case .key(let key):
      let effects = handle(key)
      // The only key without a screen is Ctrl-C, which asks.
      if isPlain, case .leaving = overlay {
        tellPlainly(leaveLines + ["end, test or stay? Ctrl-C again leaves at once"])
      }
      return effects
    case .background(let isLight):
      takeBackground(isLight: isLight)
      return []
    case .paste(let text):
      if isPlain { return handlePlain(text) }
      // A paste is text, never a row of keys; without an editor there is nowhere to put it.
      paste(text)
      return []
    case .mouse(let action, let row, let column):
      return handle(action, row: row, column: column)
    }
  }

  /// Of the two looks the one that suits the terminal's background, where nobody has chosen any.
  private mutating func takeBackground(isLight: Bool) {
    let name = isLight ? "metatop-light" : "metatop-dark"
    guard followsBackground, chosenTheme == nil, theme.name.hasPrefix("metatop-"),
      theme.name != name,
      let theme = themes.first(where: { $0.name == name })
    else { return }
    self.theme = theme
    needsRedraw = true
  }

  /// While a chart's cursor is out the arrows are the chart's, whatever else has the focus.
  var contexts: [KeyBinding.Context] {
    var contexts: [KeyBinding.Context] = replay == nil ? [] : [.replay]
    if isSlowMotion, panel == .innerLoop { contexts.append(.slowMotion) }
    if panel.isChart { contexts += areValuesZoomed ? [.zoomed, .charts] : [.charts] }
    if panel == .log { contexts.append(.events) }
    return contexts + KeyBinding.Context.dashboard
  }

  // MARK: Leaving

  var leaveDialog: LeaveDialog? {
    guard replay == nil, runs.contains(where: { !$0.isOver }) else { return nil }
    return LeaveDialog(choices: [.keep, .test, .stay])
  }

  func words(_ choice: LeaveChoice) -> (label: String, detail: String) {
    switch choice {
    case .keep:
      ("end and keep", "whole outer steps are kept, and can be resumed")
    case .test: ("finish the step and meta-test now", "kept, with a score")
    case .stay: ("stay", "nothing ends")
    }
  }

  mutating func noteEnding(_ choice: LeaveChoice) { ending = choice }

  /// Esc goes one step back: first what lies over charts and events, then what was opened, down to
  /// the plain layout.
  mutating func stepBack() {
    if !filter.isEmpty || isLogOfFocused {
      (filter, isLogOfFocused) = ("", false)
    } else if logScroll > 0 {
      logScroll = 0
    } else if chart.cursor != nil {
      chart.cursor = nil
    } else if chart.isZoomed {
      chart.showWhole()
    } else if isSlowMotion {
      isSlowMotion = false
    } else if isZoomed {
      isZoomed = false
    } else if panel != panel(of: preset) {
      focus(panel(of: preset))
    } else if preset != .overview {
      choose(.overview)
    }
  }

  // MARK: Overlays of the dashboard alone

  mutating func handleOwn(_ overlay: Overlay, _ key: Key) -> [DashboardEffect] {
    switch overlay {
    case .editor(let editor): return edit(editor, key)
    case .form(let form): return handle(form, key)
    case .goTo: return handleGoTo(key)
    default: break
    }
    return []
  }

  private mutating func handleGoTo(_ key: Key) -> [DashboardEffect] {
    overlay = nil
    guard case .character(let letter) = key, letter != "q" || letters.values.contains("q") else {
      return []
    }
    guard let kind = letters.first(where: { $0.value == letter })?.key else {
      say("no panel has the letter \(letter)", isProblem: true)
      return []
    }
    return carryOut(.showPanel(kind))
  }

  private mutating func edit(_ editor: ValueEditor, _ key: Key) -> [DashboardEffect] {
    var editor = editor
    switch key {
    case .escape: overlay = nil
    case .enter:
      let value = editor.parse()
      overlay = value == nil ? .editor(editor) : nil
      changeCount += 1
      if let value { return change(editor.hyperparameter, to: value, run: editor.run) }
    default:
      if editor.input.take(key) { overlay = .editor(editor) }
    }
    return []
  }

  /// Marks a change as asked for; the value on the screen stays until the engine confirms.
  mutating func request(
    _ value: Double,
    for hyperparameter: HyperparameterDescriptor,
    run: RunID
  ) -> [DashboardEffect] {
    guard let index = index(of: run), !runs[index].isOver else { return [] }
    runs[index].request(value, for: hyperparameter.id)
    if !isShown(.hyperparameters) {
      let value = hyperparameter.format(value)
      say("\(runs[index].name): asked for \(hyperparameter.id) = \(value)")
    }
    return [.send(.setHyperparameter(run, id: hyperparameter.id, value: value))]
  }

  // MARK: The palette

  var unboundActions: [(action: Action, title: String)] {
    panelKinds.map { (.showPanel($0), "panel: \(title(of: $0))") }
      + declaredPanels.indices.map { place in
        let preset = Preset.method(place)
        return (.choosePreset(preset), "layout: \(preset.title)")
      }
      + (focused?.description.hyperparameters ?? []).map {
        (.set($0.id), "type a value: \($0.help)")
      }
      + themes.map { (.chooseTheme($0.name), "theme: \($0.name)") }
  }

  /// `inner-lr 0.1` or `inner-lr=0.1` sets a hyperparameter of the focused method, `maml.inner-lr 0.1`
  /// of the method named.
  mutating func submit(_ text: String) -> [DashboardEffect] {
    let parts = text.split(maxSplits: 1) { $0 == " " || $0 == "=" }.map(String.init)
    let name = parts.first.map { $0.split(separator: ".", maxSplits: 1).map(String.init) } ?? []
    let run =
      name.count == 2 ? runs.first { $0.description.methodID == name[0] } : focused
    guard let run, let id = name.last, let descriptor = run.hyperparameter(id) else {
      let near =
        nearestName(to: parts.first ?? "").map { "; did you mean \($0)?" } ?? "; : lists all"
      say("no action or hyperparameter is called \(text)\(near)", isProblem: true)
      return []
    }
    guard parts.count == 2 else {
      say("\(id) needs a value: \(descriptor.allowed)", isProblem: true)
      return []
    }
    if run.isOver {
      say("\(run.name) has ended (\(run.status.rawValue))", isProblem: true)
      return []
    }
    do throws(HyperparameterError) {
      let value = try descriptor.parse(parts[1])
      changeCount += 1
      return change(descriptor, to: value, run: run.id)
    } catch {
      say(error.description, isProblem: true)
      return []
    }
  }
}
