import Events
import Files
import Glibc

/// The runs in a folder, newest first, with what can be done with them.
///
/// Sweeps in the folder give their runs. What cannot be read is passed over with a word.
package struct RunListing {
  struct Row {
    let path: String
    let sweep: String?
    let summary: RecordedSummary
    /// Which runs were begun side by side.
    let comparison: String
    let place: Int
    var name: String
  }

  private(set) var rows: [Row]
  /// What was passed over, and why.
  package private(set) var notes: [String] = []
  private let now: Double

  /// - Parameters:
  ///   - folder: With runs in it, or a run's own.
  ///   - filter: Words that a row's texts must all have, in any case.
  ///   - now: Seconds since 1970, for the ages.
  /// - Throws: when there is no such folder.
  package init(_ folder: String, filter: String, now: Double) throws(ConfigurationError) {
    self.now = now
    rows = []
    let directory = RunDirectory(given: folder)
    if Self.isFile(directory.path) {
      throw ConfigurationError(
        .badData,
        "runs: \(directory.path) is a file; give the folder that holds run directories"
      )
    }
    guard Self.isFolder(directory.path) else {
      throw ConfigurationError(
        .badData,
        "runs: there is no folder \(directory.path); give the folder that --out named"
      )
    }
    if Self.isRun(directory.path) {
      add(directory.path, sweep: nil)
    } else {
      for name in SystemFile.names(in: directory.path).sorted() {
        let path = "\(directory.path)/\(name)"
        if SweepDirectory(path: path).exists {
          for run in SystemFile.names(in: path).sorted() where Self.isRun("\(path)/\(run)") {
            add("\(path)/\(run)", sweep: name)
          }
        } else if Self.isRun(path) {
          add(path, sweep: nil)
        }
      }
    }
    nameRuns()
    let words = filter.lowercased().split(separator: " ")
    rows = rows.filter { row in
      let text = row.searched.lowercased()
      return words.allSatisfy { text.contains($0) }
    }
    order()
  }

  private static func isRun(_ path: String) -> Bool {
    SystemFile.size(RunDirectory(path: path).configuration) != nil
  }

  private static func isFolder(_ path: String) -> Bool { access(path, F_OK) == 0 }

  private static func isFile(_ path: String) -> Bool {
    guard access(path, F_OK) == 0 else { return false }
    guard let folder = opendir(path) else { return errno == ENOTDIR }
    closedir(folder)
    return false
  }

  private mutating func add(_ path: String, sweep: String?) {
    do throws(ConfigurationError) {
      let summary = try RecordedSummary(path, command: "runs")
      rows.append(
        Row(
          path: path,
          sweep: sweep?.printable,
          summary: summary,
          comparison: summary.comparison ?? path,
          place: summary.place ?? 0,
          name: summary.method
        )
      )
    } catch {
      notes.append("\(error); passed over")
    }
  }

  /// Each by what differs from the runs beside it.
  private mutating func nameRuns() {
    for (_, members) in Dictionary(grouping: rows.indices, by: { rows[$0].comparison }) {
      let known = members.compactMap { index in
        RunDescription(of: RunDirectory(path: rows[index].path), id: RunID(index))
      }
      for (run, name) in zip(known, RunNames.names(of: known)) {
        rows[run.id.rawValue].name = name.printable
      }
    }
  }

  /// The newest comparison first, its runs in their order on the screen.
  private mutating func order() {
    let begun = Dictionary(grouping: rows, by: \.comparison)
      .mapValues { $0.map { $0.summary.created }.max() ?? 0 }
    rows.sort { first, second in
      guard first.comparison == second.comparison else {
        let (own, other) = (begun[first.comparison] ?? 0, begun[second.comparison] ?? 0)
        return (own, first.comparison) > (other, second.comparison)
      }
      return (first.place, first.path) < (second.place, second.path)
    }
  }
}

// MARK: - What is printed

extension RunListing {
  /// For people: the table, and what may be done with the newest comparison.
  package var text: String {
    guard !rows.isEmpty else { return "no runs\n" }
    let head = ["run", "method", "task", "steps", "score", "state", "age"]
    let table = TextTable(head: head, rows: rows.map(cells), words: [0, 1, 2, 4, 5])
    let newest = rows.filter { $0.comparison == rows[0].comparison }
    let lines = Self.commands(newest).map { name, command in
      name + String(repeating: " ", count: 8 - name.count) + command + "\n"
    }
    return table.text(.text) + "\n" + lines.joined()
  }

  private func cells(_ row: Row) -> [String] {
    let summary = row.summary
    let folder = row.sweep.map { "\($0)/" } ?? ""
    let score = summary.score.map { score in
      score.isTest ? score.short : score.short + " (validation)"
    }
    return [
      folder + summary.name, row.name, summary.task,
      "\(grouped(summary.made)) / \(grouped(summary.steps))", score ?? "–",
      summary.status.rawValue, Self.age(now - summary.created),
    ]
  }

  /// `3 d`, `14 h`, `5 min`.
  private static func age(_ seconds: Double) -> String {
    guard seconds.isFinite, abs(seconds) < 1e12 else { return "–" }
    let whole = Int(max(seconds, 0))
    if whole < 90 { return "\(whole) s" }
    if whole < 90 * 60 { return "\(whole / 60) min" }
    return whole < 48 * 3600 ? "\(whole / 3600) h" : "\(whole / 86_400) d"
  }

  /// What makes sense of runs that belong together.
  private static func commands(_ rows: [Row]) -> [(name: String, command: String)] {
    let paths = rows.map { $0.path.printable.shellQuoted }.joined(separator: " ")
    var commands: [(String, String)] = []
    let states = rows.map(\.summary.status)
    if states.contains(where: { $0 == .running || $0 == .paused }) {
      commands.append(("attach", "metatop attach \(paths)"))
    } else if states.contains(where: \.canGoOn) {
      commands.append(("resume", "metatop --resume \(paths)"))
    }
    commands.append(("replay", "metatop replay \(paths)"))
    if rows.count > 1 { commands.append(("compare", "metatop compare \(paths)")) }
    return commands
  }

  /// For programs: a list of objects, one a run.
  package var json: String {
    let groups = Dictionary(grouping: rows, by: \.comparison)
    let objects = rows.map { row in
      JSONValue.object(fields(row, beside: groups[row.comparison] ?? [row]))
    }
    return String(decoding: JSONValue.array(objects).encoded(), as: UTF8.self)
  }

  private func fields(_ row: Row, beside: [Row]) -> [JSONField] {
    let (summary, score) = (row.summary, row.summary.score)
    func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
    return [
      JSONField("run", .string(row.path.printable)),
      JSONField("name", .string(row.name)),
      JSONField("method", .string(summary.method)),
      JSONField("methods", .array(beside.map { .string($0.summary.method) })),
      JSONField("comparison", .string(row.comparison.printable)),
      JSONField("sweep", row.sweep.map { .string($0) } ?? .null),
      JSONField("task", .string(summary.task)),
      JSONField("model", .string(summary.model)),
      JSONField("seed", .string(summary.seed)),
      JSONField("step", .integer(summary.made)),
      JSONField("steps", .integer(summary.steps)),
      JSONField("score", number(score?.value)),
      JSONField("ci95", number(score?.half)),
      JSONField("measure", score.map { .string($0.isAccuracy ? "accuracy" : "loss") } ?? .null),
      JSONField("split", score.map { .string($0.isTest ? "test" : "validation") } ?? .null),
      JSONField("state", .string(summary.status.rawValue)),
      JSONField("created", .number(summary.created)),
      JSONField("age_seconds", .number(max(0, now - summary.created))),
      JSONField(
        "commands",
        .object(Self.commands(beside).map { JSONField($0.name, .string($0.command)) })
      ),
    ]
  }
}

extension RunListing.Row {
  fileprivate var searched: String {
    [
      summary.name, sweep ?? "", name, summary.method, summary.task, summary.model,
      summary.status.rawValue,
    ].joined(separator: " ")
  }
}

extension RecordedSummary.Score {
  fileprivate var short: String {
    isAccuracy
      ? "\(fixed(value * 100, 2)) ± \(fixed(half * 100, 2)) %"
      : "\(fixed(value, 4)) ± \(fixed(half, 4))"
  }
}
