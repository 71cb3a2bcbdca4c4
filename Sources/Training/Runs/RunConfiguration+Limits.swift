import Kernels
import MetaLearning
import Models
import Tasks

/// What a run will take of memory, before anything of it is allocated.
package struct MemoryEstimate: Sendable, Equatable {
  package var bytes: Double { own + workspaces }
  /// Parameters, moments, results, and each worker's episode.
  package let own: Double
  /// The workers' arenas, which the runs of a comparison share.
  package let workspaces: Double
  /// Whether every one of the run's memories is small enough to be addressed.
  package let isAddressable: Bool
}

extension RunConfiguration {
  package static let largestBytes = 8 << 30
  /// A replay addresses each of its memories with 28 bits of floats.
  private static let largestSpace = Double(1 << 28)

  /// Why the method cannot run on episodes of this size, or nil.
  package var refusal: String? {
    if let problem = method.refusal(of: model) { return problem }
    if let supervised {
      let batch = supervised.batch(values)
      return method.refusal(supportCount: batch, queryCount: batch)
    }
    if let problem = graphRefusal { return problem }
    let layout = source.layout
    if let problem = taskRefusal ?? minibatchRefusal ?? drawRefusal { return problem }
    return method.refusal(supportCount: layout.supportCount, queryCount: layout.queryCount)
  }

  /// What the run's task asks of a method.
  private var ability: TaskAbility {
    if distribution.kind == .surface { return .surface }
    if distribution.kind == .nodes { return .nodes }
    return distribution.isClassification ? .classification : .regression
  }

  private var taskRefusal: String? {
    guard !method.tasks.contains(ability) else { return nil }
    let able = TaskAbility.allCases.filter(method.tasks.contains).map(\.examples)
    return "\(method.descriptor.name) cannot learn \(distribution.name); it learns "
      + able.joined(separator: " and ")
  }

  /// What a method asks for of a graph may be more than memories can hold.
  private var graphRefusal: String? {
    guard distribution.kind == .nodes, taskRefusal == nil else { return nil }
    let reading = method.graphReading(values)
    if let recorded { return recorded.obstacle(reading) }
    return distribution.reading(reading).obstacle(shot: shot, queryShot: queryShot)?.description
  }

  private var minibatchRefusal: String? {
    if source.layout.nodes != nil,
      setup(source.layout).trajectoryPlans(values, .losses, isTraining: true)?.minibatch != nil
    {
      return "\(method.descriptor.name) parts an episode's examples into minibatches under these "
        + "settings, and what nodes of a graph see cannot be parted; leave its settings of minibatches "
        + "as they are on nodes"
    }
    guard let recorded = source.minibatchSteps, let trajectory,
      trajectory.minibatches != nil, recorded != trajectory.steps
    else { return nil }
    return "the file of episodes has minibatches for \(recorded) inner steps, but the run makes "
      + "\(trajectory.steps); use --set inner-steps=\(recorded)"
  }

  /// A file's draws against what the method's graph asks for.
  private var drawRefusal: String? {
    guard let read = recorded?.reading(method.graphReading(values)), !read.recordedDraws.isEmpty
    else { return nil }
    return read.recordedDraws.refusal(setup(read.layout).draws(values))
  }

  /// The run's memory: on images that of its own plans, on numbers roughly and rather too much.
  package func memoryEstimate() -> MemoryEstimate {
    if let supervised { return supervised.memoryEstimate(values, threads: threads) }
    if let batches { return batches.memoryEstimate(self) }
    let weights = weightCount
    var results = weights * Double(metaBatchSize)
    var arena = roughArena
    var scratch = 0.0
    var (evaluated, noise) = (arena, 0.0)
    if model.family == .convolutional, max(weights, results) < Self.largestSpace {
      let sizes = plannedSizes()
      (arena, scratch, evaluated) = (sizes.training, sizes.scratch, sizes.evaluation)
      noise = sizes.noise + (evaluateEvery > 0 ? 2 : 1) * sizes.evaluationNoise
      results = sizes.results * Double(metaBatchSize)
    }
    // Parameters, gradient, two moments and a copy.
    let shared = weights * 5 + results + stateCount
    // Evaluations use the workers' arenas; each has episodes and noise of its own.
    let evaluations = evaluateEvery > 0 ? 2.0 : 1
    let episodes = (evaluations + 1) * Double(max(source.layout.count, 1))
    return MemoryEstimate(
      own: 4 * (shared + Double(threads) * (episodes + noise)),
      workspaces: 4 * Double(threads) * (max(arena, evaluated) + scratch),
      isAddressable: max(arena, evaluated, weights, results) < Self.largestSpace
    )
  }

  /// All meta-parameters, counted without overflow.
  private var weightCount: Double {
    method.metaParameters(for: model, shot: supportShot, values).reduce(0.0) { sum, parameter in
      sum + parameter.shape.dimensions.reduce(1.0) { $0 * Double($1) }
    }
  }

  /// The inner loop where it is replayed.
  private var trajectory: Trajectory? {
    (method as? any TrajectoryMethod)?.trajectory(for: model, values)
  }

  /// Inner steps that lie in one graph.
  private var innerSteps: Double {
    trajectory == nil ? Double(method.adaptationSteps(values)) : 1
  }

  /// Floats of a replayed inner loop's state: two for each worker's run and evaluations, and what
  /// lasts.
  private var stateCount: Double {
    guard let trajectory else { return 0 }
    let one = trajectory.state.reduce(0.0) { sum, parameter in
      sum + parameter.shape.dimensions.reduce(1.0) { $0 * Double($1) }
    }
    let lasting = trajectory.lasting == .task ? metaBatchSize : 1
    // A way back keeps the state before every step.
    let kept = method is any AdjointMethod ? trajectory.steps * threads : 0
    return one * Double(6 * threads + lasting + kept)
  }

  /// Floats of an arena at most: forward, backward and their derivatives keep about eight values a
  /// unit and inner step.
  private var roughArena: Double {
    let layout = source.layout
    let examples = Double(layout.supportRows) * (innerSteps + 1)
    let queries = Double(
      distribution.isClassification ? layout.queryRows : layout.queryCount + 100
    )
    return (examples + queries) * Double(model.unitCount) * 8 + weightCount * 6 * (innerSteps + 1)
  }

  // MARK: Plans

  private struct PlannedSizes {
    var training: Double
    var evaluation: Double
    var scratch: Double
    /// Random numbers of an episode, in training and in an evaluation.
    var noise: Double
    var evaluationNoise: Double
    /// Of the training and the probe plan, an episode.
    var results: Double
  }

  /// Floats that the run's plans take.
  ///
  /// A plan that might not be addressable is made of a part of the examples, and its arena counted
  /// as often: arenas of images grow with the examples.
  private func plannedSizes() -> PlannedSizes {
    let layout = source.layout
    let share = max((roughArena / Self.largestSpace).rounded(.up), 1)
    func part(_ count: Int) -> Int { max(Int((Double(count) / share).rounded(.up)), 2) }
    let setup = EpisodeSetup(
      method: method,
      model: model,
      layout: share == 1
        ? layout
        : EpisodeLayout(
          supportCount: part(layout.supportCount),
          queryCount: part(layout.queryCount),
          inputShape: layout.inputShape,
          targetCount: layout.targetCount
        ),
      values: values,
      isClassification: distribution.isClassification
    )
    let replayed = setup.trajectoryPlans(values, .losses, isTraining: true)
    let stage = method.stage(values, step: 0, totalSteps: totalSteps)
    let training =
      replayed?.all
      ?? [setup.trainingPlan(values, stage: stage), setup.probePlan(values, stage: stage)]
    // Evaluated steps follow each other in the same memory.
    let evaluation = replayed?.score ?? setup.evaluationPlan(values, steps: 2)
    func arena(_ plan: EpisodePlan) -> Double {
      Double(plan.plan.program.arenaCount) * share
    }
    func noise(_ plans: [EpisodePlan]) -> Double {
      Double(plans.map(\.noiseCount).max() ?? 0) * share
    }
    let scratch = (training + [evaluation]).map(\.plan.program.convolutionScratchCount).max() ?? 0
    return PlannedSizes(
      training: training.map(arena).max() ?? 0,
      evaluation: arena(evaluation),
      scratch: Double(scratch),
      noise: noise(training),
      evaluationNoise: noise([evaluation]),
      results: training.reduce(0) { $0 + Double($1.resultCount) }
    )
  }
}

extension TaskAbility {
  /// With the tasks that everybody has.
  fileprivate var examples: String {
    switch self {
    case .regression: "numbers (--task sinusoid)"
    case .classification: "classes (--task glyphs, omniglot or folder:PATH)"
    case .surface: "surfaces (--task landscape)"
    case .nodes: "nodes of a graph (--task communities, nodes:NAME or graph:PATH)"
    }
  }
}
