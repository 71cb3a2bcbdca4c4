import ArgumentParser
import Experiments
import Files
import Recording

/// What becomes of a recorded run whose pictures are no longer what it was trained on.
enum DataChanged {
  static let help = ArgumentHelp(
    "Go on although a recorded run's pictures or files have changed: refuse (default) or accept.",
    valueName: "refuse|accept"
  )

  static func isAccepted(_ given: String?) throws(ConfigurationError) -> Bool {
    guard let given else { return false }
    guard ["refuse", "accept"].contains(given) else {
      throw ConfigurationError(
        .usage,
        "--data-changed: \"\(given)\" is not allowed; use refuse or accept"
      )
    }
    return given == "accept"
  }
}

/// Where a recorded run's data lie now, and what becomes of changes.
struct RecordedDataOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Where a recorded run's images lie now, if their folder was moved.",
      valueName: "folder"
    )
  )
  var data: String?

  @Option(help: DataChanged.help)
  var dataChanged: String?

  func policy() throws(ConfigurationError) -> DataPolicy {
    guard data != "" else {
      throw ConfigurationError(.usage, "--data: is empty; give the path of a folder")
    }
    return DataPolicy(
      folder: data.map { SystemFile.expanded($0) },
      acceptsChanges: try DataChanged.isAccepted(dataChanged)
    )
  }

  /// The same for another process.
  var arguments: [String] {
    (data.map { ["--data", $0] } ?? [])
      + (dataChanged.map { ["--data-changed", $0] } ?? [])
  }
}
