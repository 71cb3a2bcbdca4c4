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
  var order = Order.rank
  var isReversed = false
  var selected = 0
  var choice = SweepRowChoice()
  /// What has the focus, for those who ask what its numbers are.
  var panel = SweepLayout.Panel.table
  package var keys = KeyTable()
  var overlay: Overlay?
  var size = GridSize(columns: 80, rows: 24)
  /// What has to be asked for twice, because it ends the sweep here: the row, and until when.
  var adopting: (row: SweepRowChoice.ID, until: Double)?
  /// Until a person moves it, the selection stays on the first row, whichever that is.
  var isFollowed = false
  var message: FooterMessage?
  private(set) var now = 0.0
  /// Seconds in which the sweep was paused.
  private var pausedSeconds = 0.0
  /// How far the sweep was when it was first seen, and when that was.
  private var firstProgress: (share: Double, time: Double)?
  var theme: Theme
  /// The name of the theme that was chosen with a key; nil while it is the start's.
  package internal(set) var chosenTheme: String?
  var themes: [Theme]
  let capabilities: TerminalCapabilities
  /// Whether leaving the screen ends the sweep.
  let isOwner: Bool
  /// The command that goes on with the sweep.
  let command: String
  package internal(set) var needsRedraw = true

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
    if firstProgress == nil { firstProgress = (new.progress, elapsed) }
    needsRedraw = true
  }

  package mutating func noteDropped(_ count: Int) {}

  package mutating func tick(now: Double) {
    let before = Int(elapsed)
    if snapshot?.isPaused == true, snapshot?.isOver == false { pausedSeconds += now - self.now }
    self.now = now
    if Int(elapsed) != before { needsRedraw = true }
    expireMessage()
  }

  /// Seconds since this screen opened in which the sweep was not paused.
  var elapsed: Double { max(now - pausedSeconds, 0) }

  package mutating func markDrawn() { noteDrawn() }

  package mutating func note(_ text: String, isProblem: Bool) {
    say(text, isProblem: isProblem)
  }

  package mutating func answer(_ answer: ComparisonForm.Answer) {}
  package mutating func noteRecording(_ isOn: Bool) {}
  package mutating func answer(seconds: Double) {}
  package mutating func complete(_ path: String, candidates: [String]) {}
  package mutating func resize(to size: GridSize) { self.size = size }

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
    let (made, spent) = (snapshot.progress - first.share, elapsed - first.time)
    guard made > 0, spent >= 1 else { return nil }
    return (1 - snapshot.progress) / made * spent
  }

  var orders: [Order] {
    let axes = snapshot?.axes.indices.map { Order.axis($0) } ?? []
    return [.rank, .method] + axes + [.test, .difference, .progress]
  }

  /// The table as it is ordered, for a file.
  var table: [[String]] {
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
