import Events
import Files
import Recording
import Tasks
import Training

/// Recorded runs that go on together: the comparison that they were, or as much of it as there is.
package struct StoredComparison {
  /// What becomes of runs that cannot be gone on with.
  package enum Damaged: String, CaseIterable, Sendable {
    case refuse
    case skip

    package static let allowed = "refuse or skip"
  }

  /// Runs in the order they had on the screen, and how they shared the machine.
  package struct Resumed {
    package var runs: [RunConfiguration]
    package var fairness: Fairness
  }

  /// A run whose files can be read.
  private struct Member {
    let stored: StoredRun
    let document: JSONView
    let point: ResumePoint
  }

  /// A new run that begins at a checkpoint of one of them, and goes on beside them.
  package struct Fork {
    let path: String
    let kind: CheckpointKind
    let options: TrainingOptions
  }

  private static let origin = "--resume"

  private let paths: [String]
  private let cores: Int
  private let policy: DataPolicy
  private let damaged: Damaged

  /// Several paths; one that is given twice, by whatever name, counts once.
  package init(paths: [String], cores: Int, policy: DataPolicy, damaged: Damaged = .refuse) {
    var known: Set<String> = []
    self.paths = paths.filter { path in
      known.insert(RunResolver.absolute(RunDirectory(given: path).path)).inserted
    }
    (self.cores, self.policy, self.damaged) = (cores, policy, damaged)
  }

  /// All runs as they go on, and the fork behind them; those that have ended are among them, to be shown.
  package func resumed(
    steps: Int?,
    threads: Int?,
    beside fork: Fork? = nil
  ) throws(ConfigurationError) -> Resumed {
    guard paths.count > 1 || fork != nil else { return try alone(steps: steps, threads: threads) }
    let (members, notes) = try members()
    var runs: [RunConfiguration] = []
    for member in members {
      runs.append(try run(member, beside: runs.first, steps: steps, threads: threads))
    }
    if let fork { runs.append(try run(fork, beside: runs[0])) }
    guard runs.contains(where: { $0.ended == nil }) else {
      throw ConfigurationError(
        .badData,
        "\(Self.origin): all \(runs.count) runs have ended; give a larger --steps, or look at them with "
          + "`metatop replay`"
      )
    }
    runs[0].notes = notes + runs[0].notes
    let fairness = members.first.flatMap { Self.fairness(of: $0) } ?? .equalSteps
    return Resumed(runs: runs, fairness: fairness)
  }

  private func alone(steps: Int?, threads: Int?) throws(ConfigurationError) -> Resumed {
    let stored = StoredRun(path: paths[0], origin: Self.origin, cores: cores, policy: policy)
    return Resumed(
      runs: [try stored.resumed(steps: steps, threads: threads)],
      fairness: .equalSteps
    )
  }

  // MARK: Reading

  /// The runs that can be read, in the order of their places where each has one of its own.
  private func members() throws(ConfigurationError) -> (members: [Member], notes: [String]) {
    var (members, notes): ([Member], [String]) = ([], [])
    for path in paths {
      let stored = StoredRun(path: path, origin: Self.origin, cores: cores, policy: policy)
      let document = try readable(&notes) { () throws(ConfigurationError) in
        let document = try stored.document()
        _ = try stored.options(document)
        return document
      }
      guard let document else { continue }
      // Somebody who trains it is no damage, whatever is to become of that.
      try stored.checkDead()
      let point = try readable(&notes) { () throws(ConfigurationError) in try stored.point(.last) }
      if let point { members.append(Member(stored: stored, document: document, point: point)) }
    }
    guard !members.isEmpty else {
      throw ConfigurationError(
        .badData,
        "\(Self.origin): none of the \(paths.count) runs can be gone on with; give the folders of runs"
      )
    }
    let places = members.map { $0.document["place"]?.integer }
    let isOrdered = !places.contains(nil) && Set(places).count == members.count
    guard isOrdered else { return (members, notes) }
    let sorted = zip(places, members).sorted { ($0.0 ?? 0) < ($1.0 ?? 0) }
    return (sorted.map(\.1), notes)
  }

  /// What is wrong with a run, and how the others go on without it; nil where they do.
  private func readable<Value>(
    _ notes: inout [String],
    _ body: () throws(ConfigurationError) -> Value
  ) throws(ConfigurationError) -> Value? {
    do throws(ConfigurationError) {
      return try body()
    } catch {
      guard damaged == .skip else {
        throw ConfigurationError(
          error.status,
          "\(error); leave it out, or give --resume-damaged skip to go on with the others"
        )
      }
      notes.append("\(error); gone on without it")
      return nil
    }
  }

  /// How the runs shared the machine at last.
  private static func fairness(of member: Member) -> Fairness? {
    member.stored.directory.lastFairness
      ?? member.document["fairness"]?.string.flatMap(Fairness.init(rawValue:))
  }

  // MARK: Resolving

  private func run(
    _ fork: Fork,
    beside first: RunConfiguration
  ) throws(ConfigurationError) -> RunConfiguration {
    var stored = StoredRun(path: fork.path, origin: "--branch", cores: cores, policy: policy)
    stored.known = Self.tasks(of: first, for: try stored.options(try stored.document()))
    let run = try stored.branched(fork.kind, fork.options)
    try check(run, beside: first)
    return run
  }

  private func run(
    _ member: Member,
    beside first: RunConfiguration?,
    steps: Int?,
    threads: Int?
  ) throws(ConfigurationError) -> RunConfiguration {
    var stored = member.stored
    let conclusion = stored.conclusion
    if let first { stored.known = Self.tasks(of: first, for: try stored.options(member.document)) }
    var run = try stored.resumed(
      member.document,
      member.point,
      // It would diverge again at the same step.
      steps: conclusion == .diverged ? nil : steps,
      threads: threads
    )
    if conclusion == .diverged || (conclusion != nil && member.point.step >= run.totalSteps) {
      run.ended = conclusion
    }
    if let first { try check(run, beside: first) }
    return run
  }

  /// The first run's task, where this one would read the same pictures again.
  private static func tasks(
    of first: RunConfiguration,
    for options: TrainingOptions
  ) -> [String: any TaskDistribution] {
    guard first.supervised == nil, let name = first.options[OptionName.task.rawValue],
      name == options.task,
      first.options[OptionName.imageSize.rawValue] == options.imageSize.map(String.init),
      first.options[OptionName.smallClasses.rawValue] == options.smallClasses?.rawValue,
      first.options[OptionName.split.rawValue] == options.split?.rawValue,
      first.way == options.way
        || (options.way == nil && first.options[OptionName.way.rawValue] == nil),
      first.shot == options.shot, first.queryShot == options.query, !options.takesFirstSize
    else { return [:] }
    return [name: first.distribution]
  }

  /// Runs of a comparison see the same episodes; what differs in them cannot be compared.
  private func check(
    _ run: RunConfiguration,
    beside first: RunConfiguration
  ) throws(ConfigurationError) {
    let (own, other) = (run.description(id: .init(0)).task, first.description(id: .init(0)).task)
    func differ(_ what: String, _ own: String, _ other: String) -> ConfigurationError {
      ConfigurationError(
        .badData,
        "\(Self.origin): \(run.place) has \(what) \(own) and \(first.place) \(other), which is no one "
          + "comparison; resume each by itself"
      )
    }
    if own.name != other.name { throw differ("the task", own.name, other.name) }
    if own.split != other.split {
      throw differ("the split by", own.split ?? "nothing", other.split ?? "nothing")
    }
    if own.shape != other.shape { throw differ("episodes of", own.shape, other.shape) }
    let isSame =
      run.data.sets == first.data.sets
      && run.data.episodes?.sha256 == first.data.episodes?.sha256
      && run.data.validation?.sha256 == first.data.validation?.sha256
    guard isSame else {
      throw ConfigurationError(
        .badData,
        "\(Self.origin): \(run.place) and \(first.place) were trained on different data, which is no one "
          + "comparison; resume each by itself"
      )
    }
  }
}

extension RunConfiguration {
  fileprivate var place: String { resume?.directory.path ?? method.descriptor.name }
}

extension TaskDescription {
  fileprivate var shape: String {
    if let setting { return setting }
    let way = way.map { "\($0)-way " } ?? ""
    return "\(way)\(shot)-shot with \(queryShot) query examples"
  }
}
