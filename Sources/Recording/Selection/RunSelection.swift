import Files
import Glibc

/// The run directories that a command's arguments stand for, usually `runs/*`.
///
/// A sweep's folder stands for its runs. What is neither is passed over with a word, and so is a run
/// that a command cannot use; only when nothing is left, that is an error.
package struct RunSelection {
  package struct Run: Hashable {
    package let path: String
    /// The sweep it came with.
    package let sweep: String?
  }

  /// The command's name, which begins its sentences.
  let command: String
  private(set) var runs: [Run] = []
  package init(_ paths: [String], command: String) throws(ConfigurationError) {
    self.command = command
    var known: Set<String> = []
    var (passedOver, notes): ([String], [String]) = ([], [])
    for path in paths {
      let found = try Self.runs(path, command)
      if found.isEmpty {
        passedOver.append(Self.reason(path))
        notes.append(Self.reason(path) + "; passed over")
      } else if found[0].sweep != nil {
        let count = found.count == 1 ? "its only run is" : "its \(found.count) runs are"
        notes.append("\(path) is a sweep; \(count) taken")
      }
      for run in found where known.insert(Self.resolved(run.path)).inserted { runs.append(run) }
    }
    guard !runs.isEmpty else {
      let first = passedOver.first ?? "no folder was given"
      throw ConfigurationError(
        .badData,
        "\(command): \(first); give the folders of runs or sweeps"
      )
    }
    for note in notes { complain("metatop: \(command): \(note)") }
  }

  /// What `body` makes of each run; a run that it refuses is passed over while others are left.
  package func map<Value>(
    _ body: (Run) throws(ConfigurationError) -> Value
  ) throws(ConfigurationError) -> [Value] {
    var (values, refusals): ([Value], [ConfigurationError]) = ([], [])
    for run in runs {
      do throws(ConfigurationError) {
        values.append(try body(run))
      } catch {
        // What the command line asks for is wrong for all.
        if error.status == .usage { throw error }
        refusals.append(error)
      }
    }
    if values.isEmpty, let first = refusals.first { throw first }
    for error in refusals { complain("metatop: \(error); passed over") }
    return values
  }

  private static func runs(
    _ path: String,
    _ command: String
  ) throws(ConfigurationError) -> [Run] {
    let directory = RunDirectory(given: path)
    if exists(directory.configuration) { return [Run(path: directory.path, sweep: nil)] }
    // A name that was typed wrong is no debris.
    guard exists(path) else {
      throw ConfigurationError(
        .badData,
        "\(command): \(directory.configuration) cannot be read (\(String(cString: strerror(ENOENT)))); "
          + "give the folders of runs"
      )
    }
    let sweep = SweepDirectory(path: path)
    guard sweep.exists else { return [] }
    return SystemFile.names(in: sweep.path).sorted()
      .map { "\(sweep.path)/\($0)" }
      .filter { exists($0 + "/config.json") }
      .map { Run(path: $0, sweep: directory.name) }
  }

  private static func reason(_ path: String) -> String {
    SweepDirectory(path: path).exists
      ? "\(path) is a sweep of which no run has begun" : "\(path) is neither a run nor a sweep"
  }

  private static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// One run has many names.
  private static func resolved(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
