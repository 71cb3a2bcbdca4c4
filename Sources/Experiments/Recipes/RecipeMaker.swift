import Files
import MetaLearning
import Recording
import Tasks
import Training

/// A recipe's runs: which are made, which go on, and how.
package struct RecipeMaker {
  /// How far a run of the recipe has come.
  package enum Progress: Equatable {
    case new
    case begun(step: Int)
    case ended
    case diverged
  }

  package let recipe: Recipe
  /// The recipe's own folder; each run has one below it.
  package let folder: String
  /// Asked for in the place of the recipe's.
  let steps: Int?
  private var known: [String: any TaskDistribution] = [:]

  package init(_ recipe: Recipe, out: String, steps: Int?, seeds: Int?) {
    var recipe = recipe
    recipe.seeds = seeds ?? recipe.seeds
    self.recipe = recipe
    self.steps = steps
    // Other numbers of steps are other runs.
    folder = "\(out)/\(recipe.name)" + (steps.map { "-\($0)" } ?? "")
  }

  private func home(_ job: RecipeJob) -> String {
    let name = recipe.rows[job.row].name.map { $0 == ":" || $0 == " " ? "-" : String($0) }.joined()
    return "\(folder)/\(name)-s\(job.seed)"
  }

  /// The newest run directory that the job has; nil where it has none.
  package func directory(_ job: RecipeJob) -> RunDirectory? {
    SystemFile.names(in: home(job)).sorted().map { RunDirectory(given: "\(home(job))/\($0)") }
      .last { FolderListing.exists($0.configuration) }
  }

  package func progress(_ job: RecipeJob) -> Progress {
    guard let directory = directory(job) else { return .new }
    let stored = StoredRun(path: directory.path, origin: "recipe", cores: 1)
    switch stored.conclusion {
    case .finished: return .ended
    case .diverged: return .diverged
    default: break
    }
    guard directory.hasCheckpoint, let point = try? ResumePoint(directory) else { return .new }
    return .begun(step: point.step)
  }

  // MARK: Configurations

  /// What the job's new run is asked for.
  package func options(_ job: RecipeJob) throws(Failure) -> TrainingOptions {
    let row = recipe.rows[job.row]
    var options = TrainingOptions()
    do throws(OptionValueError) {
      try options.apply(.methods, row.method, origin: origin)
      for pair in recipe.options {
        guard let option = OptionName(rawValue: pair.name) else { continue }
        try options.apply(option, pair.value, origin: "\(origin): \(pair.name)")
      }
      for pair in recipe.settings + row.settings {
        try options.apply(setting: pair.name, pair.value, origin: "\(origin): set")
      }
    } catch {
      throw Failure(status: Failure.badData, sentence: "\(origin): \(error.reason)")
    }
    // A setting for all rows that one of them has not is another's.
    let own = MethodCatalog.method(row.method).map { method in
      Set(
        [ModelSamples.numbers, ModelSamples.pictures].flatMap {
          method.hyperparameters(for: $0).map(\.id)
        }
      )
    }
    options.set.removeAll { setting in own?.contains(setting.id) == false }
    if let steps { options.steps = steps }
    options.seed = (options.seed ?? 0) + UInt64(job.seed)
    options.tensorboard = options.tensorboard ?? false
    options.threads = 1
    return options
  }

  private var origin: String { "recipe \(recipe.name)" }

  /// The job's run, new or where it stopped; data are read once.
  package mutating func configuration(_ job: RecipeJob) throws(Failure) -> RunConfiguration {
    do throws(ConfigurationError) {
      if case .begun = progress(job), let directory = directory(job) {
        var stored = StoredRun(path: directory.path, origin: "recipe", cores: 1)
        stored.known = known
        return try stored.resumed(steps: nil, threads: nil)
      }
      let options = try asked(job)
      var resolver = RunResolver(options: options, cores: 1)
      resolver.known = known
      let run = try resolver.configurations()[0]
      if let name = options.task, run.supervised == nil { known[name] = run.distribution }
      return run
    } catch {
      throw Failure(error)
    }
  }

  private func asked(_ job: RecipeJob) throws(ConfigurationError) -> TrainingOptions {
    do throws(Failure) {
      return try options(job)
    } catch {
      throw ConfigurationError(.badData, error.sentence)
    }
  }

  /// A run for the pool, in a folder of its own.
  package mutating func run(_ job: RecipeJob, threads: Int) throws(Failure) -> TrainingRun {
    var run = try configuration(job)
    run.threads = threads
    return try TrainingRun(pooled: run, out: home(job))
  }

  // MARK: Before it begins

  /// Refuses data that are not there, or are not those that were published.
  package func checkData(accepting acceptsOther: Bool) throws(Failure) {
    guard let name = recipe.option("task"), TaskCatalog.parts(of: name) == nil else { return }
    let library = DatasetLibrary(roots: DataRoots.found())
    var isThere = false
    do throws(DatasetError) {
      let entry = try library.entry(name)
      guard entry.manifest?.isGenerated != true else { return }
      if entry.folder == nil {
        var way = entry.manifest?.get ?? "see METATOP_DATA"
        if way.hasSuffix(".") { way.removeLast() }
        throw DatasetError(path: name, reason: "its data are not here; \(way)")
      }
      isThere = true
      if !acceptsOther, let other = try library.differing(name).first {
        throw DatasetError(path: name, reason: other)
      }
    } catch {
      throw Failure(
        status: Failure.badData,
        sentence: "\(origin): \(error); `metatop data check \(name)` says what is there"
          + (isThere ? ", and --accept-data goes on with them" : "")
      )
    }
  }

  /// Seconds that what is left takes here, by a few steps of each row's run; nil where that fails.
  package mutating func secondsLeft(_ jobs: [RecipeJob]) throws(Failure) -> Double? {
    var seconds = 0.0
    var each: [Int: Double] = [:]
    for job in jobs {
      let run = try configuration(job)
      let done = Double(run.resume?.step ?? 0)
      if each[job.row] == nil {
        var fresh = run
        fresh.resume = nil
        each[job.row] = StepTimer.seconds(of: fresh, Mailbox())
      }
      guard let whole = each[job.row] else { return nil }
      seconds += whole * (1 - done / Double(run.totalSteps))
    }
    return seconds
  }

  // MARK: Tests

  /// What an ended run scores, read where it was written, else computed and written.
  package func score(_ job: RecipeJob, workers: Int) throws(Failure) -> RecipeScore? {
    guard let directory = directory(job) else { return nil }
    let file = "\(home(job))/score.json"
    if let score = RecipeScore(reading: file, test: recipe.test) { return score }
    do throws(ConfigurationError) {
      let kind: CheckpointKind =
        recipe.test.checkpoint == "best" && directory.hasCheckpoint(.best) ? .best : .last
      let asked = EpisodeRequest(checkpoint: kind, workers: workers)
      let ready = try ReadyRun(directory.path, asked, DataPolicy(), command: "recipe")
      let scored = try ready.score(
        episodes: recipe.test.episodes,
        steps: recipe.test.innerSteps,
        seed: 0
      )
      let score = RecipeScore(scored, directory, recipe.test)
      score.write(file)
      return score
    } catch {
      throw Failure(error)
    }
  }
}
