import ArgumentParser
import Glibc
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
        case .csv:
          let scalars = try RecordedScalars(path)
          try write(Array(scalars.csv.utf8), "\(out)/\(scalars.name).csv")
        case .episode: try writeEpisode(path)
        case .tensorboard:
          let scalars = try RecordedScalars(path)
          let file = EventFile(scalars, checkpoint: checkpoint(path))
          try write(file.bytes, "\(out)/\(scalars.name)/\(file.name)")
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
    try write(file.encoded(), "\(out)/\(stored.directory.name).safetensors")
  }

  /// The last parameters; a run without a sound checkpoint has no histograms.
  private func checkpoint(_ path: String) -> ResumePoint? {
    let directory = StoredRun(path: path, origin: "export", cores: 1).directory
    return try? ResumePoint(directory, .last)
  }

  private func write(_ bytes: [UInt8], _ path: String) throws(ConfigurationError) {
    var folder = ""
    for part in path.split(separator: "/", omittingEmptySubsequences: false).dropLast() {
      folder += folder.isEmpty && part.isEmpty ? "/" : "\(part)/"
      mkdir(folder, 0o755)
    }
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      let isThere = errno == EEXIST
      let reason = String(cString: strerror(errno))
      throw ConfigurationError(
        isThere ? .usage : .badData,
        isThere
          ? "--out: \(path.printable) is there already; move it or give another folder"
          : "--out: \(path.printable) cannot be written (\(reason)); give another folder"
      )
    }
    defer { close(descriptor) }
    var start = 0
    while start < bytes.count {
      let count = bytes[start...].withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        let reason = String(cString: strerror(errno))
        unlink(path)
        throw ConfigurationError(
          .badData,
          "--out: \(path.printable) cannot be written (\(reason)); give another folder"
        )
      }
      start += count
    }
    complain("metatop: written \(path.printable)")
  }
}

/// One run as TensorBoard reads it.
private struct EventFile {
  let name: String
  let bytes: [UInt8]

  init(_ scalars: RecordedScalars, checkpoint: ResumePoint?) {
    let created = scalars.configuration["created"]?.double ?? 0
    name = "events.out.tfevents.\(Int(created)).metatop"
    var writer = TensorBoardWriter(time: created)
    writer.hyperparameters(Self.hyperparameters(scalars), group: scalars.name, time: created)
    var resumed = (scalars.configuration["resumed"]?.array ?? [])
      .compactMap { $0["after_step"]?.integer }
    for row in scalars.rows {
      while let step = resumed.first, row.step > step {
        writer.sessionStart(step: step + 1, time: row.time)
        resumed.removeFirst()
      }
      for (name, value) in row.values {
        writer.scalar(name, value, step: row.step, time: row.time)
      }
    }
    let end = scalars.rows.last?.time ?? created
    if let checkpoint {
      for name in checkpoint.checkpoint.names where !name.hasPrefix("optimizer") {
        guard let values = try? checkpoint.checkpoint.floats(named: name) else { continue }
        writer.histogram("parameters/\(name)", values, step: checkpoint.step, time: end)
      }
    }
    writer.sessionEnd(time: end)
    bytes = writer.bytes
  }

  private static func hyperparameters(
    _ scalars: RecordedScalars
  ) -> [(
    name: String, value: TensorBoardWriter.Value
  )] {
    let document = scalars.configuration
    var values: [(name: String, value: TensorBoardWriter.Value)] = []
    for key in ["method_name", "model", "seed", "meta_batch", "steps"] {
      if let text = document[key]?.string { values.append((key, .text(text))) }
      if let number = document[key]?.double { values.append((key, .number(number))) }
    }
    if let task = document["task"]?["name"]?.string { values.append(("task", .text(task))) }
    guard case .object(let fields)? = document["hyperparameters"] else { return values }
    for field in fields {
      if let number = field.value.double { values.append((field.key, .number(number))) }
    }
    return values
  }
}
