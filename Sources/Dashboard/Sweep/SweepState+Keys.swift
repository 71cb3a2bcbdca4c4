import CellGrid
import Events

/// What keys do on the screen of a sweep.
extension SweepState: KeyedScreen {
  package mutating func handle(_ input: InputEvent) -> [DashboardEffect] {
    switch input {
    case .key(let key): return handle(key)
    case .paste(let text): paste(text)
    case .background: break
    case .mouse(let action, let row, let column):
      return handle(action, row: row, column: column)
    }
    return []
  }

  var contexts: [KeyBinding.Context] { [.table, .always] }

  var unboundActions: [(action: Action, title: String)] {
    themes.map { (.chooseTheme($0.name), "theme: \($0.name)") }
  }

  /// The words that rows must contain; the same combination stays selected.
  var filter: String {
    get { choice.filter }
    set {
      guard choice.filter != newValue else { return }
      let chosen = isFollowed ? selectedRow : nil
      choice.filter = newValue
      follow(chosen)
    }
  }

  mutating func stepBack() { filter = "" }
  mutating func choose(_ theme: Theme) {
    self.theme = theme
    chosenTheme = theme.name
  }
  mutating func handleOwn(_ overlay: Overlay, _ key: Key) -> [DashboardEffect] { [] }
  mutating func noteEnding(_ choice: LeaveChoice) {}

  mutating func submit(_ text: String) -> [DashboardEffect] {
    say("no action is called \(text); : lists all", isProblem: true)
    return []
  }

  // MARK: Leaving

  private var isMade: Bool { isOwner && snapshot?.isOver != true }

  var leaveDialog: LeaveDialog? {
    isMade ? LeaveDialog(choices: [.keep, .stay]) : nil
  }

  func words(_ choice: LeaveChoice) -> (label: String, detail: String) {
    choice == .stay
      ? ("stay", "nothing ends")
      : ("stop and keep", "with checkpoints, and the sweep can go on")
  }

  var leaveLines: [String] {
    guard let snapshot else { return [] }
    return [
      "\(snapshot.ended) of \(snapshot.total) runs have ended, \(snapshot.running) are running.",
      "Go on later with: \(command)",
    ]
  }

  var endingLines: [String] {
    ["running runs leave their step and write checkpoints", "Ctrl-C leaves at once"]
  }

  // MARK: Actions

  func disabledReason(_ action: Action) -> String? {
    switch action {
    case .togglePause, .table(.stopRow), .table(.makeFirst), .table(.toggleHalving):
      isOwner ? nil : "another process makes this sweep; it can only be watched from here"
    case .cycleTheme: themes.count > 1 ? nil : "there is only one theme"
    case .focusNext, .focusPrevious:
      SweepLayout(snapshot, in: size).order.count > 1
        ? nil : "a larger window shows the map and the importance, too"
    default: nil
    }
  }

  private mutating func moveFocus(_ offset: Int) {
    let order = SweepLayout(snapshot, in: size).order
    let place = order.firstIndex(of: shownPanel) ?? 0
    panel = order[(place + offset + order.count) % order.count]
  }

  func mayEverApply(_ action: Action) -> Bool {
    switch action {
    case .togglePause, .table(.stopRow), .table(.makeFirst), .table(.toggleHalving): isMade
    default: true
    }
  }

  func hint(_ binding: KeyBinding) -> String? {
    switch binding.action {
    case .quit: isMade ? "stop" : binding.hint
    case .togglePause where snapshot?.isPaused == true: "resume"
    case .table(.toggleHalving) where snapshot?.isHalving == true: "no halving"
    // It stands in the help; the bar is for what one does to rows.
    case .focusNext: nil
    default: binding.hint
    }
  }

  mutating func perform(_ action: Action) -> [DashboardEffect] {
    switch action {
    case .togglePause: return steer(.togglePause)
    case .choosePreset: return open(action: action.name)
    case .branch: return open(only: selectedRow, action: action.name)
    case .leagueTable: say("this is the league table; 1 … 5 open its runs")
    case .focusNext: moveFocus(1)
    case .focusPrevious: moveFocus(-1)
    case .openSearch:
      filter = ""
      overlay = .search(LineInput())
    case .copyCommandLine:
      say("copied: \(command)")
      return [.copy(command)]
    case .saveChart: return [.saveTable(table)]
    case .table(let action): return perform(action)
    default: break
    }
    return []
  }

  private mutating func perform(_ action: TableAction) -> [DashboardEffect] {
    switch action {
    case .move(let offset): move(offset)
    case .first: move(-rows.count)
    case .last: move(rows.count)
    case .open: return open()
    case .adopt: return adopt()
    case .stopRow: return selectedRow.map { steer(.toggleStop($0)) } ?? []
    case .makeFirst: return selectedRow.map { steer(.first($0)) } ?? []
    case .toggleHalving: return steer(.toggleHalving)
    case .nextOrder: turnOrder(1)
    case .previousOrder: turnOrder(-1)
    case .reverse: isReversed.toggle()
    case .togglePin: arrange { $0.togglePin($1) }
    case .toggleMark: arrange { $0.toggleMark($1) }
    case .showMarked: showMarkedOnly()
    case .hide: hideSelected()
    case .showHidden: showHidden()
    }
    return []
  }
}

/// Which rows there are, in what order, and what is done with them.
extension SweepState {
  /// Opens the selected combination's runs, or all marked ones' side by side.
  mutating func open(
    only row: SweepSnapshot.Row? = nil,
    action: String? = nil
  ) -> [DashboardEffect] {
    let marked = snapshot?.rows.filter { choice.marked.contains($0.id) } ?? []
    let rows = row.map { [$0] } ?? (marked.isEmpty ? [selectedRow].compactMap(\.self) : marked)
    let folders = rows.flatMap(\.folders)
    guard !folders.isEmpty else {
      say("none of these runs has begun", isProblem: true)
      return []
    }
    guard folders.count <= Self.openLimit else {
      let count = "\(folders.count) runs are too many to show side by side"
      say("\(count); mark at most \(Self.openLimit)", isProblem: true)
      return []
    }
    return [.openRuns(folders, action: action)]
  }

  // MARK: How the sweep is made

  mutating func steer(_ steering: SweepSteering) -> [DashboardEffect] {
    guard isOwner else {
      say("another process makes this sweep; it can only be watched from here", isProblem: true)
      return []
    }
    return [.steer(steering)]
  }

  /// Trains with the selected row's values; a sweep that is still made here is asked for twice.
  mutating func adopt() -> [DashboardEffect] {
    guard let row = selectedRow, let snapshot else { return [] }
    let isAsked = adopting.map { $0.row == row.id && now < $0.until } ?? false
    guard isOwner, !snapshot.isOver, !isAsked else { return [.adopt(row)] }
    note(
      "a again: stop the sweep, which can go on later, and train this beside the others' best",
      isProblem: false
    )
    adopting = (row.id, now + FooterMessage.duration)
    return []
  }

  mutating func move(_ offset: Int) {
    isFollowed = true
    selected = min(max(selected + offset, 0), max(0, rows.count - 1))
  }

  mutating func turnOrder(_ offset: Int) {
    let all = orders
    let place = all.firstIndex(of: order) ?? 0
    order(by: all[(place + offset + all.count) % all.count])
  }

  /// Another order keeps the same combination selected.
  mutating func order(by order: Order) {
    let chosen = isFollowed ? selectedRow : nil
    self.order = order
    follow(chosen)
  }

  /// Selects a combination wherever it stands now, else what stands in its place.
  mutating func follow(_ row: SweepSnapshot.Row?) {
    let shown = rows
    let place = row.flatMap { row in shown.firstIndex { $0.id == row.id } }
    selected = place ?? min(selected, max(0, shown.count - 1))
  }

  // MARK: Which rows are shown

  /// Changes what is chosen of the selected row, which stays selected.
  mutating func arrange(_ change: (inout SweepRowChoice, SweepSnapshot.Row) -> Void) {
    guard let row = selectedRow else { return }
    isFollowed = true
    change(&choice, row)
    follow(row)
  }

  mutating func hideSelected() {
    arrange { $0.hide($1) }
    let count = choice.hidden.count
    say("\(count) hidden; X shows \(count == 1 ? "it" : "them") again")
  }

  mutating func showHidden() {
    guard !choice.hidden.isEmpty else {
      say("nothing is hidden; x hides the selected row", isProblem: true)
      return
    }
    let chosen = selectedRow
    choice.showHidden()
    follow(chosen)
  }

  mutating func showMarkedOnly() {
    guard !choice.marked.isEmpty else {
      say("nothing is marked; m marks the selected row", isProblem: true)
      return
    }
    let chosen = selectedRow
    choice.isMarkedOnly.toggle()
    follow(chosen)
  }

  mutating func filter(by text: String) {
    guard choice.filter != text else { return }
    let chosen = isFollowed ? selectedRow : nil
    choice.filter = text
    follow(chosen)
  }
}
