import Events
import Files
import MetaLearning
import Models
import Recording
import Tasks

/// Everything that decides a run; two runs with equal configurations give equal bits.
package struct RunConfiguration: Sendable {
  package var method: any Method
  package var model: any Model
  package var distribution: any TaskDistribution
  package var values: HyperparameterValues
  package var shot: Int
  package var queryShot: Int
  package var totalSteps: Int
  package var metaBatchSize: Int
  package var seed: UInt64
  package var threads: Int
  /// Outer steps between two meta-validations; 0 for none.
  package var evaluateEvery: Int
  package var evaluationEpisodes: Int
  /// Outer steps between two checkpoints that stay; 0 for none.
  package var keepEvery = 0
  package var testEpisodes: Int
  /// Outer steps between two measurements of the probes; 0 for none.
  package var probeEvery: Int
  /// What they may take of the computing time, however near each other `probeEvery` would have them; nil
  /// for as much as they take.
  package var probeShare: Double?
  /// Episodes read from a file instead of sampled.
  package var recorded: RecordedEpisodes?
  /// Episodes of a second file, on which it is meta-validated.
  package var heldOut: RecordedEpisodes?
  /// Meta-parameters to start from.
  package var initial: TensorFile?
  /// What becomes of parameters that `initial` does not have.
  package var initialRules = InitialRules()
  /// What it is trained on, to be recorded, or compared with what was.
  package var data = RunData()
  /// How data differ from what the run was trained on before, where somebody accepted that.
  package var acceptedChanges: [String] = []
  /// Whether its data are what it was trained on before; nil where nobody can say.
  package var hasSameData: Bool? = true
  /// What a person should know before it begins.
  package var notes: [String] = []
  /// Networks on labelled pictures instead of episodes.
  package var supervised: SupervisedTraining?
  /// Labelled batches instead of episodes, for a method that learns from them.
  package var batches: BatchTraining?
  /// A stopped run's last checkpoint to go on from.
  package var resume: ResumePoint?
  /// Hyperparameters that change on the way, by rising step.
  package var changes: [Change] = []
  /// An outer step after which it is validated and stops, to go on later or never.
  package var stopAfter: Int?
  /// It begins where `resume` says, in a directory of its own.
  package var isBranch = false
  /// The options that make this run again, by their names on the command line.
  package var options: [String: String] = [:]
  /// Its directory gets a TensorBoard event file as well.
  package var hasEventFile = false
  /// The name of its directory, where that is not made up from task, method and time.
  package var directoryName: String?
  /// It has ended before, in this way: shown beside the others of its comparison, and not trained.
  package var ended: RunStatus?
  /// Which of the theme's colours it has; nil until its comparison gives it one.
  package var color: Int?
  /// That of the run it branches from, which is shown beside it.
  package var parentColor: Int?
  /// Bytes of memory it is expected to take, for people to see.
  package var memory: MemoryEstimate?

  /// A value that a hyperparameter has from some outer step on.
  package struct Change: Sendable, Equatable {
    /// Outer steps that were made before.
    package let step: Int
    package let id: String
    package let value: Double

    package init(step: Int, id: String, value: Double) {
      (self.step, self.id, self.value) = (step, id, value)
    }
  }

  package init(
    method: any Method,
    model: any Model,
    distribution: any TaskDistribution,
    values: HyperparameterValues,
    shot: Int,
    queryShot: Int,
    totalSteps: Int,
    metaBatchSize: Int,
    seed: UInt64,
    threads: Int,
    evaluateEvery: Int,
    evaluationEpisodes: Int,
    testEpisodes: Int = 600,
    probeEvery: Int,
    recorded: RecordedEpisodes? = nil,
    initial: TensorFile? = nil,
    supervised: SupervisedTraining? = nil
  ) {
    self.method = method
    self.model = model
    self.distribution = distribution
    self.values = values
    self.shot = shot
    self.queryShot = queryShot
    self.totalSteps = totalSteps
    self.metaBatchSize = metaBatchSize
    self.seed = seed
    self.threads = threads
    self.evaluateEvery = evaluateEvery
    self.evaluationEpisodes = evaluationEpisodes
    self.testEpisodes = testEpisodes
    self.probeEvery = probeEvery
    self.recorded = recorded
    self.initial = initial
    self.supervised = supervised
  }

  /// Whether its directory gets a record of its data: new ones, and those that go on with others.
  package var isDataRecorded: Bool {
    !data.isEmpty && (resume == nil || isBranch || !acceptedChanges.isEmpty)
  }

  var source: any EpisodeSource {
    let reading = method.graphReading(values)
    if let recorded { return recorded.reading(reading) }
    let task = distribution.reading(reading)
    return SampledEpisodes(
      task,
      split: .metaTrain,
      layouts: task.layouts(shot: shot, queryShot: queryShot),
      seed: seed,
      keepsTasks: method.keepsTasks
    )
  }

  func trainee(team: WorkerTeam) -> any Trainee {
    if let batches { return BatchTrainee(self, batches, team: team) }
    guard let supervised else { return EpisodicTrainee(self, team: team) }
    return SupervisedTrainee(
      supervised,
      values,
      totalSteps: totalSteps,
      seed: seed,
      team: team
    )
  }

  /// Whether a meta-test follows the last step: recorded episodes hold nothing out that was not
  /// chosen by.
  package var isTested: Bool { distribution.isSampled && testEpisodes > 0 }

  /// Whether there is anything to meta-validate it on.
  package var holdsOut: Bool { distribution.isSampled || heldOut != nil }

  /// Whether its training episodes are other than those of methods beside it.
  var drawsTasksOnce: Bool {
    method.keepsTasks && recorded == nil && distribution.taskCount == nil
  }

  /// What a person should know of tasks that are the run's own.
  var taskNotes: [String] {
    var notes: [String] = []
    if drawsTasksOnce {
      notes.append(
        "its \(metaBatchSize) tasks are drawn once, with new examples every step: "
          + "its training episodes are not those of other methods"
      )
    }
    let replayed = method as? any TrajectoryMethod
    if let cycle = replayed?.trajectory(for: model, values).cycle, cycle > totalSteps {
      notes.append(
        "its tasks begin again at the meta-parameters every \(grouped(cycle)) outer steps, and the run has "
          + "\(grouped(totalSteps)), so none does; use --steps \(cycle) or more, or a shorter horizon"
      )
    }
    return notes
  }

  /// K as the episodes have it, which a file may decide.
  package var supportShot: Int {
    let classes = distribution.isClassification ? max(model.outputCount, 1) : 1
    let layout = recorded?.layout ?? distribution.layout(shot: shot, queryShot: queryShot)
    return layout.supportCount / classes
  }

  /// N; nil where there are no classes.
  package var way: Int? {
    guard distribution.isClassification, supervised == nil else { return nil }
    return distribution.layout(shot: 1, queryShot: 1).targetCount
  }

  /// What a task of two parameters shows of itself.
  private var taskPanels: [PanelDescription] {
    guard distribution.map != nil, supervised == nil else { return [] }
    let part = PanelPart.plane(title: "mean loss, the tasks' minima, and the ways to them")
    return [PanelDescription(id: "plane", title: "plane", parts: [part])]
  }

  /// Of all networks that learn side by side.
  private var modelName: String {
    let members = batches?.method.members(for: model, values)
    return members?.map(\.name).joined(separator: " + ") ?? model.name
  }

  /// The same with other values of the hyperparameters.
  func with(_ values: HyperparameterValues) -> Self {
    var copy = self
    copy.values = values
    return copy
  }

  package func description(id: RunID) -> RunDescription {
    let learned = batches.map { $0.method.learned(for: model, classes: $0.classCount, values) }
    let parameters = ParameterLayout(
      learned ?? method.metaParameters(for: model, shot: supportShot, values)
    )
    return RunDescription(
      id: id,
      methodID: method.descriptor.id,
      methodName: method.descriptor.name,
      citation: method.descriptor.citation,
      task: TaskDescription(
        name: distribution.name,
        kind: distribution.isClassification ? .classification : .regression,
        input: distribution.kind == .nodes ? .nodes : nil,
        way: way,
        shot: shot,
        queryShot: queryShot,
        setting: supervised?.setting,
        split: distribution.splitKind?.rawValue,
        isTested: isTested ? nil : false
      ),
      model: modelName,
      layers: model.layers,
      parameterCounts: parameters.parameterCounts,
      hyperparameters: values.descriptors,
      values: values.byID,
      probes: method.declaredProbes(for: model, values)
        + (supervised.map { $0.method.taskProbes($0.tasks.map(\.name)) } ?? []),
      panels: method.allPanels(for: model) + taskPanels
        + (GradientQuality.isMeasured(method, model, values) ? [GradientQuality.panel] : []),
      moments: method.moments(for: model),
      regime: supervised.map { .tasks(count: $0.tasks.count, of: $0.setting) },
      adaptation: method.adaptationAxis(values),
      stepLoss: method.stepLoss,
      totalSteps: totalSteps,
      metaBatchSize: metaBatchSize,
      seed: seed,
      threads: threads,
      estimatedBytes: memory.map { Int($0.bytes) },
      color: color
    )
  }
}
