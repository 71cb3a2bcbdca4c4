import Events
import Files
import Kernels
import MetaLearning
import Models
import Tasks
import Testing

@testable import Training

@Suite struct SupervisedTraineeTests {
  /// Networks on groups of generated glyphs, small enough for a test.
  private static func training(
    _ method: SupervisedMethod,
    tasks: Int,
    classes: Int = 3,
    isDeep: Bool = false
  ) throws -> SupervisedTraining {
    let glyphs = try ImageTask(way: 2, examples: 8)
    let members = glyphs.splits.metaTrain
    return SupervisedTraining(
      method,
      tasks: (0..<tasks).map { index in
        // Tasks tell different numbers of classes apart.
        let own = Array(members[index * 5..<index * 5 + classes + index % 2])
        let halves = DividedClasses(
          own,
          of: glyphs.collection,
          first: { $0 / 2 },
          stream: RandomStream(seed: 4)
        )
        return SupervisedTraining.Task(
          name: "glyphs \(index + 1)",
          model: network(outputs: own.count, isDeep: isDeep),
          training: halves.first,
          heldOut: halves.second
        )
      }
    )
  }

  private static func network(outputs: Int, isDeep: Bool) -> any Model {
    guard isDeep else {
      return ConvNet(height: 28, width: 28, inputChannels: 1, channels: 8, outputs: outputs)
    }
    return ResNet20(height: 28, width: 28, inputChannels: 1, channels: 16, outputs: outputs)
  }

  private static func values(
    _ method: SupervisedMethod,
    _ settings: [String: Double] = [:]
  ) throws -> HyperparameterValues {
    let model = ConvNet(height: 28, width: 28, inputChannels: 1, channels: 8, outputs: 3)
    var values = HyperparameterValues(method.hyperparameters(for: model))
    try values.set("batch", to: 6)
    try values.set("outer-lr", to: 0.01)
    try values.set("outer-schedule", to: 0)
    for (id, value) in settings { try values.set(id, to: value) }
    return values
  }

  private static func trainee(
    _ method: SupervisedMethod = .joint,
    tasks: Int = 3,
    threads: Int = 1,
    isDeep: Bool = false,
    _ settings: [String: Double] = [:]
  ) throws -> (SupervisedTrainee, WorkerTeam) {
    let team = WorkerTeam(count: threads)
    let values = try values(method, settings)
    let trainee = SupervisedTrainee(
      try training(method, tasks: tasks, isDeep: isDeep),
      values,
      totalSteps: 100,
      seed: 9,
      team: team
    )
    for (index, descriptor) in values.descriptors.enumerated() {
      trainee.settings[values.settingOffset(index)] = Float(values.number(descriptor.id))
    }
    return (trainee, team)
  }

  private static func steps(
    _ trainee: SupervisedTrainee,
    _ team: WorkerTeam,
    _ count: Int
  )
    -> [StepOutcome]
  {
    trainee.takeWorkspaces()
    return (0..<count).compactMap { step in
      trainee.makeStep(step, withProbes: true, team: team)
    }
  }

  private static func bits(_ trainee: SupervisedTrainee) -> [[UInt32]] {
    trainee.networks.map { $0.state.bits }
  }

  /// Workers share the instructions of a task that has more of them.
  @Test func aDeepTaskHasTheSameBitsWithAnyNumberOfWorkers() throws {
    var alone: [[UInt32]] = []
    for threads in [1, 2, 5] {
      let (trainee, team) = try Self.trainee(tasks: 1, threads: threads, isDeep: true)
      team.perform { _ = Self.steps(trainee, team, 2) }
      #expect(trainee.isFinite && trainee.updates == 2)
      if threads == 1 { alone = Self.bits(trainee) }
      #expect(Self.bits(trainee) == alone, "\(threads) workers")
    }
  }

  @Test func allTasksShareOnePerturbationAndItLearns() throws {
    let (trainee, team) = try Self.trainee()
    let range = try #require(trainee.networks[0].sharedRange)
    let before = trainee.networks[0].state.parameters.values(range)
    _ = Self.steps(trainee, team, 3)
    let after = trainee.networks.map { network in
      network.sharedRange.map { network.state.parameters.values($0) } ?? []
    }
    #expect(after[0] == after[1] && after[0] == after[2], "one φ for all")
    #expect(after[0] != before)
    // Each has a network of its own.
    let heads = trainee.networks.map { $0.state.parameters[$0.state.layout.offsets[0]] }
    #expect(Set(heads).count == 3)
  }

  /// Adam's first step is the rate times the sign of the gradient, weight decay included.
  @Test func perturbationTakesAdamsFirstStepAlongTheAverage() throws {
    let (trainee, team) = try Self.trainee(tasks: 2, ["weight-decay": 0.5])
    let range = try #require(trainee.networks[0].sharedRange)
    let before = trainee.networks[0].state.parameters.values(range)
    _ = Self.steps(trainee, team, 1)
    let average = SharedGradients(
      trainee.networks.compactMap { network in
        network.sharedRange.map { network.shared.values($0) }
      }
    ).average
    let after = trainee.networks[0].state.parameters.values(range)
    for index in before.indices {
      let gradient = average[index] + 0.5 * before[index]
      guard abs(gradient) > 1e-5 else { continue }
      let expected = before[index] - 0.01 * (gradient > 0 ? 1 : -1)
      #expect(abs(after[index] - expected) < 2e-5, "number \(index)")
    }
  }

  /// A tenth of the way from 0 and 1 to what the first batch showed.
  @Test func runningAveragesMoveByATenth() throws {
    let (trainee, team) = try Self.trainee(tasks: 1)
    _ = Self.steps(trainee, team, 1)
    let network = trainee.networks[0]
    let names = network.state.layout.specifications.map(\.name)
    let mean = try #require(names.firstIndex(of: "statistics.body.block1.running_mean"))
    let variance = try #require(names.firstIndex(of: "statistics.body.block1.running_var"))
    let distances = network.own
    for index in network.state.layout.range(mean) {
      #expect(abs(network.state.parameters[index] + 0.1 * distances[index]) < 1e-7)
    }
    for index in network.state.layout.range(variance) {
      #expect(abs(network.state.parameters[index] - (1 - 0.1 * distances[index])) < 1e-6)
    }
    let responses = try #require(
      names.firstIndex(of: "statistics.perturbation.block1.running_var")
    )
    // Twice: once in θ's pass, once in φ's, whose sites go on averaging.
    let range = network.state.layout.range(responses)
    #expect(range.allSatisfy { network.state.parameters[$0] != 1 })
    for index in range {
      let between = 1 - 0.1 * distances[index]
      let expected = between - 0.1 * network.shared[index]
      #expect(abs(network.state.parameters[index] - expected) < 1e-6)
    }
  }

  @Test(arguments: [2, 3])
  func theNumberOfWorkersChangesNoBit(threads: Int) throws {
    let (one, alone) = try Self.trainee(tasks: 5)
    let (several, team) = try Self.trainee(tasks: 5, threads: threads)
    let first = Self.steps(one, alone, 3)
    let second = Self.steps(several, team, 3)
    #expect(Self.bits(one) == Self.bits(several))
    #expect(first.map(\.queryLoss) == second.map(\.queryLoss))
    let settings = ["kappa": 1.0]
    #expect(one.probes(settings: settings) == several.probes(settings: settings))
    let scores = [(one, alone), (several, team)].map { trainee, team in
      trainee.evaluate(isMetaTest: false) { false }?.loss
    }
    #expect(scores[0] == scores[1] && scores[0]?.isFinite == true)
  }

  @Test func measuringChangesNoRun() throws {
    let (measured, first) = try Self.trainee()
    let (plain, second) = try Self.trainee()
    measured.takeWorkspaces()
    plain.takeWorkspaces()
    for step in 0..<3 {
      _ = measured.makeStep(step, withProbes: true, team: first)
      _ = plain.makeStep(step, withProbes: false, team: second)
    }
    #expect(Self.bits(measured) == Self.bits(plain))
  }

  /// Memorising a dozen pictures takes some fifty steps without noise.
  @Test func aNetworkLearnsItsTrainingPictures() throws {
    let (trainee, team) = try Self.trainee(SupervisedMethod.arms[0], tasks: 1, ["batch": 12])
    let outcomes = Self.steps(trainee, team, 60)
    #expect(outcomes[59].queryLoss < 0.1 * outcomes[0].queryLoss)
    #expect(outcomes[59].queryAccuracy == 1)
    let scoring = try #require(trainee.evaluate(isMetaTest: true) { false })
    #expect(scoring.episodes == 12 && scoring.accuracyBySamples.map(\.samples) == [1])
  }

  @Test func predictionsAverageMoreAndMoreDraws() throws {
    let (trainee, team) = try Self.trainee(tasks: 1)
    _ = Self.steps(trainee, team, 2)
    let monitored = try #require(trainee.evaluate(isMetaTest: false) { false })
    #expect(monitored.accuracyBySamples.map(\.samples) == [1, 5])
    let final = try #require(trainee.evaluate(isMetaTest: true) { false })
    #expect(final.accuracyBySamples.map(\.samples) == [1, 5, 10, 30, 100])
    #expect(monitored.accuracyBySamples[1] == final.accuracyBySamples[1], "the same draws")
    #expect(trainee.evaluate(isMetaTest: false) { true } == nil)
  }

  // MARK: Files

  @Test func aJointCheckpointGivesBackEveryNetwork() throws {
    let (trainee, team) = try Self.trainee(tasks: 2)
    _ = Self.steps(trainee, team, 2)
    let file = trainee.tensorFile(metadata: ["format": "pt"])
    #expect(file.names.contains("perturbation.kernel") && file.names.contains("task2.head.bias"))
    #expect(file.names.contains("task1.optimizer.first_moment.body.block1.conv.weight"))
    #expect(file.names.contains("optimizer.second_moment.perturbation.fc.weight"))
    let (other, _) = try Self.trainee(tasks: 2)
    #expect(try other.load(file, InitialRules()) == InitialReport())
    #expect(Self.bits(other) == Self.bits(trainee))
  }

  @Test func aSingleNetworkIsAFilesFirst() throws {
    let (two, team) = try Self.trainee(tasks: 2)
    _ = Self.steps(two, team, 1)
    let (one, _) = try Self.trainee(tasks: 1)
    let report = try one.load(two.tensorFile(metadata: [:]), InitialRules())
    #expect(Self.bits(one)[0] == Self.bits(two)[0])
    #expect(report.groups.isEmpty && report.drawn.isEmpty)
    #expect(report.unused.allSatisfy { $0.hasPrefix("task2.") } && !report.unused.isEmpty)
  }

  @Test func networksForFewerTasksAreRefusedUnlessTheOthersMayBeDrawn() throws {
    let (two, _) = try Self.trainee(tasks: 2)
    let file = two.tensorFile(metadata: [:])
    let (three, _) = try Self.trainee(tasks: 3)
    let error = #expect(throws: SafetensorsError.self) { try three.load(file, InitialRules()) }
    #expect(
      error?.reason
        == "has networks of 2 tasks, and this run has 3; put the others in, or give --initial-missing "
        + "draw to have them drawn"
    )
    var rules = InitialRules()
    rules.drawsMissing = true
    #expect(try three.load(file, rules).groups.contains("task3.body"))
  }

  /// Released weights have no network and no prefix.
  @Test func aPerturbationAloneGoesIntoAnyNetwork() throws {
    let (source, team) = try Self.trainee(tasks: 2)
    _ = Self.steps(source, team, 2)
    let phi = source.tensorFile(metadata: [:]).renamed { name in
      name.hasPrefix("perturbation.") ? String(name.dropFirst(13)) : nil
    }
    #expect(phi.tensors.count == 6)
    let (target, _) = try Self.trainee(SupervisedMethod.arms[1], tasks: 1)
    #expect(try target.load(phi, InitialRules()).groups == ["body", "head", "statistics"])
    let range = try #require(target.networks[0].sharedRange)
    let own = try #require(source.networks[0].sharedRange)
    #expect(
      target.networks[0].state.parameters.values(range)
        == source.networks[0].state.parameters.values(own)
    )
  }

  // MARK: Pieces

  @Test func disagreementIsOneMinusTheMeanCosine() {
    #expect(SharedGradients([[3, 0], [5, 0]]).disagreement == 0)
    #expect(SharedGradients([[1, 0], [0, 2]]).disagreement == 1)
    #expect(SharedGradients([[1, 0], [-2, 0]]).disagreement == 2)
    #expect(SharedGradients([[1, 1]]).disagreement == 0)
    #expect(SharedGradients([[1, 2], [3, 4]]).average == [2, 3])
    // Of three pairs one agrees and two are at right angles.
    let mixed = SharedGradients([[1, 0], [1, 0], [0, 1]]).disagreement
    #expect(abs(mixed - 2.0 / 3) < 1e-6)
  }

  @Test func batchesAreNoLargerThanTheSmallestHalf() throws {
    let values = try Self.values(.joint, ["batch": 128])
    #expect(try Self.training(.joint, tasks: 1).batch(values) == 12)
    #expect(SupervisedMethod.joint.refusal(supportCount: 1, queryCount: 1) != nil)
    #expect(SupervisedMethod.joint.refusal(supportCount: 2, queryCount: 2) == nil)
  }

  @Test func halvesShareNoPicture() throws {
    let training = try Self.training(.joint, tasks: 2)
    for task in training.tasks {
      #expect(Set(task.training.images).isDisjoint(with: task.heldOut.images))
      #expect(task.training.count == task.heldOut.count)
      #expect(Set(task.training.labels) == Set(0..<task.model.outputCount))
    }
  }
}

extension ImageTask {
  fileprivate init(way: Int, examples: Int) throws {
    var parameters = GlyphParameters()
    parameters.examples = examples
    try self.init(glyphs: parameters, way: way)
  }
}
