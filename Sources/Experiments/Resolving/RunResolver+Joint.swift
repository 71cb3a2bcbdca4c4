import Events
import Files
import Kernels
import MetaLearning
import Models
import Recording
import Tasks
import Training

/// Joint training: class groups of one or several data sets, a network for each.
extension RunResolver {
  /// The method in the form that the settings ask for.
  func formed(_ method: any Method) -> any Method {
    let form = method.forms.first { form in
      let own = options.set.last {
        $0.id == form.hyperparameter && [nil, method.descriptor.id].contains($0.method)
      }
      return own?.text == form.value
    }
    return form?.method ?? method
  }

  /// What networks learn from together.
  enum JointData {
    /// Class groups of these sets, by lot.
    case sets([ImageTask])
    /// The batches of a file, and all it has besides.
    case file(RecordedBatches, any TaskDistribution, TensorFile)

    var tasks: [any TaskDistribution] {
      switch self {
      case .sets(let sets): sets
      case .file(_, let task, _): [task]
      }
    }
  }

  /// The task where nothing names one: a file of batches is all that joint training asks for.
  func impliedTask(_ methods: [any Method]) -> String? {
    let isJoint = methods.contains { $0 is SupervisedMethod || $0 is any BatchMethod }
    if isJoint, options.episodes != nil { return RecordedTask.taskName }
    // A network of graphs alone says what it is trained on.
    let reads = options.model.flatMap(ModelCatalog.entry)?.reads
    return reads == .nodes && options.episodes == nil ? DatasetManifest.communities : nil
  }

  /// The data of joint training; nil when nothing is trained jointly.
  func jointData(
    _ methods: [any Method],
    _ file: TensorFile?,
    _ validation: TensorFile?
  ) throws(ConfigurationError) -> JointData? {
    let others = methods.filter { !($0 is SupervisedMethod) }
    guard others.count < methods.count else {
      if let file, RecordedBatches.areIn(file) { throw batches(in: file, others[0]) }
      return nil
    }
    if let file { return try recordedData(file, others, validation) }
    let names = (options.task ?? TaskCatalog.builtIn[0]).split(separator: ",").map(String.init)
    if names.count > 1, !others.isEmpty {
      throw problem(.task, "several data sets are for protocol=joint alone; name one")
    }
    if validation != nil, others.isEmpty {
      throw problem(
        .validationEpisodes,
        "protocol=joint has held-out halves of its own; leave it out"
      )
    }
    // Networks that learn from labelled images alone draw no episodes.
    let need = others.isEmpty ? Need(way: nil, images: 2) : need(nil)
    var sets: [ImageTask] = []
    for name in names {
      guard let images = try task(named: name, serving: need).labelled else {
        throw problem(
          .task,
          "protocol=joint trains on labelled images, and \(name) has none; use glyphs, omniglot or "
            + "folder:PATH"
        )
      }
      sets.append(images)
    }
    return .sets(sets)
  }

  /// Gives a run its networks and what they learn from.
  func makeJoint(
    _ run: inout RunConfiguration,
    _ method: SupervisedMethod,
    _ data: JointData,
    _ initial: TensorFile?
  ) throws(ConfigurationError) {
    let training: SupervisedTraining
    switch data {
    case .sets(let sets):
      training = try drawn(run, method, sets, initial)
      run.totalSteps = options.steps ?? Self.jointSteps
      run.evaluateEvery = options.evaluateEvery ?? Self.jointEvaluateEvery
    case .file(let batches, _, let file):
      try decide(&run, batches)
      training = try recorded(run, method, batches, file, initial)
      run.totalSteps = options.steps ?? batches.stepLimit
      run.evaluateEvery = options.evaluateEvery ?? 0
    }
    run.supervised = training
    run.model = training.tasks[0].model
    run.metaBatchSize = training.tasks.count
    run.probeEvery = 10
  }

  /// Networks on class groups, and their halves by lot.
  private func drawn(
    _ run: RunConfiguration,
    _ method: SupervisedMethod,
    _ sets: [ImageTask],
    _ initial: TensorFile?
  ) throws(ConfigurationError) -> SupervisedTraining {
    let groups = try groups(run.values, sets, seed: run.seed)
    let parts = parts(of: initial, groups.count)
    var tasks: [SupervisedTraining.Task] = []
    for (index, group) in groups.enumerated() {
      let shape = group.halves.first.shape
      let example = Example(
        name: group.set.name,
        inputShape: [shape.height, shape.width, shape.channels],
        outputs: group.halves.first.classCount,
        usualWidth: Self.jointWidth
      )
      tasks.append(
        SupervisedTraining.Task(
          name: group.name,
          model: try model(example, bodied(parts?[index], parts), for: method),
          training: group.halves.first,
          heldOut: group.halves.second
        )
      )
    }
    return SupervisedTraining(method, tasks: tasks)
  }

  /// What a file of parameters has for each network.
  func parts(of initial: TensorFile?, _ count: Int) -> [TensorFile]? {
    initial.map { file in (0..<count).map { SupervisedTraining.own($0, of: count, in: file) } }
  }

  /// The part that gives a network its width: its own, or where that has no body the first that has.
  func bodied(_ own: TensorFile?, _ parts: [TensorFile]?) -> TensorFile? {
    func hasBody(_ part: TensorFile) -> Bool { part.names.contains { $0.hasPrefix("body.") } }
    return own.map(hasBody) == true ? own : parts?.first(where: hasBody)
  }

  /// The steps of the published φ.
  private static let jointSteps = 750
  private static let jointEvaluateEvery = 50
  /// Channels of a small host; a ResNet's first stage.
  static let jointWidth = 16

  private struct Group {
    let name: String
    let set: ImageTask
    let halves: DividedClasses
  }

  /// The tasks' classes: disjoint groups by lot, dealt to the data sets in turn.
  private func groups(
    _ values: HyperparameterValues,
    _ sets: [ImageTask],
    seed: UInt64
  ) throws(ConfigurationError) -> [Group] {
    let isSwapped = values.isOn(SupervisedMethod.swappedHalves.id)
    let tasks = values.integer(SupervisedMethod.tasks.id)
    let size = values.integer(SupervisedMethod.groupClasses.id)
    guard size != 1 else {
      throw setting(
        SupervisedMethod.groupClasses,
        "a task with one class has nothing to tell apart; use 2 or more, or 0 for all classes"
      )
    }
    guard !isSwapped || tasks % 2 == 0 else {
      throw setting(
        SupervisedMethod.tasks,
        "\(tasks) tasks cannot be pairs; use an even number with swapped-halves"
      )
    }
    let count = isSwapped ? tasks / 2 : tasks
    guard count >= sets.count else {
      throw setting(
        SupervisedMethod.tasks,
        "\(tasks) are fewer than the data sets; use more tasks or name fewer"
      )
    }
    var groups: [Group] = []
    for index in 0..<count {
      let set = sets[index % sets.count]
      let number = index / sets.count
      let groupsOfSet = (count - index % sets.count + sets.count - 1) / sets.count
      let classes = try pool(set, groupsOfSet, size, seed: seed)
      let own = size == 0 ? classes.count / groupsOfSet : size
      let name = "\(set.name) \(number + 1)"
      let halves = DividedClasses(
        Array(classes[number * own..<(number + 1) * own]),
        of: set.collection,
        first: { $0 / 2 },
        stream: RandomStream(seed: seed).split(11)
      )
      groups.append(Group(name: isSwapped ? name + "a" : name, set: set, halves: halves))
      if isSwapped { groups.append(Group(name: name + "b", set: set, halves: halves.swapped)) }
    }
    return groups
  }

  /// The meta-training classes by lot, as drawn (a turned picture is no class of its own here).
  private func pool(
    _ set: ImageTask,
    _ groups: Int,
    _ size: Int,
    seed: UInt64
  ) throws(ConfigurationError) -> [EpisodeClass] {
    let all = set.splits.metaTrain.filter { $0.quarterTurns == 0 }
    let needed = groups * max(size, 2)
    guard needed <= all.count else {
      throw setting(
        SupervisedMethod.groupClasses,
        "\(groups) groups of \(max(size, 2)) classes need \(needed), and \(set.name) has "
          + "\(all.count) for meta-training; use a smaller group-classes or fewer tasks"
      )
    }
    if let poor = all.first(where: { set.collection.classes[$0.index].imageCount < 2 }) {
      throw badTask(
        DatasetError(
          path: set.name,
          reason: "class \(set.collection.classes[poor.index].name) has fewer than two usable "
            + "images, one for each half; add images or leave the class out"
        )
      )
    }
    var draws = RandomDraws(RandomStream(seed: seed).split(10))
    return draws.sample(all.count, below: all.count).map { all[$0] }
  }

  /// A sentence about a setting, where it was given; about its default else.
  func setting(
    _ descriptor: HyperparameterDescriptor,
    _ sentence: String
  ) -> ConfigurationError {
    let given = options.set.last { $0.id == descriptor.id }
    return given.map { problem($0, "\(descriptor.id): \(sentence)") }
      ?? ConfigurationError(.usage, "--set: \(descriptor.id): \(sentence)")
  }
}
