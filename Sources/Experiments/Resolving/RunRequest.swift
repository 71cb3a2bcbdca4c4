import Events
import Files
import Recording
import Training

/// What a training command was asked for: new runs, recorded ones that go on, a branch of one, or that beside them.
package struct RunRequest {
  /// Complete runs, where their directories go, and how they share the machine.
  package struct Answer {
    package var runs: [RunConfiguration]
    package var out = "runs"
    /// Nil where the command line alone decides.
    package var fairness: Fairness?
  }

  package var options: TrainingOptions
  package var cores: Int
  package var policy = DataPolicy()
  /// Runs to go on with.
  package var resume: [String] = []
  /// What becomes of those of them that cannot be read, as it was written.
  package var damaged: String?
  package var branch: String?
  package var checkpoint: String?
  package var hasFolder = false
  /// Seeds of every method, as it was written.
  package var seeds: String?

  package init(options: TrainingOptions, cores: Int) {
    (self.options, self.cores) = (options, cores)
  }

  /// The runs; nothing is made yet.
  package func answer() throws(ConfigurationError) -> Answer {
    let seeds = try seedCount()
    if seeds != nil, let option = branch == nil ? resume.first.map({ _ in "resume" }) : "branch" {
      throw ConfigurationError(
        .usage,
        "--seeds: is for new runs, and --\(option) names recorded ones; leave it out"
      )
    }
    if let branch, resume.isEmpty { return try branched(branch) }
    guard checkpoint == nil || branch != nil else {
      throw ConfigurationError(.usage, "--checkpoint: is for a branch; give --branch RUN as well")
    }
    let damaged = try wayWithDamage()
    guard resume.isEmpty else {
      let stored = StoredComparison(
        paths: resume,
        cores: cores,
        policy: recordedPolicy,
        damaged: damaged ?? .refuse
      )
      var fork: StoredComparison.Fork?
      if let branch { fork = .init(path: branch, kind: try kind(), options: options) }
      let resumed = try stored.resumed(
        steps: options.steps,
        threads: options.threads,
        beside: fork
      )
      let out = branch == nil ? "" : options.out ?? "runs"
      return Answer(runs: resumed.runs, out: out, fairness: resumed.fairness)
    }
    guard damaged == nil else {
      throw ConfigurationError(
        .usage,
        "--resume-damaged: is for several runs that go on; give --resume RUN RUN as well"
      )
    }
    guard !hasFolder else {
      throw ConfigurationError(
        .usage,
        "--data: says where a recorded run's images lie now; give --resume or --branch as well, or "
          + "--task folder:PATH for a new run"
      )
    }
    return Answer(runs: try series(seeds ?? 1), out: options.out ?? "runs")
  }

  static let mostSeeds = 64

  private func seedCount() throws(ConfigurationError) -> Int? {
    guard let seeds else { return nil }
    do throws(OptionValueError) {
      return try wholeNumber(seeds, 1...Self.mostSeeds)
    } catch {
      throw ConfigurationError(.usage, "--seeds: \(error.reason)")
    }
  }

  /// Every method with so many seeds, counted up from the given one; the seeds of a method stand together.
  private func series(_ count: Int) throws(ConfigurationError) -> [RunConfiguration] {
    var all: [[RunConfiguration]] = []
    for offset in 0..<count {
      var resolver = RunResolver(options: options, cores: cores)
      let seed = (options.seed ?? 0).addingReportingOverflow(UInt64(offset))
      guard !seed.overflow else {
        throw ConfigurationError(
          .usage,
          "--seeds: \(count) from this seed on are more than there are"
        )
      }
      if count > 1 { resolver.options.seed = seed.partialValue }
      // Pictures are read once.
      if let first = all.first?.first, first.supervised == nil, let name = options.task {
        resolver.known = [name: first.distribution]
      }
      all.append(try resolver.configurations())
    }
    return all[0].indices.flatMap { method in all.map { $0[method] } }
  }

  /// Its data where they are now.
  private var recordedPolicy: DataPolicy {
    var policy = policy
    (policy.episodes, policy.validation) = (options.episodes, options.validationEpisodes)
    return policy
  }

  private func wayWithDamage() throws(ConfigurationError) -> StoredComparison.Damaged? {
    guard let damaged else { return nil }
    guard let way = StoredComparison.Damaged(rawValue: damaged) else {
      throw ConfigurationError(
        .usage,
        "--resume-damaged: \"\(damaged.printable)\" is not allowed; use \(StoredComparison.Damaged.allowed)"
      )
    }
    return way
  }

  private func kind() throws(ConfigurationError) -> CheckpointKind {
    guard let kind = CheckpointKind(checkpoint ?? CheckpointKind.last.text) else {
      throw ConfigurationError(
        .usage,
        "--checkpoint: there is no checkpoint \"\((checkpoint ?? "").printable)\"; use last, best, or "
          + "an outer step as in 500"
      )
    }
    return kind
  }

  private func branched(_ path: String) throws(ConfigurationError) -> Answer {
    let stored = StoredRun(path: path, origin: "--branch", cores: cores, policy: recordedPolicy)
    return Answer(runs: [try stored.branched(try kind(), options)], out: options.out ?? "runs")
  }
}
