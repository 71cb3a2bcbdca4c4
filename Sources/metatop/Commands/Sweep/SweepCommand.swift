import ArgumentParser
import Events
import Experiments
import Files
import Glibc
import MetaLearning
import Recording
import Sweeps

/// `metatop sweep`: a grid or random search over hyperparameters.
struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "A grid or random search over hyperparameters, on this machine or as a Slurm array.",
    discussion: """
      Every method is trained at every combination of values with every seed; runs with the same \
      seed see the same episodes. Interrupted, it goes on with --resume FOLDER. Example: \
      metatop sweep --methods \(MethodCatalog.twoNames) --grid inner-lr=0.005,0.01,0.02 \
      --grid outer-lr=0.001,0.002 --seeds 3
      """
  )

  @OptionGroup var common: CommonOptions
  @OptionGroup var images: DataSetOptions

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "A hyperparameter's values; METHOD.ID for one method; LOW..HIGH with --random.",
      valueName: "id=v,v,…"
    )
  )
  var grid: [String] = []

  @Option(parsing: .unconditional, help: "Draw so many combinations instead of making all.")
  var random: String?

  @Option(parsing: .unconditional, help: "Seeds of every combination (default 3).")
  var seeds: String?

  @Option(parsing: .unconditional, help: "The sweep's folder under --out.")
  var name: String?

  @Option(
    help: ArgumentHelp(
      "The combination that the others are compared with (default: the usual values).",
      valueName: "method,id=v"
    )
  )
  var baseline: String?

  @Option(
    help: ArgumentHelp("Go on with a sweep, or show its table again.", valueName: "folder"),
    completion: .directory
  )
  var resume: String?

  @Option(
    help: "The table: text, csv, markdown, latex or json.",
    completion: .list(TextTable.Format.allCases.map(\.rawValue))
  )
  var format = "text"

  @Flag(help: "Train nothing: print a command for each run, for GNU parallel and others.")
  var printCommands = false

  @Flag(help: "Train nothing here: submit the runs as one Slurm job array.")
  var slurm = false

  @Option(
    help: ArgumentHelp(
      "A further option of sbatch, as in --sbatch=--time=2:00:00.",
      valueName: "option"
    )
  )
  var sbatch: [String] = []

  @Option(
    name: .customLong("run"),
    parsing: .unconditional,
    help: ArgumentHelp("With --resume: make this run alone.", valueName: "number")
  )
  var only: String?

  @Flag(
    help: ArgumentHelp(
      "Successive halving: at 1/2, 1/4, … of the outer steps each method's losing half is stopped."
    )
  )
  var halving = false

  @Flag(help: "The table on the full screen, filling while the runs are made.")
  var live = false

  @OptionGroup var data: RecordedDataOptions

  @OptionGroup var screen: ScreenOptions

  mutating func run() throws {
    let format = try TextTable.Format(format: format)
    try checkWays()
    if live { try screen.check() }
    let (plan, directory, threads) = try prepared()
    let runner = SweepRunner(
      plan: plan,
      directory: directory,
      threads: threads,
      policy: try policy()
    )
    if printCommands { return try printCommands(runner) }
    if slurm {
      let array = SlurmArray(
        plan: plan,
        directory: directory,
        options: sbatch,
        further: dataArguments
      )
      return try array.submit(runner.open.map(\.index))
    }
    if let only { return try makeOne(only, runner) }
    try makeAll(runner, format)
  }

  /// Runs are made here, on the screen, one alone, or elsewhere.
  private func checkWays() throws(Failure) {
    let ways = [
      ("--live", live), ("--print-commands", printCommands), ("--slurm", slurm),
      ("--run", only != nil),
    ].filter(\.1).map(\.0)
    if ways.count > 1 {
      throw Failure(
        status: Failure.usage,
        sentence: "\(ways[0]): cannot be used together with \(ways[1]); give one of them"
      )
    }
    if halving, let other = ways.first(where: { $0 != "--live" }) {
      throw Failure(
        status: Failure.usage,
        sentence:
          "--halving: needs all runs in one process, so it cannot be used together with \(other)"
      )
    }
    if !sbatch.isEmpty, !slurm {
      throw Failure(status: Failure.usage, sentence: "--sbatch: is for --slurm; give that as well")
    }
  }

  /// Where the data of a sweep that goes on are now.
  private func policy() throws(Failure) -> DataPolicy {
    do throws(ConfigurationError) {
      var policy = try data.policy()
      guard resume != nil else {
        guard policy.folder == nil else {
          throw ConfigurationError(
            .usage,
            "--data: says where a recorded sweep's images lie now; give --resume as well, or --task "
              + "folder:PATH for a new sweep"
          )
        }
        return policy
      }
      (policy.episodes, policy.initial) = (common.episodes, common.initial)
      return policy
    } catch {
      throw Failure(error)
    }
  }

  /// The same for the processes that make its runs, wherever they begin.
  private var dataArguments: [String] {
    var own = data
    own.data = data.data.map(RunResolver.absolute)
    let files = resume == nil ? [] : [("episodes", common.episodes), ("initial", common.initial)]
    return own.arguments
      + files.flatMap { name, path in path.map { ["--\(name)", RunResolver.absolute($0)] } ?? [] }
  }

  // MARK: What is to be made

  private func prepared() throws(Failure) -> (SweepPlan, SweepDirectory, threads: Int) {
    guard let resume else { return try begun() }
    do throws(ConfigurationError) {
      return try resumed(resume)
    } catch {
      throw Failure(error)
    }
  }

  private func options() throws(ConfigurationError) -> SweepOptions {
    var options =
      if let file = common.file { try SweepOptions(ConfigurationFile(of: file)) } else {
        SweepOptions()
      }
    options.training = try common.merged(images, with: options.training)
    try options.apply(grid: grid, random: random, seeds: seeds, name: name, baseline: baseline)
    return options
  }

  /// The sweep that is asked for; nothing is made.
  func plan() throws(Failure) -> SweepPlan { try asked().plan }

  private func asked() throws(Failure) -> (plan: SweepPlan, options: SweepOptions, threads: Int) {
    do throws(ConfigurationError) {
      let options = try options()
      let threads = options.training.threads ?? availableCores()
      let name = options.name ?? SweepDirectory.newName()
      return (try SweepPlan(options, name: name, cores: threads), options, threads)
    } catch {
      throw Failure(error)
    }
  }

  private func begun() throws(Failure) -> (SweepPlan, SweepDirectory, threads: Int) {
    guard only == nil else {
      throw Failure(
        status: Failure.usage,
        sentence: "--run: makes a run of a sweep that is there; give --resume"
      )
    }
    let (plan, options, threads) = try asked()
    let directory = SweepDirectory(path: "\(options.training.out ?? "runs")/\(plan.name)")
    try directory.create(plan, file: options.file)
    return (plan, directory, threads)
  }

  /// The sweep as it began; a file given beside it must still ask for the same.
  private func resumed(
    _ path: String
  ) throws(ConfigurationError) -> (SweepPlan, SweepDirectory, threads: Int) {
    let directory = SweepDirectory(path: path)
    var plan = try directory.plan(origin: "--resume")
    let others =
      common.given(images).filter {
        $0.1 != nil && ![.threads, .episodes, .initial].contains($0.0)
      }
      .map(\.0.rawValue)
      + (common.settings.isEmpty ? [] : ["set"]) + (grid.isEmpty ? [] : ["grid"])
      + [("random", random), ("seeds", seeds), ("name", name)].filter { $0.1 != nil }.map(\.0)
    if let first = others.first {
      throw ConfigurationError(
        .usage,
        "--resume: a sweep goes on as it began; leave --\(first) out (--threads, --baseline and "
          + "--format may change)"
      )
    }
    var threads = availableCores()
    if let text = common.threads { threads = try SweepOptions.whole(text, 1...1_024, "--threads") }
    if let file = common.file {
      var options = try SweepOptions(ConfigurationFile(of: file))
      options.training = try common.merged(images, with: options.training)
      let asked = try SweepPlan(options, name: plan.name, cores: threads)
      guard asked.runs == plan.runs else {
        throw ConfigurationError(
          .badData,
          "\(file): asks for other runs than \(directory.manifest), which began with "
            + "\(plan.runs.count); put the file back, or start a new sweep with it"
        )
      }
    }
    if let baseline {
      _ = try plan.baseline(baseline, origin: "--baseline")
      plan.baseline = baseline
    }
    return (plan, directory, threads)
  }

  // MARK: Making it

  private func makeAll(_ runner: SweepRunner, _ format: TextTable.Format) throws {
    let (plan, directory) = (runner.plan, runner.directory)
    try directory.lock(isShared: false)
    let control = SweepControl(directory)
    if halving, !control.decisions.isHalving {
      try control.decide([.halving(true)], interrupts: false)
    }
    let open = runner.open.filter { !control.isStopped($0.combination) }
    let workers = try runner.workers(open.first)
    // Without a screen a sweep tells the same in lines.
    guard !live || screen.plain else {
      runner.announce(open.count, workers: workers, isHalving: control.decisions.isHalving)
      // The screen takes signals itself.
      return try show(runner, control, workers, format)
    }
    let isStopped = StopFlag()
    let interrupts = Interrupts { isStopped.set() }
    runner.announce(open.count, workers: workers, isHalving: control.decisions.isHalving)
    let progress = PoolProgress(total: open.count)
    var failures: [Failure] = []
    let listener = SweepRunner.Listener(
      isStopped: { isStopped.isSet },
      finished: { (run, count, result) throws(Failure) in
        let outcome = result.failure.map { "failed: \($0.sentence)" } ?? result.score
        let line = "\(plan.words(run)): \(outcome)"
        // Nobody knows how many runs will come to their end where some are stopped on the way.
        complain(control.decisions.isHalving ? line : progress.line(count, line))
        if let failure = result.failure { failures.append(failure) }
      },
      decided: { complain($0) }
    )
    try runner.make(workers: workers, control: control, listener)
    try print(SweepResults(plan, directory), format)
    if let status = interrupts.status {
      complain("interrupted; go on with: metatop sweep --resume \(directory.path)")
      throw ExitCode(status)
    }
    if let first = failures.first {
      throw Failure(
        status: first.status,
        sentence:
          "\(failures.count) of \(plan.runs.count) runs failed, the first: \(first.sentence)"
      )
    }
  }

  func print(_ results: SweepResults, _ format: TextTable.Format) throws(Failure) {
    try say(SweepTable(results: results).text(format), "table")
  }

  /// One run of a sweep, as a job array or GNU parallel asks for it.
  private func makeOne(_ text: String, _ runner: SweepRunner) throws {
    let index: Int
    do throws(ConfigurationError) {
      index = try SweepOptions.whole(text, 1...runner.plan.runs.count, "--run")
    } catch {
      throw Failure(error)
    }
    try runner.directory.lock(isShared: true)
    let run = runner.plan.runs[index - 1]
    guard runner.open.contains(run) else {
      return complain("\(runner.plan.words(run)): is there already")
    }
    let isStopped = StopFlag()
    let interrupts = Interrupts { isStopped.set() }
    let result = try runner.make(run, isStopped: { isStopped.isSet })
    if let failure = result?.failure { throw failure }
    if let result { complain("\(runner.plan.words(run)): \(result.score)") }
    if let status = interrupts.status { throw ExitCode(status) }
  }

  private func printCommands(_ runner: SweepRunner) throws(Failure) {
    let program = CommandLine.arguments.first ?? "metatop"
    let words = dataArguments.map { " " + $0.shellQuoted }.joined()
    let lines = runner.open.map { run in
      "\(program.shellQuoted) sweep --resume \(runner.directory.path.shellQuoted) --run \(run.index)"
        + " --threads 1\(words)\n"
    }
    try say(lines.joined(), "commands")
  }
}
