import Files
import Recording
import Tasks
import Training

extension RunResolver {
  /// What an episode looks like.
  struct EpisodeShape {
    let shot: Int
    let queryShot: Int
    /// The file the episodes come from, if any.
    let recorded: RecordedEpisodes?
  }

  // MARK: The task

  /// The task, its images read and decoded; a file of episodes says how many classes it tells apart.
  ///
  /// A file of parameters says how many points are trained, where the parameters are points.
  func task(
    _ episodes: TensorFile?,
    _ initial: TensorFile?
  ) throws(ConfigurationError) -> any TaskDistribution {
    var need = need(episodes)
    need.points = options.width ?? initial?.shape(named: Landscape.position)?.first ?? 1
    return try task(named: options.task ?? TaskCatalog.builtIn[0], serving: need)
  }

  /// What the data must have for what is made of it.
  struct Need {
    /// The same where an option or a file says it.
    var givenWay: Int?
    /// Classes of an episode; nil where none is drawn.
    let way: Int?
    /// Pictures of each class.
    let images: Int
    /// Points on a surface.
    var points = 1
    /// The file that episodes are read from.
    var episodes: TensorFile?
  }

  /// What the options' episodes ask, or those of a file.
  func need(_ episodes: TensorFile?) -> Need {
    let given = episodes.flatMap(RecordedEpisodes.way) ?? options.way
    let way = given ?? TaskDefaults.usualWay
    let images = episodes.flatMap { RecordedEpisodes.images(of: $0, way: way) } ?? leastImages
    return Need(givenWay: given, way: way, images: images, episodes: episodes)
  }

  /// Pictures of a class, or points of a series, that an episode draws.
  private var leastImages: Int {
    let usual =
      options.task?.hasPrefix(SeriesTask.prefix) == true
      ? (SeriesTask.usualShot, SeriesTask.usualQuery)
      : (TaskDefaults.usualShot, TaskDefaults.usualQuery)
    return (options.shot ?? usual.0) + (options.query ?? usual.1)
  }

  func task(
    named name: String,
    serving need: Need
  ) throws(ConfigurationError) -> any TaskDistribution {
    if let task = known[name] { return task }
    guard TaskCatalog.knows(name, roots: roots) else {
      let known = list(TaskCatalog.names(roots: roots) + [RecordedTask.taskName])
      throw problem(
        .task,
        "there is no task \"\(name)\"; use \(known), folder:PATH for a folder of images, or series:PATH for "
          + "a table of one's own numbers"
      )
    }
    let task: any TaskDistribution
    do throws(DatasetError) {
      task = try TaskCatalog.make(
        name: name,
        way: need.way,
        roots: roots,
        options: asked(need)
      )
    } catch {
      throw badTask(error)
    }
    guard options.way == nil || task.isClassification else {
      throw problem(.way, "\(task.name) has no classes; leave it out")
    }
    return task
  }

  private func asked(_ need: Need) -> DataOptions {
    var asked = DataOptions()
    asked.imageSize = options.imageSize
    asked.split = options.split
    asked.smallClasses = options.smallClasses ?? .refuse
    asked.leastImages = need.images
    asked.points = need.points
    asked.givenWay = need.givenWay
    asked.episodes = need.episodes
    asked.takesFirstSize = options.takesFirstSize
    return asked
  }

  /// What is there of the data, whether or not episodes can be drawn from it; nil where nothing is
  /// told from a set of pictures.
  func remains() throws -> RunData? {
    let need = Need(
      way: options.way ?? TaskDefaults.usualWay,
      images: leastImages
    )
    var asked = asked(need)
    asked.isSurvey = true
    var data = RunData()
    for name in (options.task ?? "").split(separator: ",").map(String.init) {
      let task = try TaskCatalog.make(name: name, way: need.way, roots: roots, options: asked)
      guard let set = task.record(named: name) else { return nil }
      data.sets.append(set)
    }
    return data
  }

  func badTask(_ error: DatasetError) -> ConfigurationError {
    // What is wrong with a file of episodes is that option's fault.
    let option = error.path == options.episodes ? OptionName.episodes : .task
    return ConfigurationError(.badData, "\(options.origin(of: option)): \(error)")
  }

  // MARK: Episodes

  /// Sizes from the file of episodes, the options or the task; refused when the data cannot serve
  /// them, also at meta-validation and meta-test.
  func shape(
    _ task: any TaskDistribution,
    _ episodes: TensorFile?,
    isEpisodic: Bool = true,
    checksSteps: Bool = true
  ) throws(ConfigurationError) -> EpisodeShape {
    let shape: EpisodeShape
    // A list of tasks has come from the file whole.
    if let episodes, task.taskCount == nil {
      let recorded = try recorded(task, episodes, checksSteps: checksSteps)
      let classes = task.isClassification ? recorded.layout.targetCount : 1
      shape = EpisodeShape(
        shot: recorded.layout.supportCount / classes,
        queryShot: recorded.layout.queryCount / classes,
        recorded: recorded
      )
    } else {
      let shot = options.shot ?? task.defaults.shot
      shape = EpisodeShape(
        shot: shot,
        queryShot: options.query ?? task.defaults.queryShot ?? shot,
        recorded: nil
      )
    }
    let obstacle = task.obstacle(shot: shape.shot, queryShot: shape.queryShot)
    if let obstacle, isEpisodic { throw badTask(obstacle) }
    return shape
  }

  /// The episodes of the second file, for a task that draws none itself.
  func heldOut(
    _ task: any TaskDistribution,
    _ file: TensorFile?
  ) throws(ConfigurationError) -> RecordedEpisodes? {
    if let asked = options.testEpisodes, asked > 0, !task.isSampled {
      throw problem(.testEpisodes, "recorded episodes have no meta-test; leave it out, or use 0")
    }
    guard let file else {
      guard !task.isSampled, let every = options.evaluateEvery, every > 0 else { return nil }
      throw problem(
        .evaluateEvery,
        "recorded episodes hold nothing out; give --validation-episodes FILE as well, or 0"
      )
    }
    guard !task.isSampled else {
      throw problem(
        .validationEpisodes,
        "\(task.name) draws what it is meta-validated on; leave it out, or use --task episodes"
      )
    }
    let episodes: RecordedEpisodes
    do throws(SafetensorsError) {
      episodes = try RecordedEpisodes(file, for: task)
    } catch {
      throw badFile(.validationEpisodes, error)
    }
    if let asked = options.evaluationEpisodes, asked > episodes.count {
      throw problem(
        .evaluationEpisodes,
        "\(file.path) has \(episodes.count) episodes; use \(episodes.count) or fewer"
      )
    }
    return episodes
  }

  private func recorded(
    _ task: any TaskDistribution,
    _ file: TensorFile,
    checksSteps: Bool
  ) throws(ConfigurationError) -> RecordedEpisodes {
    try checkDecided()
    let recorded: RecordedEpisodes
    do throws(SafetensorsError) {
      recorded = try RecordedEpisodes(file, for: task)
    } catch {
      throw badFile(.episodes, error)
    }
    if checksSteps { try checkSteps(file, recorded.stepLimit, of: "episodes") }
    return recorded
  }

  /// Refuses options that the file of episodes, or of batches, decides.
  func checkDecided() throws(ConfigurationError) {
    for (option, isGiven) in [
      (OptionName.way, options.way != nil), (.shot, options.shot != nil),
      (.query, options.query != nil), (.metaBatch, options.metaBatch != nil),
    ] where isGiven {
      throw problem(option, "the file of --episodes decides it; leave it out")
    }
  }

  /// Refuses more steps than the file has things for.
  func checkSteps(
    _ file: TensorFile,
    _ limit: Int?,
    of things: String
  ) throws(ConfigurationError) {
    guard let steps = options.steps, let limit, steps > limit else { return }
    throw problem(.steps, "\(file.path) has \(things) for \(limit) steps; use \(limit) or fewer")
  }
}
