import Files
import MetaLearning
import Models
import Recording
import Tasks
import Training

/// Joint training on the batches of a file.
extension RunResolver {
  func recordedData(
    _ file: TensorFile,
    _ others: [any Method],
    _ validation: TensorFile?
  ) throws(ConfigurationError) -> JointData {
    let batches: RecordedBatches
    do throws(SafetensorsError) {
      batches = try RecordedBatches(file)
    } catch {
      throw badFile(.episodes, error)
    }
    if let other = others.first { throw self.batches(in: file, other) }
    guard options.task == RecordedTask.taskName else {
      throw problem(
        .task,
        "protocol=joint has all its images from the file of --episodes; use \(RecordedTask.taskName), or "
          + "leave it out"
      )
    }
    guard validation == nil else {
      throw problem(
        .validationEpisodes,
        "protocol=joint is scored on the file's own held-out pictures; leave it out"
      )
    }
    try checkDecided()
    try checkSteps(file, batches.stepLimit, of: "batches")
    let need = Need(way: batches.classCounts.max(), images: 2, episodes: file)
    return .file(batches, try task(named: RecordedTask.taskName, serving: need), file)
  }

  /// The sentence for a method that learns from episodes.
  func batches(in file: TensorFile, _ method: any Method) -> ConfigurationError {
    badFile(
      .episodes,
      SafetensorsError(
        path: file.path,
        reason:
          "holds batches of joint training (train.inputs), and \(method.descriptor.name) learns "
          + "from episodes; give a file with support.inputs, support.targets, query.inputs and "
          + "query.targets"
      )
    )
  }

  /// The settings that a file of batches decides: told where they are numbers, else left out.
  func decide(
    _ run: inout RunConfiguration,
    _ batches: RecordedBatches
  ) throws(ConfigurationError) {
    let (joint, path) = (SupervisedMethod.self, options.episodes ?? "")
    run.values = run.values.without([joint.groupClasses.id, joint.swappedHalves.id])
    for descriptor in [joint.groupClasses, joint.swappedHalves]
    where options.set.contains(where: { $0.id == descriptor.id }) {
      throw setting(descriptor, "the file of --episodes decides it; leave it out")
    }
    for (descriptor, count) in [(joint.tasks, batches.taskCount), (joint.batch, batches.batch)] {
      let isGiven = options.set.contains { $0.id == descriptor.id }
      guard !isGiven || run.values.integer(descriptor.id) == count else {
        throw setting(
          descriptor,
          "\(path) has \(count), not \(run.values.integer(descriptor.id)); use \(count), or leave it "
            + "out"
        )
      }
      do {
        try run.values.set(descriptor.id, to: Double(count))
      } catch {
        throw badFile(.episodes, SafetensorsError(path: path, reason: "has too many \(error)"))
      }
    }
  }

  /// Networks on a file's batches: as many classes as its labels have, or the file of parameters.
  func recorded(
    _ run: RunConfiguration,
    _ method: SupervisedMethod,
    _ batches: RecordedBatches,
    _ file: TensorFile,
    _ initial: TensorFile?
  ) throws(ConfigurationError) -> SupervisedTraining {
    let shape = run.distribution.layout(shot: 1, queryShot: 1).inputShape
    var models: [any Model] = []
    let parts = parts(of: initial, batches.taskCount)
    for (task, labels) in batches.classCounts.enumerated() {
      let own = parts?[task]
      let head = options.initialRules.drawsHead ? nil : own?.shape(named: "head.weight")?.first
      let example = Example(
        name: run.distribution.name,
        inputShape: shape,
        outputs: max(labels, head ?? 0),
        usualWidth: Self.jointWidth
      )
      models.append(try model(example, bodied(own, parts), for: method))
    }
    do throws(SafetensorsError) {
      return try SupervisedTraining(method, batches, models: models, run.values, noise: file)
    } catch {
      throw badFile(.episodes, error)
    }
  }
}
