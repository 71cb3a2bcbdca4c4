import ArgumentParser
import Dashboard
import Events
import Experiments
import Files
import Recording
import Sweeps

/// `metatop replay`: recorded runs in the dashboard, as they happened.
struct ReplayCommandLine: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Show recorded runs in the dashboard: at any speed, forwards and back."
  )

  @Argument(
    help: ArgumentHelp("Run directories, also of other machines.", valueName: "run"),
    completion: .directory
  )
  var runs: [String]

  @OptionGroup var screen: ScreenOptions

  @Option(
    help: ArgumentHelp(
      "Where the runs' images lie now, if their folder was moved; pictures are read from there.",
      valueName: "folder"
    )
  )
  var data: String?

  mutating func run() throws {
    try screen.replay(runs, isLive: false, policy: DataPolicy(folder: data))
  }
}

/// `metatop attach`: runs that are under way, without touching them.
struct AttachCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attach",
    abstract: "Watch runs that another process is recording, read-only."
  )

  @Argument(
    help: ArgumentHelp("Run directories, or the folder of a sweep.", valueName: "run"),
    completion: .directory
  )
  var runs: [String]

  @OptionGroup var screen: ScreenOptions

  @Option(
    help: ArgumentHelp(
      "Where the runs' images lie now, if their folder was moved; pictures are read from there.",
      valueName: "folder"
    )
  )
  var data: String?

  /// An action's name, as in the file of one's own keys.
  @Option(help: .hidden) var beginWith: String?
  /// The league table of a sweep waits behind this screen.
  @Flag(help: .hidden) var insideSweep = false

  mutating func run() throws {
    guard runs.count == 1, let first = runs.first, SweepDirectory(path: first).exists else {
      return try screen.replay(
        runs,
        isLive: true,
        beginWith: beginWith,
        isInsideSweep: insideSweep,
        policy: DataPolicy(folder: data)
      )
    }
    let directory = SweepDirectory(path: first)
    let plan: SweepPlan
    do throws(ConfigurationError) {
      plan = try directory.plan(origin: "attach")
    } catch {
      throw Failure(error)
    }
    try screen.check()
    guard !screen.plain else { return try screen.tell(plan, directory) }
    let (status, next, _) = try screen.show(SweepWatcher(plan, directory), control: nil)
    if status != 0 { throw ExitCode(status) }
    if let next { try screen.comparison.start(next) }
  }
}

extension ScreenOptions {
  /// A sweep in lines, and its table.
  fileprivate func tell(_ plan: SweepPlan, _ directory: SweepDirectory) throws {
    let isStopped = StopFlag()
    let interrupts = Interrupts { isStopped.set() }
    var lines = SweepLines(plan, directory, every: plainEvery)
    let table = lines.follow { isStopped.isSet }
    try say(table.text(.text), "table")
    if let status = interrupts.status { throw ExitCode(status) }
  }

  func replay(
    _ paths: [String],
    isLive: Bool,
    beginWith action: String? = nil,
    isInsideSweep: Bool = false,
    policy: DataPolicy = DataPolicy()
  ) throws {
    guard paths.count <= SweepState.openLimit else {
      throw Failure(
        status: Failure.usage,
        sentence: "\(paths.count) runs are too many to show; give at most \(SweepState.openLimit)"
      )
    }
    var readers: [RecordedRunReader] = []
    for (index, path) in paths.enumerated() {
      do throws(RunDirectoryError) {
        readers.append(try RecordedRunReader(SystemFile.expanded(path), id: RunID(index)))
      } catch {
        throw Failure(status: Failure.badData, sentence: error.description)
      }
    }
    try check()
    try show(
      ReplayPlayer(readers, isLive: isLive),
      beginWith: action,
      isInsideSweep: isInsideSweep,
      policy: policy
    )
  }
}
