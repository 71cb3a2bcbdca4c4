import Glibc
import MetaLearning
import Models
import Tasks
import Training

extension RunResolver {
  /// The options that make a run again: what was asked for, and what defaults stood for the rest.
  func record(_ run: RunConfiguration) -> [String: String] {
    var record: [OptionName: String] = [
      .methods: run.method.descriptor.id,
      .task: absolute(task: options.task ?? TaskCatalog.builtIn[0]),
      .steps: String(run.totalSteps),
      .seed: String(run.seed),
      .threads: String(run.threads),
      .evaluateEvery: String(run.evaluateEvery),
      .evaluationEpisodes: String(run.evaluationEpisodes),
    ]
    record[.model] = options.model
    record[.width] = options.width.map(String.init)
    record[.way] = options.way.map(String.init)
    record[.episodes] = options.episodes.map { absolute($0) }
    // A file of episodes decides these, and a joint run has none.
    if options.episodes == nil, run.supervised == nil {
      record[.shot] = String(run.shot)
      record[.query] = String(run.queryShot)
      record[.metaBatch] = String(run.metaBatchSize)
    }
    return Dictionary(uniqueKeysWithValues: record.map { ($0.key.rawValue, $0.value) })
  }

  private func absolute(task name: String) -> String {
    let prefix = "folder:"
    guard name.hasPrefix(prefix) else { return name }
    return prefix + absolute(String(name.dropFirst(prefix.count)))
  }

  private func absolute(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}

/// A run that goes on, as `--resume RUN` asks for it.
struct ResumedRun {
  /// With or without a trailing slash.
  let path: String
  /// More steps, or other workers; everything else is the run's own.
  let steps: Int?
  let threads: Int?
  let cores: Int

  func configuration() throws(ConfigurationError) -> RunConfiguration {
    let directory = RunDirectory(
      path: path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    )
    let document = try document(directory)
    try checkDead(directory)
    let point: ResumePoint
    do throws(SafetensorsError) {
      point = try ResumePoint(directory)
    } catch {
      throw bad("\(error)")
    }
    var options = try options(document, directory)
    if let steps { options.steps = steps }
    if let threads { options.threads = threads }
    if point.values[SupervisedMethod.trainingProtocol] == 1 {
      options.set.append(
        .init(method: nil, id: SupervisedMethod.trainingProtocol, text: "joint", origin: "--resume")
      )
    }
    var resolver = RunResolver(options: options, cores: cores)
    resolver.stored = point
    guard var run = try resolver.configurations().first else { throw bad("has no run") }
    guard point.step < run.totalSteps else {
      throw bad(
        "\(directory.path): all its \(point.step) outer steps are made; give a larger --steps"
      )
    }
    run.resume = point
    run.initial = nil
    return run
  }

  private func bad(_ sentence: String) -> ConfigurationError {
    ConfigurationError(.badData, "--resume: \(sentence)")
  }

  private func document(_ directory: RunDirectory) throws(ConfigurationError) -> JSONValue {
    let bytes: [UInt8]
    do {
      bytes = try SystemFile.read(directory.configuration, limit: 64 << 20)
    } catch {
      throw bad(
        "\(directory.configuration) cannot be read (\(error.reason)); give the folder of a run"
      )
    }
    do throws(JSONError) {
      return try JSONReader.parse(bytes)
    } catch {
      throw bad("\(directory.configuration) is damaged: \(error)")
    }
  }

  /// Two processes would write into each other's files.
  private func checkDead(_ directory: RunDirectory) throws(ConfigurationError) {
    guard let bytes = try? SystemFile.read(directory.state, limit: 1 << 20),
      let state = try? JSONReader.parse(bytes),
      let status = state["status"]?.string, ["running", "paused"].contains(status),
      let pid = state["pid"]?.integer, let host = state["host"]?.string,
      host == RecordingEnvironment.system.host, pid != Int(getpid()),
      kill(pid_t(truncatingIfNeeded: pid), 0) == 0,
      let heartbeat = state["heartbeat"]?.double,
      RecordingEnvironment.system.now() - heartbeat < 10
    else { return }
    throw bad("\(directory.path): process \(pid) is still training it; stop it first")
  }

  private func options(
    _ document: JSONValue,
    _ directory: RunDirectory
  ) throws(ConfigurationError) -> TrainingOptions {
    guard case .object(let fields)? = document["options"] else {
      throw bad("\(directory.configuration) does not say its options; it is another version's")
    }
    guard fields.contains(where: { $0.key == OptionName.methods.rawValue }) else {
      throw bad("\(directory.path) is part of a transfer, which is made anew as a whole")
    }
    var options = TrainingOptions()
    for field in fields {
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
