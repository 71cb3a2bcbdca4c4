import ArgumentParser
import Events
import Experiments
import Files
import Recording
import Training

/// What training commands share: the common options, resolved into runs.
struct RunOptions: ParsableArguments {
  @OptionGroup var common: CommonOptions

  @Flag(help: "Give every method the same computing time instead of the same number of steps.")
  var equalCompute = false

  @Option(
    help: ArgumentHelp(
      """
      When a run diverges or its numbers raise an alarm: pause all runs (the dashboard's default), stop \
      that run alone (the default of train), or leave the update out and go on.
      """,
      valueName: DivergencePolicy.allCases.map(\.rawValue).joined(separator: "|")
    ),
    completion: .list(DivergencePolicy.allCases.map(\.rawValue))
  )
  var onDivergence: String?

  @Option(
    help: ArgumentHelp(
      "Go on with a stopped or killed run; with no other option but --steps and --threads.",
      valueName: "run"
    ),
    completion: .directory
  )
  var resume: String?

  @Option(
    help: ArgumentHelp(
      "A new run that begins at a recorded run's checkpoint, with other values (--set).",
      valueName: "run"
    ),
    completion: .directory
  )
  var branch: String?

  @Option(
    help: "Which checkpoint a branch begins at: last, best, or an outer step as in 500.",
    completion: .checkpoints
  )
  var checkpoint: String?

  @OptionGroup var data: RecordedDataOptions

  @Flag(
    help:
      "Train nothing: print a YAML file for --config that makes the same runs, defaults included."
  )
  var printConfig = false

  /// Prints what `command` was asked for as a file, where that is all that was asked for.
  func printed(_ command: any ParsableCommand.Type) throws(Failure) -> Bool {
    guard printConfig else { return false }
    if let option = resume.map({ _ in "--resume" }) ?? branch.map({ _ in "--branch" }) {
      throw Failure(
        status: Failure.usage,
        sentence:
          "--print-config: describes a new run, and a recorded one has its config.json; leave "
          + "\(option) out"
      )
    }
    let (runs, _) = try resolved()
    let file: PrintedConfiguration
    do throws(ConfigurationError) {
      let arguments = try ExpandedArguments(Array(CommandLine.arguments.dropFirst())).arguments
      let others = OptionTable(command).given(arguments).filter { option, _ in
        option.name != "set" && OptionName(rawValue: option.name) == nil
          && !ExpandedArguments.onlyOnCommandLine.contains(option.name)
      }.map { (name: $0.option.name, value: $0.value) }
      file = PrintedConfiguration(options: try common.merged(), runs: runs, others: others)
    } catch {
      throw Failure(error)
    }
    try write(file.text)
    return true
  }

  /// Everything checked, directories made, nothing computed.
  func prepare() throws(Failure) -> TrainingRun {
    let policy = try divergencePolicy()
    let (runs, out) = try resolved()
    do throws(RunDirectoryError) {
      return try TrainingRun(
        runs,
        fairness: equalCompute ? .equalCompute : .equalSteps,
        onDivergence: policy,
        out: out,
        notes: runs.dataNotes + runs.flatMap(\.notes),
        arguments: CommandLine.arguments
      )
    } catch {
      throw Failure(status: RunDirectoryError.exitStatus, sentence: error.description)
    }
  }

  private func divergencePolicy() throws(Failure) -> DivergencePolicy? {
    guard let onDivergence else { return nil }
    guard let policy = DivergencePolicy(rawValue: onDivergence) else {
      let known = DivergencePolicy.allCases.map(\.rawValue).joined(separator: ", ")
      throw Failure(
        status: Failure.usage,
        sentence: "--on-divergence: \"\(onDivergence.printable)\" is not allowed; use \(known)"
      )
    }
    return policy
  }

  /// The runs that were asked for; nothing is made yet.
  func resolved() throws(Failure) -> (runs: [RunConfiguration], out: String) {
    do throws(ConfigurationError) {
      let options = try common.merged()
      if let branch { return try branched(branch, options) }
      guard checkpoint == nil else {
        throw ConfigurationError(.usage, "--checkpoint: is for a branch; give --branch RUN as well")
      }
      if let resume {
        try common.refuseBesideResume()
        let stored = try stored(resume, "--resume", options)
        let run = try stored.resumed(steps: options.steps, threads: options.threads)
        return ([run], "")
      }
      guard data.data == nil else {
        throw ConfigurationError(
          .usage,
          "--data: says where a recorded run's images lie now; give --resume or --branch as well, or "
            + "--task folder:PATH for a new run"
        )
      }
      let resolver = RunResolver(options: options, cores: availableCores())
      return (try resolver.configurations(), options.out ?? "runs")
    } catch {
      throw Failure(error)
    }
  }

  /// A recorded run, with its data where they are now.
  private func stored(
    _ path: String,
    _ origin: String,
    _ options: TrainingOptions
  ) throws(ConfigurationError) -> StoredRun {
    var policy = try data.policy()
    (policy.episodes, policy.validation) = (options.episodes, options.validationEpisodes)
    return StoredRun(path: path, origin: origin, cores: availableCores(), policy: policy)
  }

  private func branched(
    _ path: String,
    _ options: TrainingOptions
  ) throws(ConfigurationError) -> (runs: [RunConfiguration], out: String) {
    guard resume == nil else {
      throw ConfigurationError(
        .usage,
        "--branch: cannot be used together with --resume; give one of them"
      )
    }
    try common.refuseBesideBranch()
    guard let kind = CheckpointKind(checkpoint ?? CheckpointKind.last.text) else {
      throw ConfigurationError(
        .usage,
        "--checkpoint: there is no checkpoint \"\((checkpoint ?? "").printable)\"; use last, best, or "
          + "an outer step as in 500"
      )
    }
    let stored = try stored(path, "--branch", options)
    return ([try stored.branched(kind, options)], options.out ?? "runs")
  }
}
