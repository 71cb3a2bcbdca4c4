import Events
import MetaLearning
import Models
import Tasks
import Training

/// Turns what a person asked for into complete runs, or into the sentence that says what is wrong.
struct RunResolver {
  let options: TrainingOptions
  /// Workers when nothing is said: the machine's cores.
  let cores: Int

  func configurations() throws(ConfigurationError) -> [RunConfiguration] {
    let distribution = try distribution()
    try rejectClasses(distribution)
    let methods = try methods()
    let model = try model()
    try checkSettings(methods, model)
    let recorded = try recordedEpisodes(distribution)
    let initial = try initialParameters()
    var runs: [RunConfiguration] = []
    for method in methods {
      let run = RunConfiguration(
        method: method,
        model: model,
        distribution: distribution,
        values: try values(method, model),
        shot: recorded?.layout.supportCount ?? options.shot ?? distribution.defaults.shot,
        queryShot: recorded?.layout.queryCount ?? options.query ?? options.shot
          ?? distribution.defaults.shot,
        totalSteps: options.steps ?? recorded?.stepLimit ?? distribution.defaults.steps,
        metaBatchSize: recorded?.metaBatchSize ?? options.metaBatch
          ?? distribution.defaults.metaBatchSize,
        seed: options.seed ?? 0,
        threads: options.threads ?? cores,
        evaluateEvery: options.evaluateEvery ?? distribution.defaults.evaluateEvery,
        evaluationEpisodes: options.evaluationEpisodes
          ?? distribution.defaults.evaluationEpisodes,
        testEpisodes: distribution.defaults.testEpisodes,
        probeEvery: distribution.defaults.probeEvery,
        recorded: recorded,
        initial: initial
      )
      try check(run)
      try checkInitial(run)
      runs.append(run)
    }
    return runs
  }

  // MARK: Names

  private func distribution() throws(ConfigurationError) -> any TaskDistribution {
    let name = options.task ?? TaskCatalog.names[0]
    guard let distribution = TaskCatalog.distribution(name) else {
      throw problem(.task, "there is no task \"\(name)\"; use \(list(TaskCatalog.names))")
    }
    return distribution
  }

  private func rejectClasses(_ task: any TaskDistribution) throws(ConfigurationError) {
    guard options.way == nil || task.isClassification else {
      throw problem(.way, "\(task.name) has no classes; leave it out")
    }
  }

  private func methods() throws(ConfigurationError) -> [any Method] {
    let known = MethodCatalog.all.map(\.descriptor.id)
    var methods: [any Method] = []
    for name in options.methods ?? known {
      guard let method = MethodCatalog.method(name) else {
        throw problem(.methods, "there is no method \"\(name)\"; use \(list(known))")
      }
      methods.append(method)
    }
    return methods
  }

  private func model() throws(ConfigurationError) -> any Model {
    let name = options.model ?? "mlp"
    guard name == "mlp" else {
      throw problem(.model, "there is no model \"\(name)\" for this task; use mlp")
    }
    let width = options.width ?? TaskCatalog.distribution("sinusoid")?.defaults.width ?? 40
    return MLP(inputs: 1, hidden: [width, width], outputs: 1)
  }

  // MARK: Hyperparameters

  /// A setting that no chosen method understands is a mistake; one that some do not is not.
  private func checkSettings(
    _ methods: [any Method],
    _ model: any Model
  ) throws(ConfigurationError) {
    for setting in options.set {
      if let name = setting.method, !methods.contains(where: { $0.descriptor.id == name }) {
        throw problem(
          setting,
          "\(name).\(setting.id): \(name) is not among the methods being trained "
            + "(\(list(methods.map(\.descriptor.id))))"
        )
      }
      let addressed = methods.filter { [nil, $0.descriptor.id].contains(setting.method) }
      let ids = addressed.flatMap { $0.hyperparameters(for: model).map(\.id) }
      guard ids.contains(setting.id) else {
        let known = ids.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        throw problem(
          setting,
          "\(setting.id): there is no such hyperparameter; use \(list(known))"
        )
      }
    }
  }

  private func values(
    _ method: any Method,
    _ model: any Model
  ) throws(ConfigurationError) -> HyperparameterValues {
    var values = HyperparameterValues(method.hyperparameters(for: model))
    for setting in options.set where [nil, method.descriptor.id].contains(setting.method) {
      guard let descriptor = values.descriptor(setting.id) else { continue }
      do {
        try values.set(setting.id, to: try descriptor.parse(setting.text))
      } catch {
        throw problem(setting, error.description)
      }
    }
    return values
  }

  // MARK: Files

  private func recordedEpisodes(
    _ distribution: any TaskDistribution
  ) throws(ConfigurationError) -> RecordedEpisodes? {
    guard let path = options.episodes else { return nil }
    for (option, isGiven) in [
      (OptionName.shot, options.shot != nil), (.query, options.query != nil),
      (.metaBatch, options.metaBatch != nil),
    ] where isGiven {
      throw problem(option, "the file of --episodes decides it; leave it out")
    }
    do {
      let recorded = try RecordedEpisodes(try TensorFile(reading: path), for: distribution)
      if let steps = options.steps, let limit = recorded.stepLimit, steps > limit {
        throw problem(.steps, "\(path) has episodes for \(limit) steps; use \(limit) or fewer")
      }
      return recorded
    } catch let error as SafetensorsError {
      throw badFile(.episodes, error)
    } catch let error as ConfigurationError {
      throw error
    } catch {
      throw ConfigurationError(.badData, "--episodes: \(error)")
    }
  }

  private func initialParameters() throws(ConfigurationError) -> TensorFile? {
    guard let path = options.initial else { return nil }
    do {
      return try TensorFile(reading: path)
    } catch {
      throw badFile(.initial, error)
    }
  }

  /// Says that the file of initial parameters does not fit while nothing has been written yet.
  private func checkInitial(_ run: RunConfiguration) throws(ConfigurationError) {
    do throws(SafetensorsError) {
      try run.checkInitial()
    } catch {
      throw badFile(.initial, error)
    }
  }

  private func badFile(_ option: OptionName, _ error: SafetensorsError) -> ConfigurationError {
    ConfigurationError(.badData, "\(options.origin(of: option)): \(error)")
  }

  // MARK: Sizes

  private func check(_ run: RunConfiguration) throws(ConfigurationError) {
    if let refusal = run.refusal { throw ConfigurationError(.usage, refusal) }
    let need = run.estimatedBytes
    let limit = min(Double(RunConfiguration.largestBytes), physicalMemory())
    guard need > limit || !run.isAddressable else { return }
    let room = need > limit ? "the \(gibibytes(limit)) there are for it" : "one run can address"
    throw ConfigurationError(
      .usage,
      "\(run.method.descriptor.name) on these sizes needs about \(gibibytes(need)) of memory, "
        + "more than \(room); use a smaller --width, --shot, --query, --meta-batch or inner-steps"
    )
  }

  private func gibibytes(_ bytes: Double) -> String {
    "\((bytes / 1_073_741_824 * 10).rounded() / 10) GiB"
  }

  // MARK: Sentences

  private func problem(_ option: OptionName, _ sentence: String) -> ConfigurationError {
    let origin = options.origin(of: option)
    return ConfigurationError(status(origin), "\(origin): \(sentence)")
  }

  private func problem(
    _ setting: TrainingOptions.Setting,
    _ sentence: String
  ) -> ConfigurationError {
    ConfigurationError(status(setting.origin), "\(setting.origin): \(sentence)")
  }

  /// A wrong value is the command line's fault, or that of a file.
  private func status(_ origin: String) -> ConfigurationError.Status {
    origin.hasPrefix("--") ? .usage : .badData
  }

  private func list(_ names: [String]) -> String { names.joined(separator: ", ") }
}
