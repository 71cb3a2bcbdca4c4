import Files
import Glibc
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
      .keepEvery: String(run.keepEvery),
      .tensorboard: run.hasEventFile ? "on" : "off",
    ]
    // Recorded episodes have no meta-test.
    if run.distribution.isSampled { record[.testEpisodes] = String(run.testEpisodes) }
    record[.model] = options.model
    record[.width] = options.width.map(String.init)
    record[.layers] = options.layers.map { $0.map(String.init).joined(separator: ",") }
    record[.norm] = options.norm?.rawValue
    // Also where the method chose it: another version might choose otherwise.
    if options.activation != nil || run.model.activation != ModelStyle().activation {
      record[.activation] = run.model.activation.rawValue
    }
    if options.headBias != nil || !run.model.style.hasHeadBias {
      record[.headBias] = run.model.style.hasHeadBias ? "on" : "off"
    }
    record[.imageSize] = options.imageSize.map(String.init)
    record[.smallClasses] = options.smallClasses?.rawValue
    // Also where nobody chose it: a run that does not say it took the first picture's size.
    if !options.takesFirstSize {
      record[.split] = run.distribution.splitKind?.rawValue
    }
    record[.way] = options.way.map(String.init)
    record[.episodes] = options.episodes.map(Self.absolute)
    record[.changes] = Self.text(run.changes, run.values)
    record[.validationEpisodes] = options.validationEpisodes.map(Self.absolute)
    // A file of episodes decides these, and a joint run has none.
    if run.recorded == nil, run.supervised == nil, run.batches == nil || run.heldOut == nil {
      record[.shot] = String(run.shot)
      record[.query] = String(run.queryShot)
      record[.metaBatch] = String(run.metaBatchSize)
    }
    return Dictionary(uniqueKeysWithValues: record.map { ($0.key.rawValue, $0.value) })
  }

  /// What a set of pictures is now; nil where they are generated.
  func record(_ set: any TaskDistribution) -> ImageSetRecord? {
    set.record(named: absolute(task: set.name))
  }

  private func absolute(task name: String) -> String {
    guard let (prefix, path) = TaskCatalog.parts(of: name) else { return name }
    return prefix + Self.absolute(path)
  }

  package static func absolute(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
