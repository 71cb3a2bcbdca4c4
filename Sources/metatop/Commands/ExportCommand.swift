import ArgumentParser
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

  @Argument(help: ArgumentHelp("Run directories.", valueName: "run"))
  var runs: [String]

  @Option(help: "csv, tensorboard, or episode (one meta-test episode with the model's logits).")
  var format = "csv"

  @Option(help: ArgumentHelp("Where the files go; nothing is replaced.", valueName: "folder"))
  var out = "export"

  mutating func run() throws {
    guard let format = Format(rawValue: format) else {
      throw Failure(
        status: Failure.usage,
        sentence:
          "--format: there is no format \"\(self.format.printable)\"; use csv, tensorboard or "
          + "episode"
      )
    }
    for path in runs {
      do throws(ConfigurationError) {
        switch format {
        case .csv: try writeTable(RecordedScalars(path))
        case .episode: try writeEpisode(path)
        case .tensorboard: try writeEvents(RecordedScalars(path), checkpoint: checkpoint(path))
        }
      } catch {
        throw Failure(error)
      }
    }
  }

  private func writeEpisode(_ path: String) throws(ConfigurationError) {
    let stored = StoredRun(path: path, origin: "export", cores: 1)
    let (run, point) = try stored.read(.last)
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
    var target = try ExportFile("\(out)/\(stored.directory.name).safetensors")
    try target.append(file.encoded())
    try target.finish()
  }

  /// The last parameters; a run without a sound checkpoint has no histograms.
  private func checkpoint(_ path: String) -> ResumePoint? {
    let directory = StoredRun(path: path, origin: "export", cores: 1).directory
    return try? ResumePoint(directory, .last)
  }

  /// A table with a column for each name; numbers that are none stay as `nan`, others empty.
  private func writeTable(_ scalars: RecordedScalars) throws(ConfigurationError) {
    let names = try scalars.names()
    var file = try ExportFile("\(out)/\(scalars.name).csv")
    try file.append("\((["step", "t"] + names).joined(separator: ","))\n".utf8)
    try scalars.rows { (row) throws(ConfigurationError) in
      let own = Dictionary(row.values.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
      let cells = names.map { own[$0].map { $0.isFinite ? "\($0)" : "nan" } ?? "" }
      try file.append("\((["\(row.step)", "\(row.time)"] + cells).joined(separator: ","))\n".utf8)
    }
    try file.finish()
  }

  /// One run as TensorBoard reads it.
  private func writeEvents(
    _ scalars: RecordedScalars,
    checkpoint: ResumePoint?
  ) throws(ConfigurationError) {
    let created = scalars.configuration["created"]?.double ?? 0
    let name = "events.out.tfevents.\(Int(exactly: created.rounded(.down)) ?? 0).metatop"
    var file = try ExportFile("\(out)/\(scalars.name)/\(name)")
    var writer = TensorBoardWriter(time: created)
    writer.hyperparameters(hyperparameters(scalars), group: scalars.name, time: created)
    var resumed = scalars.configuration.elements("resumed").compactMap { $0["after_step"]?.integer }
    var end = created
    try scalars.rows { (row) throws(ConfigurationError) in
      while let step = resumed.first, row.step > step {
        writer.sessionStart(step: step + 1, time: row.time)
        resumed.removeFirst()
      }
      for (name, value) in row.values {
        writer.scalar(name, value, step: row.step, time: row.time)
      }
      end = row.time
      try file.append(writer.take())
    }
    if let checkpoint {
      for name in checkpoint.checkpoint.names where !name.hasPrefix("optimizer") {
        guard let values = try? checkpoint.checkpoint.floats(named: name) else { continue }
        writer.histogram("parameters/\(name)", values, step: checkpoint.step, time: end)
        try file.append(writer.take())
      }
    }
    writer.sessionEnd(time: end)
    try file.append(writer.take())
    try file.finish()
  }

  private func hyperparameters(
    _ scalars: RecordedScalars
  ) -> [(name: String, value: TensorBoardWriter.Value)] {
    let document = scalars.configuration
    var values: [(name: String, value: TensorBoardWriter.Value)] = []
    for key in ["method_name", "model", "seed", "meta_batch", "steps"] {
      if let text = document[key]?.string { values.append((key, .text(text))) }
      if let number = document[key]?.double { values.append((key, .number(number))) }
    }
    if let task = document["task"]?["name"]?.string { values.append(("task", .text(task))) }
    for (key, value) in document.fields("hyperparameters").prefix(1_000) {
      if let number = value.double { values.append((key, .number(number))) }
    }
    return values
  }
}
