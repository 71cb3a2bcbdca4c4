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
        case .csv: try RecordedScalars(path).writeTable(into: folder(run))
        case .episode:
          try CheckpointEpisode.write(path, policy: data.policy(), into: folder(run))
        case .tensorboard: try RecordedScalars(path).writeEvents(into: folder(run))
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
}
