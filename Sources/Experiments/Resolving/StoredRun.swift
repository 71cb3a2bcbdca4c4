import Events
import Files
import Glibc
import MetaLearning
import Recording
import Tasks
import Training

/// A run directory, read back into the configuration that made it.
package struct StoredRun {
  package let directory: RunDirectory
  /// Begins the sentences about it: `--resume`, or the command's name.
  package let origin: String
  package let cores: Int
  package let policy: DataPolicy
  /// Tasks by name that a run beside it has read, with the same options.
  var known: [String: any TaskDistribution] = [:]

  /// `path` with or without a trailing slash.
  package init(path: String, origin: String, cores: Int, policy: DataPolicy = DataPolicy()) {
    directory = RunDirectory(given: path)
    self.origin = origin
    self.cores = cores
    self.policy = policy
  }

  /// The run that goes on, as `--resume RUN` asks for it; more steps and other workers may be given.
  package func resumed(steps: Int?, threads: Int?) throws(ConfigurationError) -> RunConfiguration {
    let document = try document()
    try checkDead()
    let run = try resumed(document, try point(.last), steps: steps, threads: threads)
    guard run.resume?.step ?? 0 < run.totalSteps || conclusion == nil else {
      throw bad(
        "\(directory.path): all its \(run.resume?.step ?? 0) outer steps are made; give a larger "
          + "--steps"
      )
    }
    return run
  }

  /// The same of a run that was read already, wherever it stands.
  func resumed(
    _ document: JSONView,
    _ point: ResumePoint,
    steps: Int?,
    threads: Int?
  ) throws(ConfigurationError) -> RunConfiguration {
    var run = try configuration(point, document) { options in
      if let steps { options.steps = steps }
      if let threads { options.threads = threads }
    }
    run.resume = point
    return run
  }

  /// A new run that begins at a checkpoint of this one, with other values of hyperparameters.
  package func branched(
    _ kind: CheckpointKind,
    _ asked: TrainingOptions
  ) throws(ConfigurationError) -> RunConfiguration {
    let document = try document()
    let point = try point(kind)
    var run = try configuration(point, document) { options in
      options.steps = asked.steps ?? options.steps
      options.threads = asked.threads ?? options.threads
      options.evaluateEvery = asked.evaluateEvery ?? options.evaluateEvery
      options.evaluationEpisodes = asked.evaluationEpisodes ?? options.evaluationEpisodes
      options.testEpisodes = asked.testEpisodes ?? options.testEpisodes
      options.keepEvery = asked.keepEvery ?? options.keepEvery
      options.tensorboard = asked.tensorboard ?? options.tensorboard
      options.set = asked.set
    }
    for setting in asked.set where run.values.descriptor(setting.id)?.isFixed == true {
      throw ConfigurationError(
        .usage,
        "--set: \(setting.id): is decided before a run starts, and a branch has started"
      )
    }
    guard point.step < run.totalSteps else {
      throw bad(
        "\(directory.path): its \(kind.title) checkpoint has made all \(point.step) outer steps; "
          + "give a larger --steps"
      )
    }
    run.resume = point
    run.isBranch = true
    run.parentColor = run.color ?? MethodCatalog.color(of: run.method.descriptor.id)
    run.color = nil
    return run
  }

  /// Whether it came to its end and says so.
  package var isConcluded: Bool { conclusion != nil }

  /// How it came to its end: diverged, or with all steps and the meta-test that it has; nil where it did not.
  var conclusion: RunStatus? {
    guard let bytes = try? SystemFile.read(directory.summary, limit: 1 << 20),
      let summary = try? JSONView(bytes)
    else { return nil }
    switch summary["status"]?.string {
    case RunStatus.finished.rawValue:
      let hasTest = (try? document())?["task"]?["meta_test"]?.bool ?? true
      return summary["test_loss"] != nil || !hasTest ? .finished : nil
    case RunStatus.diverged.rawValue: return .diverged
    default: return nil
    }
  }

  /// The run with one of its checkpoints, to be looked at.
  package func read(
    _ kind: CheckpointKind
  ) throws(ConfigurationError) -> (run: RunConfiguration, point: ResumePoint) {
    let document = try document()
    let point = try point(kind)
    return (try configuration(point, document) { _ in }, point)
  }

  func point(_ kind: CheckpointKind) throws(ConfigurationError) -> ResumePoint {
    if case .step(let step) = kind, !directory.hasCheckpoint(kind) {
      let there = [.last, .best].filter { directory.hasCheckpoint($0) }.map(\.text)
      // As many as a sentence holds: those around it.
      let kept = directory.keptSteps.sorted { abs($0 - step) < abs($1 - step) }.prefix(8).sorted()
      let list = (there + kept.map(String.init)).joined(separator: ", ")
      throw ConfigurationError(
        .usage,
        "--checkpoint: \(directory.path) has none of outer step \(step); "
          + (list.isEmpty ? "it has none at all" : "use \(list)")
      )
    }
    do throws(SafetensorsError) {
      return try ResumePoint(directory, kind)
    } catch {
      throw bad("\(error)")
    }
  }

  private func configuration(
    _ point: ResumePoint,
    _ document: JSONView,
    _ change: (inout TrainingOptions) -> Void
  ) throws(ConfigurationError) -> RunConfiguration {
    var options = try options(document)
    change(&options)
    options.set += forms(point, options)
    var resolver = RunResolver(options: options, cores: cores)
    resolver.stored = point
    resolver.known = known
    try policy.apply(to: &resolver)
    try checkFolders(resolver.options)
    var runs: [RunConfiguration] = []
    do {
      runs = try resolver.configurations()
    } catch {
      try compareRemains(resolver)
      throw error
    }
    guard var run = runs.first else { throw bad("has no run") }
    try checkMethod(point, run)
    try compareData(&run)
    run.color = document["color"]?.integer
    return run
  }

  /// Another method's checkpoint may have the same tensors, as one on another base has.
  private func checkMethod(
    _ point: ResumePoint,
    _ run: RunConfiguration
  ) throws(ConfigurationError) {
    let own = run.method.descriptor.id
    guard let written = point.checkpoint.metadata["method"], written != own else { return }
    throw bad(
      "\(point.checkpoint.path): is a checkpoint of \(written.printable), and the run is one of \(own); "
        + "put the run's own checkpoint back"
    )
  }

  /// The settings that chose the form in which the method was trained.
  private func forms(_ point: ResumePoint, _ options: TrainingOptions) -> [TrainingOptions.Setting]
  {
    let methods = (options.methods ?? []).compactMap(MethodCatalog.method)
    return methods.flatMap(\.forms).compactMap { form in
      let descriptors = form.method.hyperparameters(for: ModelSamples.pictures)
      let own = descriptors.first { $0.id == form.hyperparameter }
      guard let own, let value = point.values[own.id], own.format(value) == form.value else {
        return nil
      }
      return .init(method: nil, id: own.id, text: form.value, origin: origin)
    }
  }

  /// Says what has changed where too little of the data is left to draw the run's episodes from.
  private func compareRemains(_ resolver: RunResolver) throws(ConfigurationError) {
    let recorded = RecordedData(path: directory.data, origin: origin, owner: directory.path)
    guard let data = try? resolver.remains() else { return }
    _ = try recorded.compare(data, policy)
  }

  /// A folder of images that is not there was mostly moved.
  private func checkFolders(_ options: TrainingOptions) throws(ConfigurationError) {
    for name in (options.task ?? "").split(separator: ",").map(String.init) {
      guard let (prefix, path) = TaskCatalog.parts(of: name), access(path, F_OK) != 0 else {
        continue
      }
      let things = prefix == SeriesTask.prefix ? "series" : "images"
      throw bad(
        "\(directory.path): its \(things) are not at \(path) any more "
          + "(\(String(cString: strerror(errno)))); name their \(prefix == SeriesTask.prefix ? "file" : "folder") by --data"
      )
    }
  }

  /// Looks whether the run is given what it was trained on.
  private func compareData(_ run: inout RunConfiguration) throws(ConfigurationError) {
    let recorded = RecordedData(path: directory.data, origin: origin, owner: directory.path)
    let outcome = try recorded.compare(run.data, policy)
    run.notes += outcome.notes
    run.acceptedChanges = outcome.accepted
    run.hasSameData = outcome.isSame
    // It began with them and does not read them again; a new one of a sweep would.
    guard let file = try recorded.document()?["files"]?["initial"],
      let path = file["path"]?.string, let sha256 = file["sha256"]?.string
    else { return }
    run.data.initial = RunData.File(path: path, sha256: sha256)
    if let now = try? RunResolver.digest(of: path), now != sha256 {
      run.notes.append(
        "\(path.printable) has changed since \(directory.path) began with it, and is not read again"
      )
    }
  }

  private func bad(_ sentence: String) -> ConfigurationError {
    ConfigurationError(.badData, "\(origin): \(sentence)")
  }

  func document() throws(ConfigurationError) -> JSONView {
    do throws(RunDirectoryError) {
      return try RunDirectory.document(directory.configuration)
    } catch {
      throw bad(error.sentence)
    }
  }

  /// Two processes would write into each other's files.
  package func checkDead(in environment: RecordingEnvironment = .system) throws(ConfigurationError)
  {
    let finding = RunWriter.find(directory, in: environment) { writer, seconds in
      complain(
        "\(directory.path): looking up to \(seconds) s whether process \(writer.processID) on "
          + "\(writer.host) still trains it"
      )
    }
    guard case .taken(let writer) = finding else { return }
    let who = writer.map { "process \($0.processID) on \($0.host)" } ?? "another process"
    throw bad("\(directory.path): \(who) is still training it; stop it first")
  }

  func options(
    _ document: JSONView
  ) throws(ConfigurationError) -> TrainingOptions {
    guard let fields = document["options"], fields.isObject else {
      throw bad("\(directory.configuration) does not say its options; it is another version's")
    }
    guard fields[OptionName.methods.rawValue] != nil else {
      throw bad("\(directory.path) is part of a transfer, which is made anew as a whole")
    }
    var options = TrainingOptions()
    options.takesFirstSize = fields[OptionName.split.rawValue] == nil
    for field in fields.fields {
      guard let option = OptionName(rawValue: field.key), let text = field.value.string else {
        throw bad("\(directory.configuration): \(field.key) is no option of this version")
      }
      let origin = "\(directory.configuration): \(field.key)"
      do {
        try options.apply(option, text, origin: origin)
      } catch {
        throw bad("\(origin): \(error.reason)")
      }
    }
    return options
  }
}
