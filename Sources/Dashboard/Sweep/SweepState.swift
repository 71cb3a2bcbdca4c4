import CellGrid
import Events

/// The screen of a sweep: its league table, a map of the scores, and how far it is.
package struct SweepState: Sendable {
  /// What the rows are ordered by.
  enum Order: Equatable, Sendable {
    /// As they are ranked: by meta-validation, or by the test where there is none.
    case rank
    case method
    case axis(Int)
    case test
    case difference
    case progress
  }

  /// Runs that one dashboard shows, at most.
  package static let openLimit = 64

  private(set) var snapshot: SweepSnapshot?
  private(set) var order = Order.rank
  private(set) var isReversed = false
  private(set) var selected = 0
  private(set) var choice = SweepRowChoice()
  private(set) var isHelpShown = false
  /// What has to be asked for twice, because it ends the sweep here: the row, and until when.
  private var adopting: (row: SweepRowChoice.ID, until: Double)?
  /// The filter that is being typed.
  private(set) var search: LineInput?
  /// Until a person moves it, the selection stays on the first row, whichever that is.
  private var isFollowed = false
  private(set) var message: (text: String, isProblem: Bool)?
  private var messageEnd = 0.0
  private(set) var now = 0.0
  /// How far the sweep was when it was first seen, and when that was.
  private var firstProgress: (share: Double, time: Double)?
  private(set) var theme: Theme
  private let themes: [Theme]
  let capabilities: TerminalCapabilities
  /// Whether leaving the screen ends the sweep.
  let isOwner: Bool
  /// The command that goes on with the sweep.
  let command: String
  package private(set) var needsRedraw = true

  package init(
    theme: Theme,
    themes: [Theme] = [],
    capabilities: TerminalCapabilities,
    isOwner: Bool,
    command: String
  ) {
    self.theme = theme
    self.themes = themes.contains(theme) ? themes : [theme] + themes
    self.capabilities = capabilities
    self.isOwner = isOwner
    self.command = command
  }

  package mutating func apply(_ event: RunEvent) {
    guard case .sweep(let new) = event, new != snapshot else { return }
    // The same combination stays selected, wherever it moves to.
    let chosen = isFollowed ? selectedRow : nil
    snapshot = new
    follow(chosen)
    if firstProgress == nil { firstProgress = (new.progress, now) }
    needsRedraw = true
  }

  package mutating func noteDropped(_ count: Int) {}

  package mutating func tick(now: Double) {
    if Int(now) != Int(self.now) { needsRedraw = true }
    self.now = now
    if message != nil, now >= messageEnd {
      message = nil
      needsRedraw = true
    }
  }

  package mutating func markDrawn() { needsRedraw = false }

  package mutating func note(_ text: String, isProblem: Bool) {
    message = (text, isProblem)
    messageEnd = now + 4
    needsRedraw = true
  }

  package mutating func answer(_ answer: ComparisonForm.Answer) {}
  package mutating func resize(to size: GridSize) {}

  // MARK: What is shown

  /// The rows in the chosen order.
  var rows: [SweepSnapshot.Row] {
    guard let snapshot else { return [] }
    let ordered: [SweepSnapshot.Row] =
      switch order {
      case .rank: snapshot.rows
      case .method: snapshot.rows.stablySorted { $0.method < $1.method }
      case .axis(let index):
        snapshot.rows.stablySorted { Self.isBefore($0.values.at(index), $1.values.at(index)) }
      case .test: snapshot.rows.stablySorted { Self.isBetter($0.test, $1.test, snapshot) }
      case .difference:
        snapshot.rows.stablySorted { Self.isBetter($0.difference, $1.difference, snapshot) }
      case .progress: snapshot.rows.stablySorted { $0.progress > $1.progress }
      }
    return choice.arranged(isReversed ? ordered.reversed() : ordered, axes: snapshot.axes)
  }

  var selectedRow: SweepSnapshot.Row? { rows.at(selected) }

  /// Numbers by size, words by the alphabet, what is not there last.
  static func isBefore(_ first: String?, _ second: String?) -> Bool {
    guard let first, !first.isEmpty else { return false }
    guard let second, !second.isEmpty else { return true }
    if let a = Double(first), let b = Double(second) { return a < b }
    return first < second
  }

  private static func isBetter(
    _ first: SweepSnapshot.Mean?,
    _ second: SweepSnapshot.Mean?,
    _ snapshot: SweepSnapshot
  ) -> Bool {
    guard let first else { return false }
    guard let second else { return true }
    return snapshot.isAccuracy ? first.mean > second.mean : first.mean < second.mean
  }

  /// Seconds that the rest will take at the speed so far.
  var secondsLeft: Double? {
    // Nobody knows how many runs halving will leave.
    guard let snapshot, let first = firstProgress, !snapshot.isOver, !snapshot.isHalving,
      !snapshot.isPaused
    else { return nil }
    let (made, spent) = (snapshot.progress - first.share, now - first.time)
    guard made > 0, spent >= 1 else { return nil }
    return (1 - snapshot.progress) / made * spent
  }

  private var orders: [Order] {
    let axes = snapshot?.axes.indices.map { Order.axis($0) } ?? []
    return [.rank, .method] + axes + [.test, .difference, .progress]
  }

  // MARK: Keys

  package mutating func handle(_ input: InputEvent) -> [DashboardEffect] {
    if case .paste(let text) = input, search != nil {
      search?.insert(text)
      filter(by: search?.text ?? "")
      needsRedraw = true
    }
    guard case .key(let key) = input else { return [] }
    needsRedraw = true
    if search != nil, key != .control("c") {
      type(key)
      return []
    }
    if isHelpShown, key != .control("c") {
      isHelpShown = false
      return []
    }
    switch key {
    case .character("?"): isHelpShown = true
    case .character(" "): return steer(.togglePause)
    case .character("h"): return steer(.toggleHalving)
    case .character("s"): return selectedRow.map { steer(.toggleStop($0)) } ?? []
    case .character("f"): return selectedRow.map { steer(.first($0)) } ?? []
    case .character("a"): return adopt()
    case .character("b"): return open(only: selectedRow, action: Action.branch.name)
    case .character(let digit) where Preset.of(digit: digit) != nil:
      return open(action: Preset.of(digit: digit).map { Action.choosePreset($0).name })
    case .character("6"): note("this is the league table; 1 … 5 open its runs", isProblem: false)
    case .character("q"), .control("c"): return [.quit]
    case .control("l"): return [.redrawAll]
    case .control("z"): return [.suspend]
    case .down, .character("j"): move(1)
    case .up, .character("k"): move(-1)
    case .pageDown: move(10)
    case .pageUp: move(-10)
    case .home: move(-rows.count)
    case .end: move(rows.count)
    case .right: turnOrder(1)
    case .left: turnOrder(-1)
    case .character("r"): isReversed.toggle()
    case .character("/"): search = LineInput()
    case .escape: filter(by: "")
    case .character("p"): arrange { $0.togglePin($1) }
    case .character("m"): arrange { $0.toggleMark($1) }
    case .character("M"): showMarkedOnly()
    case .character("x"): hideSelected()
    case .character("X"): showHidden()
    case .character("t"): nextTheme()
    case .character("w"): return [.saveScreen]
    case .enter: return open()
    case .character("o"): return [.saveTable(table)]
    case .character("y"):
      note("copied: \(command)", isProblem: false)
      return [.copy(command)]
    default: needsRedraw = false
    }
    return []
  }

  /// Opens the selected combination's runs, or all marked ones' side by side.
  private mutating func open(
    only row: SweepSnapshot.Row? = nil,
    action: String? = nil
  ) -> [DashboardEffect] {
    let marked = snapshot?.rows.filter { choice.marked.contains($0.id) } ?? []
    let rows = row.map { [$0] } ?? (marked.isEmpty ? [selectedRow].compactMap(\.self) : marked)
    let folders = rows.flatMap(\.folders)
    guard !folders.isEmpty else {
      note("none of these runs has begun", isProblem: true)
      return []
    }
    guard folders.count <= Self.openLimit else {
      let count = "\(folders.count) runs are too many to show side by side"
      note("\(count); mark at most \(Self.openLimit)", isProblem: true)
      return []
    }
    return [.openRuns(folders, action: action)]
  }

  // MARK: How the sweep is made

  private mutating func steer(_ steering: SweepSteering) -> [DashboardEffect] {
    guard isOwner else {
      note("another process makes this sweep; it can only be watched from here", isProblem: true)
      return []
    }
    return [.steer(steering)]
  }

  /// Trains with the selected row's values; a sweep that is still made here is asked for twice.
  private mutating func adopt() -> [DashboardEffect] {
    guard let row = selectedRow, let snapshot else { return [] }
    let isAsked = adopting.map { $0.row == row.id && now < $0.until } ?? false
    guard isOwner, !snapshot.isOver, !isAsked else { return [.adopt(row)] }
    note(
      "a again: stop the sweep, which can go on later, and train with these values",
      isProblem: false
    )
    adopting = (row.id, messageEnd)
    return []
  }

  private mutating func move(_ offset: Int) {
    isFollowed = true
    selected = min(max(selected + offset, 0), max(0, rows.count - 1))
  }

  /// Another order keeps the same combination selected.
  private mutating func turnOrder(_ offset: Int) {
    let all = orders
    let chosen = isFollowed ? selectedRow : nil
    let place = all.firstIndex(of: order) ?? 0
    order = all[(place + offset + all.count) % all.count]
    follow(chosen)
  }

  /// Selects a combination wherever it stands now, else what stands in its place.
  private mutating func follow(_ row: SweepSnapshot.Row?) {
    let shown = rows
    let place = row.flatMap { row in shown.firstIndex { $0.id == row.id } }
    selected = place ?? min(selected, max(0, shown.count - 1))
  }

  // MARK: Which rows are shown

  /// Changes what is chosen of the selected row, which stays selected.
  private mutating func arrange(_ change: (inout SweepRowChoice, SweepSnapshot.Row) -> Void) {
    guard let row = selectedRow else { return }
    isFollowed = true
    change(&choice, row)
    follow(row)
  }

  private mutating func hideSelected() {
    arrange { $0.hide($1) }
    let count = choice.hidden.count
    note("\(count) hidden; X shows \(count == 1 ? "it" : "them") again", isProblem: false)
  }

  private mutating func showHidden() {
    guard !choice.hidden.isEmpty else {
      note("nothing is hidden; x hides the selected row", isProblem: true)
      return
    }
    let chosen = selectedRow
    choice.showHidden()
    follow(chosen)
  }

  private mutating func showMarkedOnly() {
    guard !choice.marked.isEmpty else {
      note("nothing is marked; m marks the selected row", isProblem: true)
      return
    }
    let chosen = selectedRow
    choice.isMarkedOnly.toggle()
    follow(chosen)
  }

  private mutating func filter(by text: String) {
    guard choice.filter != text else { return }
    let chosen = isFollowed ? selectedRow : nil
    choice.filter = text
    follow(chosen)
  }

  private mutating func type(_ key: Key) {
    switch key {
    case .escape: (search, choice.filter) = (nil, "")
    case .enter: search = nil
    case .backspace: search?.deleteLast()
    case .character(let character): search?.insert(String(character))
    default: return
    }
    if let search { filter(by: search.text) }
  }

  private mutating func nextTheme() {
    let place = themes.firstIndex(of: theme) ?? 0
    theme = themes[(place + 1) % themes.count]
    note("theme: \(theme.name)", isProblem: false)
  }

  /// The table as it is ordered, for a file.
  private var table: [[String]] {
    guard let snapshot else { return [] }
    let head =
      ["method"] + snapshot.axes + ["seeds", "validation", "test", "test_ci95", "difference"]
    return [head]
      + rows.map { row in
        [row.method] + row.values + [
          "\(row.ended)", row.validation.map { "\($0.mean)" } ?? "",
          row.test.map { "\($0.mean)" } ?? "", row.test?.half.map { "\($0)" } ?? "",
          row.difference.map { "\($0.mean)" } ?? "",
        ]
      }
  }
}

extension Array {
  /// Sorted without changing the order of what is equal.
  fileprivate func stablySorted(_ isBefore: (Element, Element) -> Bool) -> [Element] {
    enumerated().sorted { first, second in
      if isBefore(first.element, second.element) { return true }
      if isBefore(second.element, first.element) { return false }
      return first.offset < second.offset
    }.map(\.element)
  }
}
