import ArgumentParser
import Experiments
import Files
import Glibc
import Tasks

/// `metatop data`: which data sets there are, whether one is sound, what an episode looks like.
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "List data sets, check one, or show an episode.",
    subcommands: [DataListCommand.self, DataCheckCommand.self, DataShowCommand.self],
    defaultSubcommand: DataListCommand.self
  )
}

/// `metatop data list`: every data set, and where it is.
struct DataListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the data sets and where they are."
  )

  mutating func run() throws {
    let (entries, errors) = DatasetLibrary(roots: DataRoots.found()).entries()
    let width = entries.map(\.name.count).max() ?? 0
    let lines = entries.map { entry in
      let gap = String(repeating: " ", count: width - entry.name.count + 2)
      return "\(entry.name)\(gap)\(entry.manifest?.title ?? "")\n"
        + String(repeating: " ", count: width + 2) + place(entry)
    }
    let folder = "folder:PATH"
    let graphs =
      "nodes:NAME, graph:PATH  nodes of a graph above, of a .npz, or of a folder with edges.csv, "
      + "features.csv, labels.csv"
    let hint =
      "\(folder)  one's own images: PATH/{train,val,test}/CLASS/*, PATH/CLASS/*, lists (CSV), or a .npz"
    let series = "series:PATH"
    let own = "\(series)  one's own series: a CSV of task, x…, y, or a .npz with task, x and y"
    try printLines(lines + [hint, own, graphs])
    for error in errors { complain("metatop: \(error)") }
    if !errors.isEmpty { throw ExitCode(Failure.badData) }
  }

  private func place(_ entry: DatasetLibrary.Entry) -> String {
    if let folder = entry.folder { return "in \(folder)" }
    guard let manifest = entry.manifest else { return "built in" }
    return manifest.isGenerated
      ? "generated" : "not here: \(manifest.get ?? "see \(manifest.file)")"
  }
}

/// What `check` and `show` share: which data set, and the shape of an episode.
struct EpisodeOptions: ParsableArguments {
  @Argument(help: "A data set's name, folder:PATH or series:PATH.", completion: .tasks)
  var task: String

  @Option(help: "Classes in an episode.")
  var way: Int?

  @Option(help: "Support images of each class.")
  var shot: Int?

  @Option(help: "Query images of each class.")
  var query: Int?

  @Option(help: "Pixels that images are high and wide; needed where their sizes differ.")
  var imageSize: Int?

  @Option(
    help: ArgumentHelp(
      "Classes with fewer images than an episode draws: refuse the data, or leave them out.",
      valueName: "refuse|leave-out"
    )
  )
  var smallClasses = DataOptions.SmallClasses.refuse.rawValue

  /// Points of a series that an episode draws; nil for pictures.
  var images: Int? {
    guard task.hasPrefix(SeriesTask.prefix) else { return nil }
    return (shot ?? SeriesTask.usualShot) + (query ?? SeriesTask.usualQuery)
  }

  /// The task, read and decoded; of a survey also what cannot be trained on as it is.
  func load(
    split: DataOptions.Split?,
    images: Int,
    isSurvey: Bool = false
  ) throws(Failure) -> any TaskDistribution {
    var asked = DataOptions()
    (asked.split, asked.leastImages, asked.isSurvey) = (split, images, isSurvey)
    asked.imageSize = imageSize
    if let imageSize, !DataOptions.imageSizes.contains(imageSize) {
      let range = DataOptions.imageSizes
      throw Failure(
        status: Failure.usage,
        sentence: "--image-size: is \(imageSize); use \(range.lowerBound) to \(range.upperBound)"
      )
    }
    guard let small = DataOptions.SmallClasses(rawValue: smallClasses) else {
      throw Failure(
        status: Failure.usage,
        sentence: "--small-classes: is \(smallClasses.printable); use refuse or leave-out"
      )
    }
    asked.smallClasses = small
    asked.givenWay = way
    for (name, value) in [("--way", way), ("--shot", shot), ("--query", query)] {
      guard let value, !(1...10_000).contains(value) else { continue }
      throw Failure(status: Failure.usage, sentence: "\(name): is \(value); use 1 to 10000")
    }
    do throws(DatasetError) {
      return try TaskCatalog.make(
        name: task,
        way: way ?? TaskDefaults.usualWay,
        roots: DataRoots.found(),
        options: asked
      )
    } catch {
      throw Failure(status: Failure.badData, sentence: error.description)
    }
  }
}
