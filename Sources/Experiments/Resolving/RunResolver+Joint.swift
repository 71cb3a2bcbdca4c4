import Events
import Files
import Kernels
import MetaLearning
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

  /// The data sets of a joint run, named with commas; none when nothing is trained jointly.
  func jointTasks(
    _ methods: [any Method],
    _ episodes: TensorFile?
  ) throws(ConfigurationError) -> [ImageTask] {
    guard methods.contains(where: { $0 is SupervisedMethod }) else { return [] }
    let names = (options.task ?? TaskCatalog.builtIn[0]).split(separator: ",").map(String.init)
    if names.count > 1, !methods.allSatisfy({ $0 is SupervisedMethod }) {
      throw problem(.task, "several data sets are for protocol=joint alone; name one")
    }
    if episodes != nil, methods.allSatisfy({ $0 is SupervisedMethod }) {
      throw problem(.episodes, "protocol=joint trains on images, not on episodes; leave it out")
    }
    // Networks that learn from labelled images alone draw no episodes.
    let isEpisodic = !methods.allSatisfy { $0 is SupervisedMethod }
    let need = isEpisodic ? need(episodes) : Need(way: nil, images: 2)
    var tasks: [ImageTask] = []
    for name in names {
      guard let images = try task(named: name, serving: need).labelled else {
        throw problem(
          .task,
          "protocol=joint trains on labelled images, and \(name) has none; use glyphs, omniglot or "
            + "folder:PATH"
        )
      }
      tasks.append(images)
    }
    return tasks
  }

  /// Gives a run its networks and their halves.
  func makeJoint(
    _ run: inout RunConfiguration,
    _ method: SupervisedMethod,
    _ sets: [ImageTask]
  ) throws(ConfigurationError) {
    let groups = try groups(run.values, sets, seed: run.seed)
    var tasks: [SupervisedTraining.Task] = []
    for group in groups {
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
          model: try model(example, nil, for: method),
          training: group.halves.first,
          heldOut: group.halves.second
        )
      )
    }
    let training = SupervisedTraining(method, tasks: tasks)
    run.supervised = training
    run.model = tasks[0].model
    run.metaBatchSize = tasks.count
    run.totalSteps = options.steps ?? Self.jointSteps
    run.evaluateEvery = options.evaluateEvery ?? Self.jointEvaluateEvery
    run.probeEvery = 10
  }

  /// The steps of the published φ.
  private static let jointSteps = 750
  private static let jointEvaluateEvery = 50
  /// Channels of a small host; a ResNet's first stage.
  private static let jointWidth = 16

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
  private func setting(
    _ descriptor: HyperparameterDescriptor,
    _ sentence: String
  ) -> ConfigurationError {
    let given = options.set.last { $0.id == descriptor.id }
    return given.map { problem($0, "\(descriptor.id): \(sentence)") }
      ?? ConfigurationError(.usage, "--set: \(descriptor.id): \(sentence)")
  }
}
