import ArgumentParser
import Dispatch
import Experiments
import Files
import Glibc
import Kernels
import Tasks

/// `metatop data check`: reads a whole data set and says what is in it and what is wrong with it.
struct DataCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Read a data set: counts, sizes, splits, bad files, time."
  )

  @OptionGroup var options: EpisodeOptions

  @Option(
    help: ArgumentHelp(
      "No class in two splits (the default), or other images of the same classes in each.",
      valueName: "classes|examples"
    )
  )
  var split: String?

  mutating func run() throws {
    let start = DispatchTime.now()
    let kind = try kind()
    let (shot, query) = (
      options.shot ?? TaskDefaults.usualShot, options.query ?? TaskDefaults.usualQuery
    )
    let task = try options.load(split: kind, images: options.images ?? shot + query, isSurvey: true)
    let seconds = Self.seconds(since: start)
    if let series = task as? SeriesTask {
      let report = SeriesReport(task: series, shot: options.shot, query: options.query)
      try printLines(report.lines)
      guard let problem = report.problem else { return }
      throw Failure(status: Failure.badData, sentence: problem.description)
    }
    if let nodes = task as? NodeTask {
      let report = GraphReport(nodes, options.shot, options.query, seconds)
      try printLines(report.lines)
      guard let problem = report.problem else { return }
      throw Failure(status: Failure.badData, sentence: problem.description)
    }
    guard let images = task.labelled else {
      return try printLines([
        "\(task.name)  generated, so there is nothing to check; `metatop data show \(task.name)` shows an episode"
      ])
    }
    let obstacle = images.obstacle(shot: shot, queryShot: query)
    let problems = images.problems + [obstacle].compactMap(\.self)
    let report = DataReport(task: images, shot: shot, query: query, seconds: seconds)
    try printLines(report.lines(checksums: try checksums(), draws: problems.isEmpty))
    for problem in problems { complain("metatop: \(problem)") }
    if !problems.isEmpty { throw ExitCode(Failure.badData) }
  }

  private func kind() throws(Failure) -> DataOptions.Split? {
    guard let split else { return nil }
    guard let kind = DataOptions.Split(rawValue: split) else {
      throw Failure(
        status: Failure.usage,
        sentence: "--split: is \(split.printable); use classes or examples"
      )
    }
    return kind
  }

  private func checksums() throws(Failure) -> [String] {
    guard !options.task.contains(":") else { return [] }
    do throws(DatasetError) {
      let library = DatasetLibrary(roots: DataRoots.found())
      return try library.checksums(of: options.task)
    } catch {
      throw Failure(status: Failure.badData, sentence: error.description)
    }
  }

  private static func seconds(since start: DispatchTime) -> Double {
    Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) / 1e9
  }
}
