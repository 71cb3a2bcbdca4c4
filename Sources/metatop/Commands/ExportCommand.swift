import ArgumentParser
import Experiments
import Files
import Recording
import Training

/// `metatop export`: recorded runs for the tools people already use.
struct ExportCommand: ParsableCommand {
  enum Format: String, CaseIterable {
    case csv
    case tensorboard
    case episode
    case scores
    case predictions
    case confusion

    static let list = allCases.dropLast().map(\.rawValue).joined(separator: ", ") + " or confusion"
  }

  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract:
      "Recorded runs as CSV tables or TensorBoard event files; what a checkpoint does on each episode."
  )

  @Argument(
    help: ArgumentHelp("Run directories, and sweeps for all their runs.", valueName: "run"),
    completion: .directory
  )
  var runs: [String]

  @Option(
    help: ArgumentHelp(
      """
      csv, tensorboard, episode (one meta-test episode with the model's logits), or of every meta-test \
      episode: scores, predictions, confusion.
      """,
      valueName: "format"
    ),
    completion: .list(Format.allCases.map(\.rawValue))
  )
  var format = "csv"

  @Option(
    help: ArgumentHelp("Where the files go; nothing is replaced.", valueName: "folder"),
    completion: .directory
  )
  var out = "export"

  @Flag(help: "Write the weights adapted to the episodes of --episode, in the place of a format.")
  var adapted = false

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Which episodes --adapted writes, counted from 1.", valueName: "number")
  )
  var episode: [String] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Of episode by episode: how many (default 600), or a safetensors file with them.",
      valueName: "number|file"
    ),
    completion: .tensors
  )
  var episodes: String?

  @Option(parsing: .unconditional, help: "Names the episodes, as under evaluate (default 0).")
  var seed: String?

  @Option(help: "Which checkpoint meets the episodes: best, last, or an outer step as in 500.")
  var checkpoint = "best"

  @OptionGroup var data: RecordedDataOptions

  mutating func run() throws {
    guard let format = Format(rawValue: format) else {
      throw Failure(
        status: Failure.usage,
        sentence:
          "--format: there is no format \"\(self.format.printable)\"; use \(Format.list)"
      )
    }
    do throws(ConfigurationError) {
      let asked = try request(format)
      _ = try RunSelection(runs, command: "export").map { (run) throws(ConfigurationError) in
        let path = run.path
        if let asked {
          let export = try EpisodeExport(path, asked, data.policy())
          guard let table = EpisodeExport.Table(rawValue: format.rawValue), !adapted else {
            return try export.writeAdapted(episode, into: folder(run))
          }
          return try export.write(table, into: folder(run))
        }
        switch format {
        case .csv: try RecordedScalars(path).writeTable(into: folder(run))
        case .episode:
          try CheckpointEpisode.write(path, policy: data.policy(), into: folder(run))
        case .tensorboard: try RecordedScalars(path).writeEvents(into: folder(run))
        case .scores, .predictions, .confusion: break
        }
      }
    } catch {
      throw Failure(error)
    }
  }

  /// What is written episode by episode; nil where that is something else.
  private func request(_ format: Format) throws(ConfigurationError) -> EpisodeRequest? {
    let isByEpisode = EpisodeExport.Table(rawValue: format.rawValue) != nil
    for (name, isGiven, isWanted) in [
      ("episode", !episode.isEmpty, adapted), ("episodes", episodes != nil, adapted || isByEpisode),
      ("seed", seed != nil, adapted || isByEpisode),
    ] where isGiven && !isWanted {
      throw ConfigurationError(
        .usage,
        "--\(name): is for what is written episode by episode; give "
          + (name == "episode"
            ? "--adapted" : "--adapted, or --format scores, predictions or confusion")
      )
    }
    guard !adapted || format == .csv else {
      throw ConfigurationError(.usage, "--adapted: writes weights, no table; leave --format out")
    }
    guard adapted || isByEpisode else { return nil }
    return try EpisodeRequest(
      checkpoint: checkpoint,
      episodes: episodes,
      seed: seed,
      threads: nil
    )
  }

  /// Runs of different sweeps have the same names.
  private func folder(_ run: RunSelection.Run) -> String {
    let out = SystemFile.expanded(out)
    return run.sweep.map { "\(out)/\($0)" } ?? out
  }
}
