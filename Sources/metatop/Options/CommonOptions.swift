import ArgumentParser
import Experiments
import Files
import MetaLearning
import Models
import Recording
import Tasks

/// The options that every training command takes.
///
/// Values are read as text, so that the command line and a file are checked in one place and say
/// the same sentence.
package struct CommonOptions: ParsableArguments {
  @Option(
    help: """
      Methods trained side by side on the same episodes, of those that `metatop methods` lists \
      (default \(MethodCatalog.usualNames)).
      """,
    completion: .methods
  )
  var methods: String?

  @Option(
    help: """
      Task distribution: \(TaskCatalog.builtIn.joined(separator: ", ")), folder:PATH for one's own \
      images, series:PATH for one's own series of numbers, nodes:NAME or graph:PATH for the nodes of a graph, a \
      folder of Datasets/, or episodes for what --episodes has.
      """,
    completion: .tasks
  )
  var task: String?

  @Option(
    help: ArgumentHelp(stringLiteral: ModelCatalog.help),
    completion: .models
  )
  var model: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(stringLiteral: ModelCatalog.widthHelp)
  )
  var width: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(stringLiteral: ModelCatalog.layersHelp)
  )
  var layers: String?

  @Option(
    help: ArgumentHelp(ModelCatalog.normHelp, valueName: "batch|layer|none"),
    completion: .normalisations
  )
  var norm: String?

  @Option(
    help: ArgumentHelp(
      "What follows each layer of the network (default the method's, mostly relu).",
      valueName: "relu|leaky|tanh|softplus"
    ),
    completion: .activations
  )
  var activation: String?

  @Option(
    help: ArgumentHelp(
      "Whether the network's head adds a bias (default the method's, mostly on).",
      valueName: "on|off"
    ),
    completion: .onOrOff
  )
  var headBias: String?

  @Option(parsing: .unconditional, help: "Classes of an episode (N); images only (default 5).")
  var way: String?

  @Option(
    parsing: .unconditional,
    help: "Support examples (K); of each class, on images (default 10, images 1)."
  )
  var shot: String?

  @Option(
    parsing: .unconditional,
    help: "Query examples; of each class, on images (default 10, images 15)."
  )
  var query: String?

  @Option(parsing: .unconditional, help: "Outer steps (default 30,000, glyphs 2,000).")
  var steps: String?

  @Option(parsing: .unconditional, help: "Episodes an outer step (B; default 25, images 4).")
  var metaBatch: String?

  @Option(parsing: .unconditional, help: "Seed of everything random (default 0).")
  var seed: String?

  @Option(
    parsing: .unconditional,
    help: "Workers (default all cores); results do not depend on their number."
  )
  var threads: String?

  @Option(
    name: .customLong("set"),
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Any hyperparameter; METHOD.ID=VALUE for one method; of two the last wins.",
      valueName: "id=value"
    )
  )
  var settings: [String] = []

  @Option(
    help: ArgumentHelp(
      "The same options in a YAML file; the command line wins.",
      valueName: "file"
    ),
    completion: .settings
  )
  var config: String?

  @Option(
    help: ArgumentHelp("Where run directories go (default runs).", valueName: "folder"),
    completion: .directory
  )
  var out: String?

  @Option(
    help: ArgumentHelp("Meta-parameters to start from (safetensors).", valueName: "file"),
    completion: .tensors
  )
  var initial: String?

  @Option(
    help: ArgumentHelp(
      "Parameters that --initial lacks of a group it has: refuse (default) or draw.",
      valueName: "refuse|draw"
    )
  )
  var initialMissing: String?

  @Option(
    help: ArgumentHelp(
      "The head that tells classes apart: that of --initial (default), or a new one.",
      valueName: "file|new"
    )
  )
  var initialHead: String?

  @Option(
    help: ArgumentHelp(
      "Train on exactly these episodes, or joint training's batches, in order (safetensors).",
      valueName: "file"
    ),
    completion: .tensors
  )
  var episodes: String?

  @Option(
    help: ArgumentHelp(
      "Meta-validate on these episodes; for --task episodes, which has no others.",
      valueName: "file"
    ),
    completion: .tensors
  )
  var validationEpisodes: String?

  @Option(
    parsing: .unconditional,
    help: "Outer steps between meta-validations; 0 for never (default 1,000, images 250)."
  )
  var evaluateEvery: String?

  @Option(parsing: .unconditional, help: "Episodes of a meta-validation (default 200, images 100).")
  var evaluationEpisodes: String?

  @Option(
    parsing: .unconditional,
    help: "Episodes of the meta-test; 0 for none (default 600, numbers 2,000, nodes 200)."
  )
  var testEpisodes: String?

  @Option(
    parsing: .unconditional,
    help: "Outer steps between checkpoints that stay; 0 for none (default a tenth of the steps)."
  )
  var keepEvery: String?

  @Option(
    help: ArgumentHelp(
      "A TensorBoard event file in the run's directory, growing while it is trained (default on).",
      valueName: "on|off"
    ),
    completion: .onOrOff
  )
  var tensorboard: String?

  package init() {}

  /// Where `--config` is.
  var file: String? { config.map { SystemFile.expanded($0) } }

  /// The file's options under the command line's.
  package func merged(
    _ images: DataSetOptions? = nil
  ) throws(ConfigurationError) -> TrainingOptions {
    try merged(images, with: file.map { ConfigurationFile(of: $0) }?.options() ?? TrainingOptions())
  }

  /// The options of a file under the command line's.
  func merged(
    _ images: DataSetOptions?,
    with file: TrainingOptions
  ) throws(ConfigurationError) -> TrainingOptions {
    var options = file
    try options.apply(given(images), settings: settings)
    return options
  }

  /// A run that goes on is the same run: only its length and its workers may change.
  func refuseBesideResume(_ images: DataSetOptions) throws(ConfigurationError) {
    try refuse(
      given(images),
      beside: "--resume: a run goes on as it was",
      allowed: [.steps, .threads, .episodes, .validationEpisodes],
      note: "--steps and --threads may change"
    )
  }

  /// A branch is made of a run: what its checkpoint was trained on stays.
  func refuseBesideBranch(_ images: DataSetOptions) throws(ConfigurationError) {
    try refuse(
      given(images),
      beside: "--branch: a branch trains on what its run did",
      allowed: [
        .steps, .threads, .episodes, .validationEpisodes, .out, .evaluateEvery, .evaluationEpisodes,
        .testEpisodes, .keepEvery, .tensorboard,
      ],
      note:
        "--set, --steps, --threads, --out, --keep-every, --tensorboard, the meta-validation and the "
        + "meta-test may change",
      takesSettings: true
    )
  }

  private func refuse(
    _ given: [(OptionName, String?)],
    beside rule: String,
    allowed: [OptionName],
    note: String,
    takesSettings: Bool = false
  ) throws(ConfigurationError) {
    let others = given.filter { $0.1 != nil && !allowed.contains($0.0) }
    let first = others.first?.0.rawValue ?? (settings.isEmpty || takesSettings ? nil : "set")
    guard let name = first ?? (config == nil ? nil : "config") else { return }
    throw ConfigurationError(.usage, "\(rule); leave --\(name) out (\(note))")
  }

  /// Those that stand on the command line.
  func given(_ images: DataSetOptions?) -> [(OptionName, String?)] {
    [
      (.methods, methods), (.task, task), (.model, model), (.width, width),
      (.layers, layers), (.norm, norm), (.activation, activation), (.headBias, headBias),
      (.way, way), (.shot, shot), (.query, query), (.imageSize, images?.imageSize),
      (.split, images?.split), (.smallClasses, images?.smallClasses), (.steps, steps),
      (.metaBatch, metaBatch), (.seed, seed), (.threads, threads), (.out, out), (.initial, initial),
      (.initialMissing, initialMissing), (.initialHead, initialHead), (.episodes, episodes),
      (.validationEpisodes, validationEpisodes),
      (.evaluateEvery, evaluateEvery), (.evaluationEpisodes, evaluationEpisodes),
      (.testEpisodes, testEpisodes), (.keepEvery, keepEvery), (.tensorboard, tensorboard),
    ]
  }
}

/// How a data set of pictures is read.
package struct DataSetOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help:
      "Pixels that images are high and wide (4 to 1024; default their own, at most 84); needed where sizes differ."
  )
  var imageSize: String?

  @Option(
    help: ArgumentHelp(
      "No class in two splits (the default), or other images of the same classes in each.",
      valueName: "classes|examples"
    )
  )
  var split: String?

  @Option(
    help: ArgumentHelp(
      "Classes with fewer images than an episode draws: refuse the data, or leave them out.",
      valueName: "refuse|leave-out"
    )
  )
  var smallClasses: String?

  package init() {}
}
