import Experiments
import Files
import Glibc
import MetaLearning
import Recording

extension SweepDirectory {
  /// Changes when a `sweep.json` of today cannot be read as one of yesterday.
  private static let format = 1

  package func run(_ run: SweepPlan.Run) -> RunDirectory {
    RunDirectory(path: "\(path)/\(run.folder)")
  }

  /// A name for a sweep that was given none: `sweep-20261127-140512-3fa9`.
  package static func newName() -> String {
    let time = RunDirectory.timestamp(RecordingEnvironment.system.now())
    return "sweep-\(time)-\(RecordingEnvironment.system.random().hexadecimal)"
  }

  // MARK: Writing

  /// Makes the folder and writes the manifest; nothing that is there is touched.
  package func create(_ plan: SweepPlan, file: String?) throws(Failure) {
    do throws(SystemError) {
      try SystemFile.createFolders(SystemFile.folder(of: path))
      // Left by a process that was killed before it had written what it was to make.
      SystemFile.removeRemains(in: path)
      if !exists { unlink(data) }
      rmdir(path)
      try SystemFile.createFolder(path)
      if !plan.data.isEmpty {
        let record = plan.data.json.encoded(onLines: true)
        try SystemFile.replace(data, with: [record[...]], isDurable: true)
      }
      let document = document(plan, file: file).encoded(onLines: true)
      try SystemFile.replace(manifest, with: [document[...]], isDurable: true)
    } catch {
      let sentence =
        error.code == EEXIST
        ? "\(path): there is a sweep or a folder of that name; go on with it by --resume \(path), "
          + "or give another --name"
        : "\(error.path): cannot be created (\(error.reason)); give --out a folder that you may "
          + "write to"
      throw Failure(
        status: error.code == EEXIST ? Failure.usage : Failure.inputOutput,
        sentence: sentence
      )
    }
  }

  private func document(_ plan: SweepPlan, file: String?) -> JSONValue {
    func settings(_ settings: [SweepPlan.Setting]) -> JSONValue {
      .object(settings.map { JSONField($0.id, .string($0.text)) })
    }
    let methods = plan.methods.map { method -> JSONValue in
      let options = method.options.sorted { $0.key < $1.key }
      return .object([
        JSONField("id", .string(method.id)),
        JSONField("name", .string(method.name)),
        JSONField("options", .object(options.map { JSONField($0.key, .string($0.value)) })),
        JSONField("set", settings(method.settings)),
        JSONField("usual", settings(method.usual)),
      ])
    }
    let runs = plan.runs.map { run -> JSONValue in
      .object([
        JSONField("index", .integer(run.index)),
        JSONField("folder", .string(run.folder)),
        JSONField("method", .string(run.combination.method)),
        JSONField("seed", .string(String(run.seed))),
        JSONField("values", settings(run.combination.values)),
      ])
    }
    return .object([
      JSONField("format", .integer(Self.format)),
      JSONField("version", .string(version)),
      JSONField("name", .string(plan.name)),
      JSONField("arguments", .array(CommandLine.arguments.map { .string($0.printable) })),
      JSONField("file", file.map { .string($0) } ?? .null),
      JSONField("swept", .array(plan.axes.map { .string($0) })),
      JSONField("random", plan.random.map { .integer($0) } ?? .null),
      JSONField("seeds", .array(plan.seeds.map { .string(String($0)) })),
      JSONField("steps", .integer(plan.steps)),
      JSONField("baseline", plan.baseline.map { .string($0) } ?? .null),
      JSONField("methods", .array(methods)),
      JSONField("runs", .array(runs)),
    ])
  }

  // MARK: Reading

  /// The plan of a sweep that is there; `origin` begins the sentence about what is not one.
  ///
  /// - Throws: a sentence, when it is no plan, another version's, or was changed.
  package func plan(origin: String) throws(ConfigurationError) -> SweepPlan {
    func bad(_ sentence: String) -> ConfigurationError {
      ConfigurationError(.badData, "\(origin): \(sentence)")
    }
    let document: JSONView
    do {
      document = try JSONView(try SystemFile.read(manifest, limit: 32 << 20))
    } catch let error as SystemError {
      throw bad("\(manifest) cannot be read (\(error.reason)); give the folder of a sweep")
    } catch {
      throw bad("\(manifest) is damaged: \(error)")
    }
    guard document["format"]?.integer == Self.format,
      let own = document["version"]?.string, own == version
    else {
      throw bad(
        "\(manifest) was made by metatop \(document["version"]?.string ?? "of another kind"), and "
          + "this is \(version); finish it with that one, or start a new sweep"
      )
    }
    guard let plan = SweepPlan(document), plan.isIntact else {
      throw bad(
        "\(manifest) was changed since the sweep began; put it back, or start a new sweep"
      )
    }
    return plan
  }

  // MARK: One process at a time

  /// Keeps other processes from making the sweep's runs until this one ends; it is shared by
  /// processes that make a single run each.
  package func lock(isShared: Bool) throws(Failure) {
    let descriptor = open(manifest, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    guard flock(descriptor, (isShared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0, errno == EWOULDBLOCK
    else { return }
    throw Failure(
      status: Failure.badData,
      sentence: "\(path): another process is making its runs; wait for it, or stop it first"
    )
  }
}

extension SweepPlan {
  /// No plan of ours sets more; a file that does was not written by us.
  private static let mostSettings = 64

  /// Reads a manifest; nil where something is missing or of another kind.
  fileprivate init?(_ document: JSONView) {
    guard let methods = Self.methods(document), let runs = Self.runs(document, of: methods),
      let name = document["name"]?.string, let axes = Self.texts(document["swept"]),
      let seeds = Self.texts(document["seeds"])?.compactMap({ UInt64($0) }),
      let steps = document["steps"]?.integer, !runs.isEmpty
    else { return nil }
    self.init(
      name: name,
      methods: methods,
      axes: axes,
      random: document["random"]?.integer,
      seeds: seeds,
      runs: runs,
      steps: steps,
      baseline: document["baseline"]?.string
    )
  }

  private static func methods(_ document: JSONView) -> [Method]? {
    var methods: [Method] = []
    for value in document.elements("methods").prefix(1_000) {
      guard let id = value["id"]?.string, let name = value["name"]?.string,
        let options = settings(value["options"]), let set = settings(value["set"]),
        let usual = settings(value["usual"])
      else { return nil }
      methods.append(
        Method(
          id: id,
          name: name,
          options: Dictionary(options.map { ($0.id, $0.text) }) { $1 },
          settings: set,
          usual: usual
        )
      )
    }
    return methods
  }

  private static func runs(_ document: JSONView, of methods: [Method]) -> [Run]? {
    guard let list = document["runs"] else { return nil }
    var runs: [Run] = []
    // Runs that differ in their seed alone share their values.
    var known: [Combination: Combination] = [:]
    for value in list.elements {
      guard runs.count < Self.mostRuns, let index = value["index"]?.integer,
        let folder = value["folder"]?.string,
        let method = value["method"]?.string, methods.contains(where: { $0.id == method }),
        let seed = value["seed"]?.string.flatMap({ UInt64($0) }),
        let values = settings(value["values"])
      else { return nil }
      let own = Combination(method: method, values: values)
      let combination = known[own] ?? own
      known[combination] = combination
      runs.append(Run(index: index, combination: combination, seed: seed, folder: folder))
    }
    return runs
  }

  private static func settings(_ value: JSONView?) -> [Setting]? {
    guard let value, value.isObject else { return nil }
    var settings: [Setting] = []
    for (id, value) in value.fields {
      guard let text = value.string, settings.count < mostSettings else { return nil }
      settings.append(Setting(id: id, text: text))
    }
    return settings
  }

  private static func texts(_ value: JSONView?) -> [String]? {
    guard let value, value.isArray else { return nil }
    var texts: [String] = []
    for element in value.elements {
      guard let text = element.string else { return nil }
      texts.append(text)
    }
    return texts
  }
}
