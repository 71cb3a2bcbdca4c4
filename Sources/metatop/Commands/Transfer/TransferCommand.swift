import ArgumentParser
import Events
import Experiments
import Files
import MetaLearning
import Recording

/// `metatop transfer`: the meta-test of joint training (Ryu et al., NeurIPS 2020).
struct TransferCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "transfer",
    abstract: "Train other networks on held-out classes with and without a frozen noise network.",
    discussion: """
      Every arm trains the same network from scratch on the same images with each seed, at each \
      size of training set. Noise grows over the first 40 % of the steps; predictions at the end \
      average 100 draws. Example: metatop transfer --phi runs/NAME/checkpoints/best.safetensors
      """
  )

  @Option(
    help: ArgumentHelp("The noise network φ to freeze (safetensors).", valueName: "file"),
    completion: .tensors
  )
  var phi: String?

  @Option(
    help: "What is compared: none,frozen,untrained,dropout,weight-decay.",
    completion: .separated(SupervisedMethod.arms.map(\.descriptor.id))
  )
  var arms: String?

  @Option(
    help: "Labelled images: glyphs (the default), omniglot, folder:PATH, or a data set.",
    completion: .tasks
  )
  var task: String?

  @OptionGroup var data: DataSetOptions

  @Option(help: "Network: conv4, conv6, resnet20.")
  var model: String?

  @Option(parsing: .unconditional, help: "Channels of the network's first layer (default 16).")
  var width: String?

  @Option(parsing: .unconditional, help: "Held-out classes told apart (default 20).")
  var classes: String?

  @Option(parsing: .unconditional, help: "Training images a class, with commas (default 5,20,50).")
  var images: String?

  @Option(parsing: .unconditional, help: "Other images of each class to test on (default 20).")
  var testImages: String?

  @Option(parsing: .unconditional, help: "Seeds of every cell (default 3).")
  var seeds: String?

  @Option(parsing: .unconditional, help: "The first seed (default 0).")
  var seed: String?

  @Option(parsing: .unconditional, help: "Steps of each run (default 600; 10000 in the paper).")
  var steps: String?

  @Option(parsing: .unconditional, help: "Steps between two scores (default a tenth of the steps).")
  var evaluateEvery: String?

  @Option(parsing: .unconditional, help: "Runs at a time; results do not depend on their number.")
  var threads: String?

  @Option(
    name: .customLong("set"),
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Any hyperparameter; ARM.ID=VALUE for one arm.", valueName: "id=value")
  )
  var settings: [String] = []

  @Option(
    help: ArgumentHelp(
      "The same options in a YAML file; the command line wins.",
      valueName: "file"
    ),
    completion: .file()
  )
  var config: String?

  @Option(
    help: ArgumentHelp("Where run directories go.", valueName: "folder"),
    completion: .directory
  )
  var out: String?

  @Option(help: DataChanged.help)
  var dataChanged: String?

  @Option(help: "The table: text, csv, markdown or json.")
  var format = "text"

  @Flag(help: "The race in the dashboard: the first size and seed of every arm, side by side.")
  var live = false

  @OptionGroup var screen: ScreenOptions

  mutating func run() throws {
    let format = try TransferTable.Format(format: format)
    if live { try screen.check() }
    let (plan, resolver) = try planned()
    let folder = resolver.options.out ?? "runs"
    guard !live else { return try race(plan, out: folder) }
    try compare(plan, format, threads: resolver.options.threads ?? resolver.cores, out: folder)
  }

  private func planned() throws(Failure) -> (TransferPlan, RunResolver) {
    do throws(ConfigurationError) {
      let resolver = RunResolver(options: try trainingOptions(), cores: availableCores())
      return (try TransferPlan(try transferOptions(), resolver), resolver)
    } catch {
      throw Failure(error)
    }
  }

  private func compare(
    _ plan: TransferPlan,
    _ format: TransferTable.Format,
    threads: Int,
    out: String
  ) throws {
    let isStopped = StopFlag()
    let interrupts = Interrupts { isStopped.set() }
    let results = try plan.make(threads: threads, out: out, isStopped: { isStopped.isSet })
    let isWritten = say(Array(TransferTable(plan: plan, results: results).text(format).utf8))
    if let status = interrupts.status { throw ExitCode(status) }
    guard isWritten else {
      throw Failure(
        status: Failure.inputOutput,
        sentence: "standard output: the table could not be written; give it room or a reader"
      )
    }
  }

  /// The first size and seed, side by side on the screen.
  private func race(_ plan: TransferPlan, out: String) throws {
    let first = plan.cells[0]
    var runs = zip(plan.cells, plan.runs)
      .filter { $0.0.images == first.images && $0.0.seed == first.seed }.map(\.1)
    for index in runs.indices { runs[index].evaluateEvery = max(runs[index].totalSteps / 40, 1) }
    let run: TrainingRun
    do throws(RunDirectoryError) {
      run = try TrainingRun(
        runs,
        fairness: .equalSteps,
        out: out,
        notes: runs.first?.notes ?? [],
        arguments: CommandLine.arguments
      )
    } catch {
      throw Failure(status: RunDirectoryError.exitStatus, sentence: error.description)
    }
    try screen.show(run)
  }
}

extension TransferCommand {
  /// The options that other training commands have as well.
  private func trainingOptions() throws(ConfigurationError) -> TrainingOptions {
    var options = TrainingOptions()
    try options.apply(
      [
        (.task, task), (.imageSize, data.imageSize), (.split, data.split),
        (.smallClasses, data.smallClasses), (.model, model), (.width, width), (.seed, seed),
        (.steps, steps),
        (.evaluateEvery, evaluateEvery), (.threads, threads), (.out, out),
      ],
      settings: settings
    )
    return options
  }

  /// Those of the comparison.
  private func transferOptions() throws(ConfigurationError) -> TransferPlan.Options {
    var options = TransferPlan.Options()
    options.phi = phi
    options.acceptsChanges = try DataChanged.isAccepted(dataChanged)
    try options.apply(
      arms: arms,
      classes: classes,
      testImages: testImages,
      seeds: seeds,
      images: images
    )
    return options
  }
}
