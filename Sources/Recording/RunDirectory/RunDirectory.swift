import Files
import Glibc

/// The folder of one recorded run: `<task>-<method>-<yyyymmdd-hhmmss>-<4 hex>`, and its files.
package struct RunDirectory: Sendable, Equatable {
  package let path: String

  /// A document of ours has some KiB; what is longer than this many bytes is not one of ours.
  package static let longestDocument = 4 << 20

  package init(path: String) { self.path = path }

  /// What one of the documents of a run directory says, checked and not yet understood.
  package static func document(_ path: String) throws(RunDirectoryError) -> JSONView {
    do {
      return try JSONView(try SystemFile.read(path, limit: longestDocument))
    } catch let error as SystemError {
      throw RunDirectoryError(
        path: path,
        reason: "cannot be read (\(error.reason)); give the folder of a run"
      )
    } catch {
      throw RunDirectoryError(path: path, reason: "is damaged: \(error)")
    }
  }

  /// As a person names it: `~` is the home folder, and a slash at the end means nothing.
  package init(given path: String) {
    let isSlashed = path.count > 1 && path.hasSuffix("/")
    self.path = SystemFile.expanded(isSlashed ? String(path.dropLast()) : path)
  }

  /// The folder's own name, which is the run's.
  package var name: String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  package var configuration: String { path + "/config.json" }
  package var environment: String { path + "/env.json" }
  package var data: String { path + "/data.json" }
  package var metrics: String { path + "/metrics.jsonl" }
  package var state: String { path + "/state.json" }
  package var events: String { path + "/events.jsonl" }
  package var summary: String { path + "/summary.json" }
  /// The final numbers of an end after an outer step, from which the run went on.
  func summary(of step: Int) -> String {
    let digits = String(step)
    return path + "/summary-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
      + ".json"
  }
  package var checkpoints: String { path + "/checkpoints" }
  package var lastCheckpoint: String { checkpoint(.last) }
  package var bestCheckpoint: String { checkpoint(.best) }

  package func checkpoint(_ kind: CheckpointKind) -> String { "\(checkpoints)/\(kind.fileName)" }

  /// Whether there is something to go on from.
  package var hasCheckpoint: Bool { hasCheckpoint(.last) }

  package func hasCheckpoint(_ kind: CheckpointKind) -> Bool {
    access(checkpoint(kind), F_OK) == 0
  }

  /// The outer steps whose checkpoints were kept, in order.
  package var keptSteps: [Int] {
    SystemFile.names(in: checkpoints).compactMap { name in
      if case .step(let step) = CheckpointKind(keptAs: name) { step } else { nil }
    }.sorted()
  }

  /// Makes a new folder under `out` for a run of `method` on `task`; with `name`, that one.
  static func create(
    task: String,
    method: String,
    named name: String? = nil,
    under out: String,
    environment: RecordingEnvironment
  ) throws(RunDirectoryError) -> RunDirectory {
    do {
      try environment.files.createFolders(out)
      let stem = "\(fileName(task))-\(fileName(method))-\(timestamp(environment.now()))"
      let directory: RunDirectory
      if let name {
        directory = RunDirectory(path: "\(out)/\(name)")
        try environment.files.createFolder(directory.path)
      } else {
        directory = try createUnique(stem, under: out, environment)
      }
      try environment.files.createFolder(directory.checkpoints)
      return directory
    } catch {
      throw RunDirectoryError(
        path: error.path,
        reason: "cannot be created (\(error.reason)); give --out a folder that you may write to"
      )
    }
  }

  /// Runs that start within one second differ in their four digits.
  private static func createUnique(
    _ stem: String,
    under out: String,
    _ environment: RecordingEnvironment
  ) throws(SystemError) -> RunDirectory {
    var attempts = 0
    while true {
      let directory = RunDirectory(path: "\(out)/\(stem)-\(environment.random().hexadecimal)")
      do {
        try environment.files.createFolder(directory.path)
        return directory
      } catch {
        attempts += 1
        guard error.code == EEXIST, attempts < 100 else { throw error }
      }
    }
  }

  /// Universal time, so that runs of several machines sort by when they began.
  package static func timestamp(_ seconds: Double) -> String {
    var time = time_t(seconds)
    var parts = tm()
    gmtime_r(&time, &parts)
    func padded(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let day = "\(parts.tm_year + 1900)" + padded(parts.tm_mon + 1) + padded(parts.tm_mday)
    return day + "-" + padded(parts.tm_hour) + padded(parts.tm_min) + padded(parts.tm_sec)
  }

  /// A task may be `folder:some/path`; its folder's name keeps what is safe everywhere.
  private static func fileName(_ text: String) -> String {
    String(
      text.map { character in
        let isSafe = character.isASCII && (character.isLetter || character.isNumber)
        return isSafe || "._".contains(character) ? character : "-"
      }
    )
  }
}

/// A run directory that cannot be made or written; one sentence that names the file.
package struct RunDirectoryError: Error, Equatable, CustomStringConvertible {
  /// `EX_IOERR` of sysexits.h.
  package static let exitStatus: Int32 = 74

  package let path: String
  package let reason: String

  package var description: String { "\(path): \(reason)".printable }

  /// The same without a colon, where another sentence begins in front of it.
  package var sentence: String { "\(path) \(reason)".printable }
}
