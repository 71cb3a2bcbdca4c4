import ArgumentParser
import Recording
import Tasks
import Training

/// `metatop export`: recorded runs for the tools people already use.
struct ExportCommand: ParsableCommand {
  enum Format: String, CaseIterable {
    case csv
    case tensorboard
    case episode
  }

  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Recorded runs as CSV tables or TensorBoard event files; an episode with its logits."
  )

  @Argument(
    help: ArgumentHelp("Run directories, and sweeps for all their runs.", valueName: "run"),
    completion: .directory
  )
  var runs: [String]

  @Option(
    help: "csv, tensorboard, or episode (one meta-test episode with the model's logits).",
    completion: .list(Format.allCases.map(\.rawValue))
  )
  var format = "csv"

  @Option(
    help: ArgumentHelp("Where the files go; nothing is replaced.", valueName: "folder"),
    completion: .directory
  )
  var out = "export"

  @OptionGroup var data: RecordedDataOptions

  mutating func run() throws {
    guard let format = Format(rawValue: format) else {
      throw Failure(
        status: Failure.usage,
        sentence:
          "--format: there is no format \"\(self.format.printable)\"; use csv, tensorboard or "
          + "episode"
      )
    }
    do throws(ConfigurationError) {
      _ = try RunSelection(runs, command: "export").map { (run) throws(ConfigurationError) in
        let path = run.path
        switch format {
        case .csv: try writeTable(RecordedScalars(path), folder(run))
        case .episode: try writeEpisode(path, folder(run))
        case .tensorboard:
          try writeEvents(RecordedScalars(path), checkpoint: checkpoint(path), folder(run))
        }
      }
    } catch {
      throw Failure(error)
    }
  }

  /// Runs of different sweeps have the same names.
  private func folder(_ run: RunSelection.Run) -> String {
    let out = SystemFile.expanded(out)
    return run.sweep.map { "\(out)/\($0)" } ?? out
  }

  private func writeEpisode(_ path: String, _ folder: String) throws(ConfigurationError) {
    let policy = try data.policy()
    let stored = StoredRun(path: path, origin: "export", cores: 1, policy: policy)
    let (run, point) = try stored.read(.last)
    run.notes.forEach(complain)
    guard run.distribution.isSampled else {
      throw ConfigurationError(
        .badData,
        "export: \(path.printable): its episodes are already a file's, and no other can be drawn; give "
          + "a run on images"
      )
    }
    guard run.way != nil else {
      throw ConfigurationError(
        .badData,
        "export: \(path.printable): \(run.distribution.name) has no classes, and so no logits; give a "
          + "run on images"
      )
    }
    let file: TensorFile
    do throws(SafetensorsError) {
      file = try CheckpointEpisode.file(run, point.checkpoint, seed: 0)
    } catch {
      throw ConfigurationError(.badData, "export: \(error)")
    }
    var target = try ExportFile("\(folder)/\(stored.directory.name).safetensors")
    try target.append(file.encoded())
    try target.finish()
    complain("metatop: written \(target.path.printable)")
  }

  /// The last parameters; a run without a sound checkpoint has no histograms.
  private func checkpoint(_ path: String) -> ResumePoint? {
    let directory = StoredRun(path: path, origin: "export", cores: 1).directory
    return try? ResumePoint(directory, .last)
  }

  /// A table with a column for each name; what is not a number stays as `nan`, others empty.
  private func writeTable(
    _ scalars: RecordedScalars,
    _ folder: String
  ) throws(ConfigurationError) {
    let names = try scalars.names()
    var file = try ExportFile("\(folder)/\(scalars.name).csv")
    try file.append("\((["step", "t"] + names).joined(separator: ","))\n".utf8)
    var rows = scalars.rows()
    while let row = try rows.next() {
      let own = Dictionary(row.values.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
      let cells = names.map { own[$0].map { $0.isFinite ? "\($0)" : "nan" } ?? "" }
      try file.append("\((["\(row.step)", "\(row.time)"] + cells).joined(separator: ","))\n".utf8)
    }
    try file.finish()
    complain("metatop: written \(file.path.printable)")
  }

  /// One run as TensorBoard reads it.
  private func writeEvents(
    _ scalars: RecordedScalars,
    checkpoint: ResumePoint?,
    _ folder: String
  ) throws(ConfigurationError) {
    let name = "events.out.tfevents.\(EventStream.created(scalars)).metatop"
    var file = try ExportFile("\(folder)/\(scalars.name)/\(name)")
    var stream = EventStream(scalars)
    var rows = scalars.rows()
    while let row = try rows.next() {
      stream.add(row)
      try file.append(stream.take())
    }
    stream.end(checkpoint?.checkpoint, step: checkpoint?.step ?? 0)
    try file.append(stream.take())
    try file.finish()
    complain("metatop: written \(file.path.printable)")
  }
}
