import ArgumentParser
import Events
import Experiments
import Files
import Recording
import Training

/// A command that trains: its options, resolved into runs.
///
/// Groups stand in the command itself and not in each other: every level of them makes a start of a debug
/// build, which looks for contradictions among options, four times as long.
protocol RunCommand: ParsableCommand {
  var common: CommonOptions { get }
  var images: DataSetOptions { get }
  var runs: RunOptions { get }
  var data: RecordedDataOptions { get }
}

/// What training commands share beside the common options.
struct RunOptions: ParsableArguments {
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
      "A new run that begins at a recorded run's checkpoint, with other values (--set); beside those of --resume.",
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

  @Flag(
    help:
      "Train nothing: print a YAML file for --config that makes the same runs, defaults included."
  )
  var printConfig = false
}

extension RunCommand {
  /// Prints what the command was asked for as a file, where that is all that was asked for.
  func printed() throws(Failure) -> Bool {
    guard runs.printConfig else { return false }
    if let option = runs.resume.isEmpty ? runs.branch.map({ _ in "--branch" }) : "--resume" {
      throw Failure(
        status: Failure.usage,
        sentence:
          "--print-config: describes a new run, and a recorded one has its config.json; leave "
          + "\(option) out"
      )
    }
    let resolved = try resolved().runs
    let file: PrintedConfiguration
    do throws(ConfigurationError) {
      let options = try common.merged(images)
      file = PrintedConfiguration(options: options, runs: resolved, others: try given())
    } catch {
      throw Failure(error)
    }
    try write(file.text)
    return true
  }

  /// The same for the screen.
  func others() throws(Failure) -> [(name: String, value: String?)] {
    do throws(ConfigurationError) { return try given() } catch { throw Failure(error) }
  }

  /// Options of the command that are no training options, as they were given.
  private func given() throws(ConfigurationError) -> [(name: String, value: String?)] {
    let arguments = try ExpandedArguments(Array(CommandLine.arguments.dropFirst())).arguments
    return OptionTable(Self.self).given(arguments).filter { option, _ in
      option.name != "set" && OptionName(rawValue: option.name) == nil
        && !ExpandedArguments.onlyOnCommandLine.contains(option.name)
    }.map { (name: $0.option.name, value: $0.value) }
  }

  /// Everything checked, directories made, nothing computed; `isWatched` where somebody is there who
  /// can go on after a pause.
  func prepare(isWatched: Bool) throws(Failure) -> TrainingRun {
    let policy: DivergencePolicy?
    do throws(ConfigurationError) {
      policy = try runs.onDivergence.map { text throws(ConfigurationError) in
        try DivergencePolicy(named: text, isWatched: isWatched)
      }
    } catch { throw Failure(error) }
    let answer = try resolved()
    let made = answer.runs
    do throws(RunDirectoryError) {
      return try TrainingRun(
        made,
        fairness: runs.equalCompute ? .equalCompute : answer.fairness ?? .equalSteps,
        onDivergence: policy,
        out: answer.out,
        notes: made.dataNotes + made.flatMap(\.notes),
        arguments: CommandLine.arguments
      )
    } catch {
      throw Failure(status: RunDirectoryError.exitStatus, sentence: error.description)
    }
  }

  /// The runs that were asked for; nothing is made yet.
  func resolved() throws(Failure) -> RunRequest.Answer {
    do throws(ConfigurationError) {
      var request = RunRequest(options: try common.merged(images), cores: availableCores())
      request.policy = try data.policy()
      (request.resume, request.damaged) = (runs.resume, runs.resumeDamaged)
      (request.branch, request.checkpoint) = (runs.branch, runs.checkpoint)
      request.hasFolder = data.data != nil
      request.seeds = runs.seeds
      if runs.branch != nil {
        try common.refuseBesideBranch(images)
      } else if !runs.resume.isEmpty, runs.checkpoint == nil {
        try common.refuseBesideResume(images)
      }
      return try request.answer()
    } catch {
      throw Failure(error)
    }
  }
}
