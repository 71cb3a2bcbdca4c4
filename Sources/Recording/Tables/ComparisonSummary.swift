import Events
import Files

/// What a comparison came to, as its directories say: each run's score, the verdict, and how to go on.
///
/// A run whose files cannot be read is named with its folder alone.
package struct ComparisonSummary {
  private struct Entry {
    let path: String
    let summary: RecordedSummary?
  }

  private let entries: [Entry]
  private let names: [String]
  package let verdict: Verdict?

  package init(_ directories: [RunDirectory]) {
    var standing = Standing()
    var descriptions: [RunDescription?] = []
    entries = directories.enumerated().map { index, directory in
      let entry = Entry(path: directory.path, summary: try? RecordedSummary(directory.path))
      let description = RunDescription(of: directory, id: RunID(index))
      descriptions.append(description)
      if let description { Self.tell(description, directory, entry.summary, to: &standing) }
      return entry
    }
    let tasks = descriptions.compactMap { $0?.task }
    verdict = tasks.allSatisfy { $0 == tasks[0] } ? standing.verdict : nil
    let known = RunNames.names(of: descriptions.compactMap { $0 })
    var rest = known[...]
    names = descriptions.map { ($0 == nil ? "?" : rest.popFirst() ?? "?").printable }
  }

  /// Every score that a run recorded.
  private static func tell(
    _ description: RunDescription,
    _ directory: RunDirectory,
    _ summary: RecordedSummary?,
    to standing: inout Standing
  ) {
    standing.apply(.started(description))
    var log = RecordedLog(directory.events)
    while let line = try? log.view() {
      guard let report = ValidationReport(line, of: description.id) else { continue }
      standing.apply(.validation(report))
    }
    if summary?.status == .diverged {
      standing.apply(.statusChanged(description.id, .diverged, step: summary?.made ?? 0))
    }
  }

  /// One line a run, the verdict, and the command that goes on; `command` begins it: `metatop train`.
  package func lines(command: String) -> [String] {
    let width = names.map(\.count).max() ?? 0
    let runs = zip(names, entries).map { name, entry in
      let space = String(repeating: " ", count: width - name.count)
      return "metatop: \(name)\(space)  \(Self.text(entry))"
    }
    let name = "metatop: "
    let verdicts = verdict?.lines(width: 80 - name.count).map { name + $0 } ?? []
    return runs + verdicts + ["metatop: \(goingOn(command))"]
  }

  private static func text(_ entry: Entry) -> String {
    guard let summary = entry.summary else { return "recorded in \(entry.path)" }
    let score = summary.score.map { ", \($0.text)" } ?? ", no score yet"
    return
      "\(summary.status.rawValue) at step \(grouped(summary.made)) of \(grouped(summary.steps))"
      + "\(score), recorded in \(entry.path)"
  }

  /// One command for all of them.
  private func goingOn(_ command: String) -> String {
    let paths = entries.map { $0.path.shellQuoted }.joined(separator: " ")
    guard entries.contains(where: { $0.summary?.status.canGoOn ?? true }) else {
      let steps = entries.compactMap { $0.summary?.steps }.max() ?? 0
      return
        "look again with: metatop replay \(paths); train on with: \(command) --resume \(paths) "
        + "--steps \(2 * min(steps, Int.max / 4))"
    }
    return "go on with: \(command) --resume \(paths)"
  }
}

extension RecordedSummary.Status {
  /// Whether there are steps left to be made.
  var canGoOn: Bool { self == .stopped || self == .interrupted }
}

extension RecordedSummary.Score {
  /// `meta-test accuracy 93.42 ± 0.61 %`; the interval is 95 %, over episodes.
  var text: String {
    let set = isTest ? "meta-test" : "meta-validation"
    guard isAccuracy else { return "\(set) loss \(fixed(value, 4)) ± \(fixed(half, 4))" }
    return "\(set) accuracy \(fixed(value * 100, 2)) ± \(fixed(half * 100, 2)) %"
  }
}

extension RunDescription {
  /// As the run's `config.json` describes it; nil where that cannot be read.
  init?(of directory: RunDirectory, id: RunID) {
    guard
      let bytes = try? SystemFile.read(
        directory.configuration,
        limit: RunDirectory.longestDocument
      ), let document = try? JSONView(bytes)
    else { return nil }
    self.init(document, id: id)
  }
}

/// Says on standard error what a comparison came to, and how to go on.
package func tell(of directories: [RunDirectory], command: String) {
  for line in ComparisonSummary(directories).lines(command: command) { complain(line) }
}
