import CellGrid

/// What keys do on every screen: overlays first, then the table.
extension KeyedScreen {
  mutating func handle(_ key: Key) -> [DashboardEffect] {
    if key == .control("c") { return interrupt() }
    if let overlay {
      needsRedraw = true
      return handle(overlay, key)
    }
    if key == .escape {
      needsRedraw = true
      message = nil
      stepBack()
      return []
    }
    switch keys.meaning(of: key, in: contexts) {
    case .action(let binding): return carryOut(binding.action)
    case .beginning:
      needsRedraw = true
      message = nil
      overlay = .chord(key)
      return []
    case nil: return []
    }
  }

  /// The second key of two; what continues nothing is said, and Esc is no key.
  private mutating func handleChord(_ first: Key, _ second: Key) -> [DashboardEffect] {
    overlay = nil
    guard second != .escape else { return [] }
    let chord = KeyChord(first: first, second: second)
    if let binding = keys.binding(for: chord, in: contexts) { return carryOut(binding.action) }
    say("no action has the keys \(chord.written)", isProblem: true)
    return []
  }

  /// Does what an action says, or says why that makes no sense now.
  mutating func carryOut(_ action: Action) -> [DashboardEffect] {
    if let reason = disabledReason(action) {
      say(reason, isProblem: true)
      return []
    }
    message = nil
    needsRedraw = true
    switch action {
    case .quit:
      guard let leaveDialog else { return [.quit] }
      overlay = .leaving(leaveDialog)
    case .suspend: return [.suspend]
    case .redraw: return [.redrawAll]
    case .saveScreen: return [.saveScreen]
    case .toggleRecording: return [.toggleRecording]
    case .toggleHelp: overlay = .help(HelpView())
    case .explain: overlay = .explanation(selected: explainedFirst)
    case .openPalette: overlay = .palette(Palette())
    case .cycleTheme: use(themes.next(after: theme))
    case .chooseTheme(let name): themes.first { $0.name == name }.map { use($0) }
    default: return perform(action)
    }
    return []
  }

  private mutating func use(_ theme: Theme) {
    choose(theme)
    say("theme: \(theme.name)")
  }

  private mutating func handle(_ overlay: Overlay, _ key: Key) -> [DashboardEffect] {
    // Where text is typed Ctrl-L and Ctrl-Z are still what they are everywhere.
    if key == .control("l") { return [.redrawAll] }
    if key == .control("z") { return [.suspend] }
    switch overlay {
    case .help(let help): return handleHelp(help, key)
    case .palette: return handlePalette(key)
    case .search(let search): handleSearch(search, key)
    case .leaving(let dialog): return handleLeaving(dialog, key)
    case .ending: break
    case .chord(let first): return handleChord(first, key)
    case .explanation(let selected): handleExplanation(selected, key)
    case .editor, .form, .goTo: return handleOwn(overlay, key)
    }
    return []
  }

  mutating func paste(_ text: String) {
    guard let overlay else { return }
    needsRedraw = true
    switch overlay {
    case .help(var help):
      guard help.search != nil else { return }
      help.search?.insert(text)
      help.filter = help.search?.text ?? ""
      self.overlay = .help(help)
    case .palette(var palette):
      palette.input.insert(text)
      self.overlay = .palette(palette)
    case .search(var search):
      search.insert(text)
      self.overlay = .search(search)
      filter = search.text
    case .editor(var editor):
      editor.input.insert(text)
      self.overlay = .editor(editor)
    case .form(var form):
      form.insert(text)
      self.overlay = .form(form)
    case .explanation, .goTo, .chord, .leaving, .ending: break
    }
  }

  // MARK: Leaving

  /// Ctrl-C asks like `q`, whatever is open; the second one leaves at once.
  private mutating func interrupt() -> [DashboardEffect] {
    needsRedraw = true
    switch overlay {
    case .leaving, .ending: return [.leaveNow]
    default:
      guard let leaveDialog else { return [.quit] }
      overlay = .leaving(leaveDialog)
      return []
    }
  }

  private mutating func handleLeaving(_ dialog: LeaveDialog, _ key: Key) -> [DashboardEffect] {
    var dialog = dialog
    switch key {
    case .up, .left, .backTab, .character("k"): dialog.move(-1)
    case .down, .right, .tab, .character("j"): dialog.move(1)
    case .enter: return leave(dialog.choice)
    case .escape, .character("q"), .character("s"): return leave(.stay)
    case .character("e"): return leave(.keep)
    case .character("t") where dialog.choices.contains(.test): return leave(.test)
    default: return []
    }
    overlay = .leaving(dialog)
    return []
  }

  mutating func leave(_ choice: LeaveChoice) -> [DashboardEffect] {
    guard choice != .stay else {
      overlay = nil
      return []
    }
    overlay = .ending
    noteEnding(choice)
    return [.end(choice)]
  }

  // MARK: Explanations

  private mutating func handleExplanation(_ selected: Int, _ key: Key) {
    let last = max(explained.count - 1, 0)
    let page = max(1, size.rows / 4)
    func at(_ place: Int) -> Overlay { .explanation(selected: min(max(place, 0), last)) }
    switch key {
    case .escape, .enter, .character("q"), .character("K"): overlay = nil
    case .up, .backTab, .character("k"): overlay = at(selected - 1)
    case .down, .tab, .character("j"), .character(" "): overlay = at(selected + 1)
    case .pageUp: overlay = at(selected - page)
    case .pageDown: overlay = at(selected + page)
    case .home: overlay = at(0)
    case .end: overlay = at(last)
    default: break
    }
  }

  // MARK: Help

  private mutating func handleHelp(_ help: HelpView, _ key: Key) -> [DashboardEffect] {
    var help = help
    if help.search != nil {
      search(in: help, key)
      return []
    }
    let bindings = helpBindings
    let page = max(1, size.rows - 6)
    // The first key marks the first row that is seen; then the mark moves, and the rows with it.
    func move(_ offset: Int) {
      let next = help.selected.map { $0 + offset } ?? max(offset == 1 ? 0 : offset, 0)
      let place = min(max(next, 0), max(bindings.count - 1, 0))
      (help.selected, help.scroll) = (place, place)
    }
    switch key {
    case .escape where !help.filter.isEmpty: (help.filter, help.selected) = ("", nil)
    case .enter where help.selected.map(bindings.indices.contains) == true:
      overlay = nil
      return carryOut(bindings[help.selected ?? 0].action)
    case .escape, .enter, .character("q"), .character("?"):
      overlay = nil
      return []
    case .up, .character("k"): move(-1)
    case .down, .character("j"): move(1)
    case .pageUp: move(-page)
    case .pageDown, .character(" "): move(page)
    case .home: move(-bindings.count)
    case .end: move(bindings.count)
    case .character("/"):
      (help.search, help.filter, help.scroll, help.selected) = (LineInput(), "", 0, nil)
    default: return []
    }
    overlay = .help(help)
    return []
  }

  private mutating func search(in help: HelpView, _ key: Key) {
    var help = help
    switch key {
    case .escape: (help.search, help.filter) = (nil, "")
    case .enter: help.search = nil
    default:
      guard help.search?.take(key) == true else { return }
      help.filter = help.search?.text ?? ""
      help.scroll = 0
    }
    overlay = .help(help)
  }

  // MARK: Search

  private mutating func handleSearch(_ search: LineInput, _ key: Key) {
    var search = search
    switch key {
    case .escape: (overlay, filter) = (nil, "")
    case .enter: overlay = nil
    default:
      guard search.take(key) else { return }
      overlay = .search(search)
      filter = search.text
    }
  }
}
