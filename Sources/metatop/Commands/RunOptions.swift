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
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Go on with stopped or killed runs, side by side; with no other option but --steps and --threads.",
      valueName: "run"
    ),
    completion: .directory
  )
  var resume: [String] = []

  @Option(
    help: ArgumentHelp(
      "Of several runs those that cannot be read: refuse all (default), or go on without them.",
      valueName: "refuse|skip"
    )
  )
  var resumeDamaged: String?

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

  @Option(
    parsing: .unconditional,
    help: "Seeds of every method, counted up from --seed: one series with its mean and 95 % band."
  )
  var seeds: String?

  @OptionGroup var data: RecordedDataOptions

  @Flag(
    help:
      "Train nothing: print a YAML file for --config that makes the same runs, defaults included."
  )
  var printConfig = false

  /// Prints what `command` was asked for as a file, where that is all that was asked for.
  func printed(_ command: any ParsableCommand.Type) throws(Failure) -> Bool {
    guard printConfig else { return false }
    if let option = resume.isEmpty ? branch.map({ _ in "--branch" }) : "--resume" {
      throw Failure(
        status: Failure.usage,
        sentence:
          "--print-config: describes a new run, and a recorded one has its config.json; leave "
          + "\(option) out"
      )
    }
    let runs = try resolved().runs
    let file: PrintedConfiguration
    do throws(ConfigurationError) {
      let options = try common.merged()
      file = PrintedConfiguration(options: options, runs: runs, others: try given(command))
    } catch {
      throw Failure(error)
    }
    try write(file.text)
    return true
  }

  /// The same for the screen.
  func others(
    _ command: any ParsableCommand.Type
  ) throws(Failure) -> [(name: String, value: String?)] {
    do throws(ConfigurationError) { return try given(command) } catch { throw Failure(error) }
  }

  /// Options of the command that are no training options, as they were given.
  private func given(
    _ command: any ParsableCommand.Type
  ) throws(ConfigurationError) -> [(name: String, value: String?)] {
    let arguments = try ExpandedArguments(Array(CommandLine.arguments.dropFirst())).arguments
    return OptionTable(command).given(arguments).filter { option, _ in
      option.name != "set" && OptionName(rawValue: option.name) == nil
        && !ExpandedArguments.onlyOnCommandLine.contains(option.name)
    }.map { (name: $0.option.name, value: $0.value) }
  }

  /// Everything checked, directories made, nothing computed; `isWatched` where somebody is there who
  /// can go on after a pause.
  func prepare(isWatched: Bool) throws(Failure) -> TrainingRun {
    let policy = try divergencePolicy(isWatched: isWatched)
    let answer = try resolved()
    let runs = answer.runs
    do throws(RunDirectoryError) {
      return try TrainingRun(
        runs,
        fairness: equalCompute ? .equalCompute : answer.fairness ?? .equalSteps,
        onDivergence: policy,
        out: answer.out,
        notes: runs.dataNotes + runs.flatMap(\.notes),
        arguments: CommandLine.arguments
      )
    } catch {
      throw Failure(status: RunDirectoryError.exitStatus, sentence: error.description)
    }
  }

  private func divergencePolicy(isWatched: Bool) throws(Failure) -> DivergencePolicy? {
    guard let onDivergence else { return nil }
    let policies = DivergencePolicy.allCases.filter { isWatched || $0 != .pause }
    guard let policy = policies.first(where: { $0.rawValue == onDivergence }) else {
      let known = policies.map(\.rawValue).joined(separator: ", ")
      if onDivergence == DivergencePolicy.pause.rawValue {
        throw Failure(
          status: Failure.usage,
          sentence:
            "--on-divergence: nobody could go on after a pause without a screen; use \(known)"
        )
      }
      throw Failure(
        status: Failure.usage,
        sentence: "--on-divergence: \"\(onDivergence.printable)\" is not allowed; use \(known)"
      )
    }
    return policy
  }

  /// The runs that were asked for; nothing is made yet.
  func resolved() throws(Failure) -> RunRequest.Answer {
    do throws(ConfigurationError) {
      var request = RunRequest(options: try common.merged(), cores: availableCores())
      request.policy = try data.policy()
      (request.resume, request.damaged) = (resume, resumeDamaged)
      (request.branch, request.checkpoint) = (branch, checkpoint)
      request.hasFolder = data.data != nil
      request.seeds = seeds
      guard branch == nil || resume.isEmpty else {
        throw ConfigurationError(
          .usage,
          "--branch: cannot be used together with --resume; give one of them"
        )
      }
      if branch != nil { try common.refuseBesideBranch() }
      if !resume.isEmpty, checkpoint == nil { try common.refuseBesideResume() }
      return try request.answer()
    } catch {
      throw Failure(error)
    }
  }
}
