import Files
import MetaLearning
import Models
import Recording
import Tasks
import Training

/// Methods that learn from labelled batches of all meta-training classes.
extension RunResolver {
  /// The batches of the file of episodes, where it has some; refused where a method or a file does not
  /// go with the others.
  func classBatches(
    _ methods: [any Method],
    _ file: TensorFile?
  ) throws(ConfigurationError) -> ClassBatches? {
    let learners = methods.filter { $0 is any BatchMethod }
    guard let file else { return nil }
    guard ClassBatches.areIn(file) else {
      guard let learner = learners.first else { return nil }
      throw badFile(
        .episodes,
        SafetensorsError(
          path: file.path,
          reason:
            "has no batch.inputs, and \(learner.descriptor.name) learns from batches; give a file with "
            + "batch.inputs, batch.targets and the episodes that it decodes, validation.support.… and "
            + "validation.query.…"
        )
      )
    }
    if let other = methods.first(where: { !($0 is any BatchMethod) }) {
      throw badFile(
        .episodes,
        SafetensorsError(
          path: file.path,
          reason: "holds batches (batch.inputs), and \(other.descriptor.name) learns from episodes"
        )
      )
    }
    do throws(SafetensorsError) {
      return try ClassBatches(file)
    } catch {
      throw badFile(.episodes, error)
    }
  }

  /// Outer steps at most where seconds decide.
  private static let mostSteps = 1_000_000

  /// Gives a run its batches: a file's, or by lot from the task's meta-training classes.
  func makeBatched(
    _ run: inout RunConfiguration,
    _ method: any BatchMethod,
    _ batches: ClassBatches?,
    _ file: TensorFile?,
    _ initial: TensorFile?
  ) throws(ConfigurationError) {
    if let refusal = method.refusal(of: run.model) { throw ConfigurationError(.usage, refusal) }
    run.metaBatchSize = 1
    run.probeEvery = 10
    if let batches, let file {
      try checkSteps(file, batches.stepLimit, of: "batches")
      (run.heldOut, run.recorded) = (run.recorded, nil)
      run.totalSteps = options.steps ?? batches.stepLimit
      run.evaluateEvery = options.evaluateEvery ?? 0
      run.evaluationEpisodes = options.evaluationEpisodes ?? run.heldOut?.count ?? 1
      let stored = initial?.shape(named: "member1.classifier.weight")?.first
      run.batches = BatchTraining(
        method,
        batches,
        classCount: max(batches.classCount, stored ?? 0)
      )
    } else {
      guard let images = run.distribution.labelled else {
        throw problem(
          .task,
          "\(method.descriptor.name) learns from labelled images, and \(run.distribution.name) has none; "
            + "use glyphs, omniglot or folder:PATH"
        )
      }
      run.batches = BatchTraining(method, images, run.values)
    }
    try limit(&run, method, isRecorded: batches != nil)
  }

  /// Steps that were asked for, or a file's, decide; else the seconds do.
  private func limit(
    _ run: inout RunConfiguration,
    _ method: any BatchMethod,
    isRecorded: Bool
  ) throws(ConfigurationError) {
    guard stored == nil, let id = method.timeBudget else { return }
    if options.steps != nil || isRecorded || run.values.number(id) == 0 {
      do { try run.values.set(id, to: 0) } catch { throw problem(.steps, error.description) }
    } else {
      run.totalSteps = Self.mostSteps
    }
  }
}
