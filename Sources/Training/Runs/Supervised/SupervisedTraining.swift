import Files
import Kernels
import MetaLearning
import Models
import Tasks

/// Networks trained on labelled pictures instead of episodes.
package struct SupervisedTraining: Sendable {
  /// One network and what it learns from.
  package struct Task: Sendable {
    /// For people: `omniglot group 2`.
    package let name: String
    package let model: any Model
    package let training: LabelledImages
    /// What θ never sees: φ learns from it in joint training, and predictions are scored on it.
    package let heldOut: LabelledImages

    package init(
      name: String,
      model: any Model,
      training: LabelledImages,
      heldOut: LabelledImages
    ) {
      self.name = name
      self.model = model
      self.training = training
      self.heldOut = heldOut
    }
  }

  package let method: SupervisedMethod
  package let tasks: [Task]
  /// Batches and noise that a file has; nil where both are drawn.
  private(set) var recorded: RecordedBatches?

  package init(_ method: SupervisedMethod, tasks: [Task]) {
    precondition(!tasks.isEmpty, "no task to train on")
    self.method = method
    self.tasks = tasks
    recorded = nil
  }

  /// Training on a file's batches, with the noise it has for the networks.
  package init(
    _ method: SupervisedMethod,
    _ batches: RecordedBatches,
    models: [any Model],
    _ values: HyperparameterValues,
    noise file: TensorFile
  ) throws(SafetensorsError) {
    self.method = method
    tasks = models.enumerated().map { task, model in
      let halves = batches.pictures(task: task, classCount: model.outputCount)
      return Task(
        name: "task \(task + 1)",
        model: model,
        training: halves.training,
        heldOut: halves.heldOut
      )
    }
    recorded = batches
    // Networks of one name differ in their heads alone.
    var checked: Set<String> = []
    for task in tasks where checked.insert(task.model.name).inserted {
      let noise = try RecordedNoise(file, batches, for: setup(task, values))
      recorded?.noise = noise
    }
  }

  /// What a person reads where episodes have way and shot.
  package var setting: String {
    let classes = tasks.map(\.heldOut.classCount)
    let (fewest, most) = (classes.min() ?? 0, classes.max() ?? 0)
    let images = tasks.reduce(0) { $0 + $1.training.count }
    let sizes = fewest == most ? "\(fewest) classes" : "\(fewest) to \(most) classes"
    guard tasks.count > 1 else { return "\(sizes), \(images) training images" }
    return "\(tasks.count) tasks of \(sizes), \(images) training images"
  }

  /// What a file has for one network, under the names of a single one.
  package static func own(_ task: Int, of count: Int, in file: TensorFile) -> TensorFile {
    let prefix = prefix(task)
    let own = file.renamed { $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : $0 }
    guard count > 1 else { return own }
    return TensorFile(
      path: "\(file.path) (task \(task + 1))",
      tensors: own.tensors,
      metadata: own.metadata
    )
  }

  /// Of a network's tensors, where a file has those of several.
  static func prefix(_ task: Int) -> String { "task\(task + 1)." }

  /// A step takes no more pictures than the smallest half has.
  package func batch(_ values: HyperparameterValues) -> Int {
    let wanted = values.integer(SupervisedMethod.batch.id)
    let sets = tasks.map(\.training) + (method.isJoint ? tasks.map(\.heldOut) : [])
    return min(wanted, sets.map(\.count).min() ?? wanted)
  }

  func setup(_ task: Task, _ values: HyperparameterValues) -> SupervisedSetup {
    let shape = task.training.shape
    return SupervisedSetup(
      model: task.model,
      regularizer: method.regularizer,
      values: values,
      batch: batch(values),
      inputShape: [shape.height, shape.width, shape.channels]
    )
  }
}

extension SupervisedTraining {
  /// Refuses a file of initial parameters that does not fit the networks.
  func checkInitial(
    _ file: TensorFile,
    _ rules: InitialRules,
    _ values: HyperparameterValues
  ) throws(SafetensorsError) {
    let trainee = SupervisedTrainee(
      self,
      values,
      totalSteps: 1,
      seed: 0,
      team: WorkerTeam(count: 1)
    )
    _ = try trainee.load(file, rules)
  }

  /// The plans' arenas, each network's parameters, moments and results, each worker's batches and
  /// noise.
  func memoryEstimate(_ values: HyperparameterValues, threads: Int) -> MemoryEstimate {
    var (weights, arena, scratch, episode, noise, results) = (0.0, 0, 0, 0, 0, 0.0)
    var largest = 0
    for task in tasks {
      let setup = setup(task, values)
      let plans = TaskNetwork.Plans(setup, learnsShared: method.isJoint)
      weights += 5 * Double(setup.parameters.count)
      results += Double(plans.all.reduce(0) { $0 + $1.resultCount })
      arena = max(arena, plans.all.map(\.plan.program.arenaCount).max() ?? 0)
      scratch = max(scratch, plans.all.map(\.plan.program.convolutionScratchCount).max() ?? 0)
      (episode, noise) = (max(episode, plans.layout.count), max(noise, plans.noiseCount))
      largest = max(arena, plans.noiseCount, setup.parameters.count)
    }
    return MemoryEstimate(
      own: 4 * (weights + results + 2 * Double(threads * (episode + noise))),
      workspaces: 4 * Double(threads * (arena + scratch)),
      isAddressable: largest < 1 << 28
    )
  }
}
