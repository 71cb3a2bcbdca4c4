import Events

/// The newest lines of what happened besides steps.
struct EventLog: Sendable {
  enum Kind: Sendable, Equatable {
    case note
    case validation
    case change
    /// What a change has done.
    case effect
    case status
    case refusal
    /// A number is not as it should be, and training goes on.
    case warning
    case failure
  }

  struct Entry: Sendable, Equatable {
    var run: RunID?
    /// The outer step it happened at, when it belongs to one.
    var step: Int?
    var kind: Kind
    var text: String
  }

  static let limit = 2000

  private(set) var entries: [Entry] = []
  /// All there were, also those that fell off.
  private(set) var added = 0

  mutating func add(_ kind: Kind, run: RunID?, step: Int?, _ text: String) {
    added += 1
    if entries.count == Self.limit { entries.removeFirst() }
    entries.append(Entry(run: run, step: step, kind: kind, text: text.clippedForLog))
  }
}

extension String {
  /// A note may be as long as a file; a log line is not.
  fileprivate var clippedForLog: String { count > 400 ? String(prefix(400)) : self }
}
