import CellGrid
import Events

/// What the main loop has to do because of a key.
package enum DashboardEffect: Equatable, Sendable {
  case send(Command)
  case quit
  case suspend
  /// Forget what the terminal shows and draw every cell.
  case redrawAll
}

extension DashboardState {
  /// Takes a key (path B) and returns what must happen outside of the state.
  package mutating func handle(_ input: InputEvent) -> [DashboardEffect] {
    switch input {
    case .key(let key): return handle(key)
    case .paste(let text):
      // A paste is text, never a row of keys; without an editor there is nowhere to put it.
      guard editor != nil else { return [] }
      editor?.insert(text)
      needsRedraw = true
      return []
    case .mouse: return []
    }
  }

  private mutating func handle(_ key: Key) -> [DashboardEffect] {
    if key == .control("c") { return [.quit] }
    if editor != nil { return edit(key) }
    if isHelpShown, handleHelp(key) { return [] }
    guard let binding = KeyBinding.binding(for: key) else { return [] }
    if let reason = disabledReason(binding.action) {
      say(reason, isProblem: true)
      return []
    }
    if message?.isProblem == true { message = nil }
    needsRedraw = true
    return perform(binding.action)
  }

  /// Keys that mean something else while the help is open.
  private mutating func handleHelp(_ key: Key) -> Bool {
    switch key {
    case .escape, .enter: isHelpShown = false
    case .up, .character("k"): helpScroll = max(0, helpScroll - 1)
    case .down, .character("j"): helpScroll = min(helpScroll + 1, KeyBinding.all.count - 1)
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
    return request(value, for: editor.hyperparameter, run: editor.run)
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
