import Events
import MetaLearning
import Models
import Recording
import Tasks
import Training

/// Turns what a person asks for into complete runs, or into the sentence that says what is wrong.
///
/// Everything is checked, and images are read and decoded, before anything is written.
package struct RunResolver {
  package var options: TrainingOptions
  /// Workers when nothing is said: the machine's cores.
  package let cores: Int
  /// Where data sets are looked for.
  var roots = DataRoots.found()
  /// Tasks by name that were made before, with the same options; else they are read again.
  package var known: [String: any TaskDistribution] = [:]
  /// A run's last checkpoint, whose hyperparameters and widths count, not the defaults.
  var stored: ResumePoint?

  package init(options: TrainingOptions, cores: Int) {
    (self.options, self.cores) = (options, cores)
  }

  package func configurations() throws(ConfigurationError) -> [RunConfiguration] {
    let methods = try methods()
    var resolver = self
    resolver.options.task = options.task ?? impliedTask(methods)
    return try resolver.configurations(of: methods)
  }

  private func configurations(
    of methods: [any Method]
  ) throws(ConfigurationError) -> [RunConfiguration] {
    try checkInitialOptions()
    var data = RunData()
    let (given, file, validation) = try files(&data)
    let batches = try classBatches(methods, file)
    // Beside a file's batches stand the episodes that are decoded.
    let episodes = batches?.episodes ?? file
    let initial = stored?.checkpoint ?? given
    let joint = try jointData(methods, episodes, validation)
    let task: any TaskDistribution
    if let first = joint?.tasks.first {
      task = first
    } else {
      task = try self.task(episodes, initial)
    }
    data.sets = (joint?.tasks ?? [task]).compactMap(record)
    let models = try methods.map { method throws(ConfigurationError) in
      try model(task, initial, for: method)
    }
    if let first = models.first { try checkSettings(methods, first) }
    let isEpisodic = !methods.allSatisfy { $0 is SupervisedMethod }
    let shape = try shape(
      task,
      isEpisodic ? episodes : nil,
      isEpisodic: isEpisodic,
      checksSteps: batches == nil
    )
    let heldOut = try isEpisodic ? heldOut(task, validation) : nil
    var runs: [RunConfiguration] = []
    for (method, model) in zip(methods, models) {
      var run = try begun(method, model, task, shape, heldOut)
      run.initial = stored == nil ? initial : nil
      run.data = data
      if let supervised = method as? SupervisedMethod, let joint {
        try makeJoint(&run, supervised, joint, initial)
      }
      if let learner = method as? any BatchMethod {
        try makeBatched(&run, learner, batches, file, initial)
      }
      run.keepEvery = options.keepEvery ?? (run.totalSteps + 9) / 10
      if let refusal = run.refusal { throw ConfigurationError(.usage, refusal) }
      try checkInitial(run)
      try finish(&run)
      runs.append(run)
    }
    return try measured(runs)
  }

  /// A method's run with what is the same for all.
  private func begun(
    _ method: any Method,
    _ model: any Model,
    _ task: any TaskDistribution,
    _ shape: EpisodeShape,
    _ heldOut: RecordedEpisodes?
  ) throws(ConfigurationError) -> RunConfiguration {
    var run = RunConfiguration(
      method: method,
      model: model,
      distribution: task,
      values: try values(method, model, task),
      shot: shape.shot,
      queryShot: shape.queryShot,
      totalSteps: options.steps ?? shape.recorded?.stepLimit ?? task.defaults.steps,
      metaBatchSize: shape.recorded?.metaBatchSize ?? options.metaBatch
        ?? task.defaults.metaBatchSize,
      seed: options.seed ?? 0,
      threads: options.threads ?? cores,
      evaluateEvery: options.evaluateEvery
        ?? (task.isSampled || heldOut != nil ? task.defaults.evaluateEvery : 0),
      evaluationEpisodes: options.evaluationEpisodes ?? heldOut?.count
        ?? task.defaults.evaluationEpisodes,
      testEpisodes: options.testEpisodes ?? task.defaults.testEpisodes,
      probeEvery: task.defaults.probeEvery,
      recorded: shape.recorded
    )
    run.heldOut = heldOut
    run.probeShare = ProbePace.share
    run.hasEventFile = options.tensorboard ?? true
    run.initialRules = options.initialRules
    return run
  }

  private func methods() throws(ConfigurationError) -> [any Method] {
    var methods = MethodCatalog.usual
    if let names = options.methods {
      methods = try names.map { (name) throws(ConfigurationError) in
        guard let method = MethodCatalog.method(name) else {
          throw problem(.methods, MethodCatalog.refusal(of: name))
        }
        return method
      }
    }
    return methods.map(formed)
  }

  // MARK: Hyperparameters

  /// The same for an option that names methods otherwise: which are there depends on no network.
  func checkSettings(
    _ methods: [any Method],
    of option: String
  ) throws(ConfigurationError) {
    for setting in options.set {
      if let name = setting.method, !methods.contains(where: { $0.descriptor.id == name }) {
        let names = list(methods.map(\.descriptor.id))
        throw problem(setting, "\(name).\(setting.id): \(name) is not in \(option) (\(names))")
      }
    }
    try checkSettings(methods, MLP(inputs: 1, hidden: [1], outputs: 1))
  }

  /// A setting that no chosen method understands is a mistake; one that some do not is not.
  private func checkSettings(
    _ methods: [any Method],
    _ model: any Model
  ) throws(ConfigurationError) {
    for setting in options.set + options.changes.map(\.setting) {
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

  /// A method's hyperparameters with the defaults that the task has for them.
  ///
  /// Replayed inner loops have rates and lengths of their own.
  private func descriptors(
    _ method: any Method,
    _ model: any Model,
    _ task: (any TaskDistribution)?
  ) -> [HyperparameterDescriptor] {
    let own = method.hyperparameters(for: model)
    guard let task, !(method is any TrajectoryMethod) else { return own }
    return own.map { descriptor in
      task.defaults.settings[descriptor.id].map { descriptor.with(defaultValue: $0) } ?? descriptor
    }
  }

  func values(
    _ method: any Method,
    _ model: any Model,
    _ task: (any TaskDistribution)? = nil
  ) throws(ConfigurationError) -> HyperparameterValues {
    var values = HyperparameterValues(descriptors(method, model, task))
    for (id, value) in stored?.values ?? [:] where values.descriptor(id) != nil {
      do {
        try values.set(id, to: value)
      } catch {
        throw ConfigurationError(.badData, "--resume: \(error)")
      }
    }
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

  // MARK: Sentences

  package func problem(_ option: OptionName, _ sentence: String) -> ConfigurationError {
    let origin = options.origin(of: option)
    return ConfigurationError(status(origin), "\(origin): \(sentence)")
  }

  func problem(
    _ setting: TrainingOptions.Setting,
    _ sentence: String
  ) -> ConfigurationError {
    ConfigurationError(status(setting.origin), "\(setting.origin): \(sentence)")
  }

  /// A wrong value is the command line's fault, or that of a file.
  private func status(_ origin: String) -> ConfigurationError.Status {
    origin.hasPrefix("--") ? .usage : .badData
  }

  func list(_ names: [String]) -> String { names.joined(separator: ", ") }
}
