import Events
import Files
import Kernels
import MetaLearning
import Models
import Recording
import Tasks
import Training

/// What a transfer compares: every arm at every size of training set with every seed.
package struct TransferPlan {
  package struct Options {
    package var arms = SupervisedMethod.arms.map(\.descriptor.id)
    /// Held-out classes told apart.
    package var classes = 20
    /// Training images a class.
    package var images = [5, 20, 50]
    /// Other images of each class, to be predicted.
    package var testImages = 20
    package var seeds = 3
    /// The file of the φ to freeze.
    package var phi: String?
    /// Pictures may be others than when φ was trained.
    package var acceptsChanges = false

    package init() {}
  }

  /// One run's place in the table.
  package struct Cell: Hashable {
    package let arm: Int
    package let images: Int
    package let seed: UInt64
  }

  package let options: Options
  package let arms: [SupervisedMethod]
  package let cells: [Cell]
  package let runs: [RunConfiguration]

  /// Checks everything and reads the images; nothing is trained or written yet.
  package init(_ options: Options, _ resolver: RunResolver) throws(ConfigurationError) {
    self.options = options
    let arms = try Self.arms(options)
    try resolver.checkSettings(arms, of: "--arms")
    let set = try resolver.transferTask(options)
    let phi = try resolver.frozen(options, arms)
    let (data, outcome) = try resolver.data(set, phi, options)
    var (cells, runs): ([Cell], [RunConfiguration]) = ([], [])
    for images in options.images {
      for seed in 0..<UInt64(options.seeds) {
        let seed = (resolver.options.seed ?? 0) &+ seed
        let halves = try resolver.halves(set, options, images: images, seed: seed)
        for (index, arm) in arms.enumerated() {
          cells.append(Cell(arm: index, images: images, seed: seed))
          var run = try resolver.transferRun(arm, set, halves, phi, seed: seed)
          (run.data, run.notes, run.acceptedChanges) = (data, outcome.notes, outcome.accepted)
          runs.append(run)
        }
      }
    }
    (self.arms, self.cells, self.runs) = (arms, cells, try resolver.measured(runs, apart: true))
  }

  private static func arms(_ options: Options) throws(ConfigurationError) -> [SupervisedMethod] {
    let known = SupervisedMethod.arms
    var arms: [SupervisedMethod] = []
    for name in options.arms {
      guard let arm = known.first(where: { $0.descriptor.id == name }) else {
        let names = known.map(\.descriptor.id).joined(separator: ", ")
        throw ConfigurationError(.usage, "--arms: there is no arm \"\(name)\"; use \(names)")
      }
      guard !arms.contains(where: { $0.descriptor.id == name }) else {
        throw ConfigurationError(.usage, "--arms: \(name) is given twice; keep one")
      }
      arms.append(arm)
    }
    return arms
  }
}

extension RunResolver {
  /// Steps of a transfer; the paper makes 10,000.
  static let transferSteps = 600

  fileprivate func transferTask(
    _ wanted: TransferPlan.Options
  ) throws(ConfigurationError) -> ImageTask {
    // As many to train on as asked for, and one to test on.
    let need = Need(way: nil, images: (wanted.images.max() ?? 0) + 1)
    guard let images = try task(named: options.task ?? "glyphs", serving: need).labelled else {
      throw problem(
        .task,
        "a transfer trains on labelled images, and \(options.task ?? "") has none; use glyphs, "
          + "omniglot or folder:PATH"
      )
    }
    let most = (wanted.images.max() ?? 0) + wanted.testImages
    do throws(DatasetError) {
      return try images.drawn(examples: most)
    } catch {
      throw badTask(error)
    }
  }

  /// The tensors of φ, or nil when no arm freezes it.
  fileprivate func frozen(
    _ wanted: TransferPlan.Options,
    _ arms: [SupervisedMethod]
  ) throws(ConfigurationError) -> TensorFile? {
    guard arms.contains(where: { $0.descriptor.id == "frozen" }) else { return nil }
    guard let path = wanted.phi.map({ SystemFile.expanded($0) }) else {
      throw ConfigurationError(
        .usage,
        "--phi: the arm frozen needs a trained noise network; give a file, for example a joint run's "
          + "checkpoints/best.safetensors, or leave the arm out of --arms"
      )
    }
    do throws(SafetensorsError) {
      let file = try TensorFile(reading: path)
      // Only φ goes over: the network is another one and begins anew.
      let (prefix, names) = (SupervisedSetup.sharedGroup + ".", SupervisedSetup.sharedNames)
      let phi = file.renamed { name in
        name.hasPrefix(prefix) || names.contains(name) ? name : nil
      }
      if let missing = names.first(where: {
        phi.shape(named: $0) == nil && phi.shape(named: prefix + $0) == nil
      }) {
        let method = SupervisedMethod.joint.descriptor.name
        throw SafetensorsError(
          path: path,
          reason: "has no \(prefix)\(missing); give a checkpoint of \(method) on images, or the "
            + "released weights"
        )
      }
      return phi
    } catch {
      throw ConfigurationError(.badData, "--phi: \(error)")
    }
  }

  /// What is transferred to; refused when the run that trained φ knew the same set otherwise, because
  /// it may have learnt from what is held out now.
  fileprivate func data(
    _ set: ImageTask,
    _ phi: TensorFile?,
    _ wanted: TransferPlan.Options
  ) throws(ConfigurationError) -> (RunData, RecordedData.Outcome) {
    var data = RunData(sets: [record(set)].compactMap(\.self))
    guard let phi else { return (data, RecordedData.Outcome()) }
    if let sha256 = try? Self.digest(of: phi.path) {
      data.initial = RunData.File(path: Self.absolute(phi.path), sha256: sha256)
    }
    let folder = SystemFile.folder(of: Self.absolute(phi.path))
    guard folder.hasSuffix("/checkpoints"), let own = data.sets.first else {
      return (data, RecordedData.Outcome())
    }
    let run = RunDirectory(path: SystemFile.folder(of: folder))
    let recorded = RecordedData(path: run.data, origin: "--phi", owner: run.path)
    return (data, try recorded.compare(own, acceptsChanges: wanted.acceptsChanges))
  }

  /// So many classes of meta-test by lot, and the pictures of each to train and to be tested on.
  fileprivate func halves(
    _ set: ImageTask,
    _ wanted: TransferPlan.Options,
    images: Int,
    seed: UInt64
  ) throws(ConfigurationError) -> DividedClasses {
    let all = set.splits.metaTest.filter { $0.quarterTurns == 0 }
    guard wanted.classes <= all.count else {
      throw ConfigurationError(
        .usage,
        "--classes: \(wanted.classes) are more than the \(all.count) that \(set.name) holds out for "
          + "meta-test; use \(all.count) or fewer"
      )
    }
    var draws = RandomDraws(RandomStream(seed: seed).split(20))
    let classes = draws.sample(wanted.classes, below: all.count).map { all[$0] }
    // At least one to test on; the rest of a small class is better than none.
    if let poor = classes.first(where: { set.collection.classes[$0.index].imageCount <= images }) {
      let member = set.collection.classes[poor.index]
      throw ConfigurationError(
        .badData,
        "--images: \(images) of each class leave none to test on, because \(member.name) of "
          + "\(set.name) has \(member.imageCount); use fewer, or glyphs, which has as many as asked"
      )
    }
    return DividedClasses(
      classes,
      of: set.collection,
      first: { _ in images },
      second: { min($0, wanted.testImages) },
      stream: RandomStream(seed: seed).split(21)
    )
  }

  fileprivate func transferRun(
    _ arm: SupervisedMethod,
    _ set: ImageTask,
    _ halves: DividedClasses,
    _ phi: TensorFile?,
    seed: UInt64
  ) throws(ConfigurationError) -> RunConfiguration {
    let shape = halves.first.shape
    let model = try model(
      Example(
        name: set.name,
        inputShape: [shape.height, shape.width, shape.channels],
        outputs: halves.first.classCount,
        usualWidth: 16
      ),
      nil,
      for: arm
    )
    let task = SupervisedTraining.Task(
      name: set.name,
      model: model,
      training: halves.first,
      heldOut: halves.second
    )
    let steps = options.steps ?? Self.transferSteps
    var run = RunConfiguration(
      method: arm,
      model: model,
      distribution: set,
      values: try values(arm, model),
      shot: halves.first.count / halves.first.classCount,
      queryShot: 0,
      totalSteps: steps,
      metaBatchSize: 1,
      seed: seed,
      threads: 1,
      evaluateEvery: options.evaluateEvery ?? max(steps / 10, 1),
      evaluationEpisodes: 1,
      probeEvery: 20,
      initial: arm.descriptor.id == "frozen" ? phi : nil,
      supervised: SupervisedTraining(arm, tasks: [task])
    )
    run.probeShare = ProbePace.share
    if let refusal = run.refusal { throw ConfigurationError(.usage, refusal) }
    if run.initial != nil {
      do throws(SafetensorsError) {
        try run.checkInitial()
      } catch {
        throw ConfigurationError(.badData, "--phi: \(error)")
      }
    }
    return run
  }
}
