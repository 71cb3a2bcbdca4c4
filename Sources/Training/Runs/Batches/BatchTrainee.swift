import Events
import Files
import Glibc
import Kernels
import MetaLearning
import Models
import Tasks

/// Several networks that learn from the same labelled batches, and the ensemble they make.
///
/// An outer step is one batch, seen by every member; each member is one worker's, so a run has the same
/// bits with any number of them.
///
/// `@unchecked Sendable`: members are touched by the worker that claimed them; everything else by the
/// leader between phases.
final class BatchTrainee: Trainee, @unchecked Sendable {
  private let begun: RunConfiguration
  private let training: BatchTraining
  private(set) var values: HyperparameterValues
  let members: [BatchMember]
  private let team: WorkerTeam
  private let workers: [WorkerMemory]
  private let batchLayout: EpisodeLayout
  /// How the members' answers are combined; nil until that was fitted: then by their mean.
  private(set) var combination: MemberCombination?
  private var decoder: BatchDecoder?
  private var current = (step: 0, rate: Float(0))
  private var job: WorkerTeam.Job = { _, _ in }

  let settings: AlignedBuffer

  init(_ configuration: RunConfiguration, _ training: BatchTraining, team: WorkerTeam) {
    begun = configuration
    self.training = training
    self.team = team
    values = configuration.values
    settings = AlignedBuffer(count: configuration.values.settingCount)
    let models = training.method.members(for: configuration.model, configuration.values)
    let members = models.enumerated().map { index, model in
      BatchMember(
        BatchSetup(
          method: training.method,
          model: model,
          values: configuration.values,
          classes: training.classCount
        ),
        batch: training.batch,
        seed: configuration.seed &+ UInt64(index) &* 7919
      )
    }
    self.members = members
    let layout = members[0].setup.layout(batch: training.batch)
    batchLayout = layout
    workers = team.workspaces.map {
      WorkerMemory($0, episodeCount: layout.count, noiseCount: 0)
    }
    job = { [unowned self] member, worker in step(member, workers[worker]) }
  }

  var updates: Int { members[0].state.updates }
  var operationsPerStep: Int { members.reduce(0) { $0 + $1.plan.plan.operationCount } }

  // MARK: Steps

  func takeWorkspaces() {
    let arena = members.map(\.plan.plan.program.arenaCount).max() ?? 0
    for memory in workers {
      memory.take(parameters: members[0].state.parameters, settings: settings)
      memory.workspace.requireArena(arena)
    }
  }

  private func step(_ index: Int, _ memory: WorkerMemory) {
    let member = members[index]
    training.load(step: current.step, seed: begun.seed, into: memory.episode, batchLayout)
    member.step(
      rate: current.rate,
      rules: training.method.rules(member.state.layout, values),
      limit: training.method.memberLimit(values),
      memory
    )
  }

  func makeStep(_ step: Int, withProbes: Bool, team: WorkerTeam) -> StepOutcome? {
    let rate = values.outerLearningRate(step: step, totalSteps: begun.totalSteps)
    current = (step, Float(rate))
    team.share(members.count, job)
    let count = Float(members.count)
    let loss = members.reduce(0) { $0 + $1.loss } / count
    let accuracy = members.reduce(0) { $0 + ($1.numbers["class_accuracy"] ?? .nan) } / count
    let square = members.reduce(0) { $0 + $1.gradientNorm * $1.gradientNorm }
    return StepOutcome(
      queryLoss: loss,
      supportLoss: loss,
      queryAccuracy: accuracy,
      metaGradientNorm: Float(square.squareRoot()),
      isFinite: members.allSatisfy(\.isFinite)
    )
  }

  var isFinite: Bool { members.allSatisfy(\.state.isFinite) }

  func restoreLastGood() { for member in members { member.state.restoreLastGood() } }

  func change(_ values: HyperparameterValues, isRetraced: Bool) {
    self.values = values
    decoder = nil
  }

  func snapshot(run _: RunID, step _: Int, task _: Int) -> RunEvent? { nil }

  // MARK: What was measured

  /// Held-out episodes that a probed step decodes.
  private static let probedEpisodes = 5

  func probes(settings: [String: Double]) -> StepProbes {
    let count = limited(Self.probedEpisodes)
    let found = begun.holdsOut ? decoded(.metaValidation, 0..<count, isLed: true) { false } : nil
    // Other workspaces were bound meanwhile.
    takeWorkspaces()
    let measures = BatchMeasures(
      members: members.map(\.numbers),
      episodes: found?.episodes ?? [],
      targets: found?.targets ?? [],
      accuracy: Float(accuracy(found))
    )
    let numbers = training.method.batchProbes(measures, values)
    let layers = begun.model.layers
    let loss = members.reduce(0) { $0 + $1.loss } / Float(members.count)
    return StepProbes(
      supportLosses: [loss],
      queryLosses: [loss],
      innerGradientNorms: layers.map { layer in
        Float((members.reduce(0) { $0 + $1.square(layer) } / Double(members.count)).squareRoot())
      },
      values: training.method.probes(for: begun.model, values).map { numbers[$0.key] ?? .nan }
    )
  }

  private func accuracy(_ found: BatchDecoder.Found?) -> Double {
    guard let found, !found.targets.isEmpty else { return 0 }
    let rows = found.episodes.flatMap { answers($0) }
    let right = zip(rows, found.targets.flatMap(\.self)).count { row, target in
      Self.largest(row) == target
    }
    return Double(right) / Double(max(rows.count, 1))
  }

  private func answers(_ episode: [DecodedEpisode]) -> [[Double]] {
    let answers = episode.map(\.answers)
    guard let combination else {
      let plain = MemberCombination(
        choice: answers.count,
        scales: [],
        weights: [],
        intercepts: []
      )
      return plain.answers(answers)
    }
    return combination.answers(answers)
  }

  private static func largest(_ row: [Double]) -> Int {
    row.indices.max { row[$0] < row[$1] } ?? 0
  }

  // MARK: Held-out episodes

  /// No more than a file has.
  private func limited(_ count: Int) -> Int { min(count, begun.heldOut?.count ?? count) }

  func decoded(
    _ split: MetaSplit,
    _ episodes: Range<Int>,
    isLed: Bool = false,
    _ shouldStop: @Sendable () -> Bool
  ) -> BatchDecoder.Found? {
    let own = decoder ?? BatchDecoder(begun.with(values), training.method, members, team)
    decoder = own
    return own.decode(split, episodes, settings: settings, isLed: isLed, shouldStop)
  }

  func evaluate(isMetaTest: Bool, shouldStop: @Sendable () -> Bool) -> ValidationReport? {
    let count = isMetaTest ? begun.testEpisodes : begun.evaluationEpisodes
    let split = isMetaTest ? MetaSplit.metaTest : .metaValidation
    guard let scores = scores(split, limited(count), shouldStop) else { return nil }
    let (loss, accuracy) = (EpisodeMean(scores.losses[1]), EpisodeMean(scores.accuracies[1]))
    return ValidationReport(
      loss: Float(loss.mean),
      lossConfidence95: Float(loss.confidence95),
      accuracy: Float(accuracy.mean),
      accuracyConfidence95: Float(accuracy.confidence95),
      lossByInnerStep: scores.losses.map { Float(EpisodeMean($0).mean) },
      accuracyByInnerStep: scores.accuracies.map { Float(EpisodeMean($0).mean) },
      episodes: limited(count),
      scores: scores.accuracies[1]
    )
  }

  /// The mean of the members' plain prototypes, and what the ensemble makes of the decoder's answers.
  func scores(
    _ split: MetaSplit,
    _ count: Int,
    _ shouldStop: @Sendable () -> Bool
  ) -> Evaluation.Scores? {
    guard let found = decoded(split, 0..<count, shouldStop) else { return nil }
    var (losses, accuracies) = (
      [[Float]](repeating: [], count: 2), [[Float]](repeating: [], count: 2)
    )
    let plain = MemberCombination(choice: members.count, scales: [], weights: [], intercepts: [])
    for (episode, targets) in zip(found.episodes, found.targets) {
      for (point, rows) in [plain.answers(episode.map(\.first)), answers(episode)].enumerated() {
        let count = Double(max(targets.count, 1))
        let loss = zip(rows, targets).reduce(0.0) { $0 - log(max($1.0[$1.1], 1e-12)) } / count
        let right = zip(rows, targets).count { Self.largest($0) == $1 }
        losses[point].append(Float(loss))
        accuracies[point].append(Float(Double(right) / count))
      }
    }
    return Evaluation.Scores(losses: losses, accuracies: accuracies, points: [0, 1], reported: 1)
  }

  /// Fits how the answers are combined, on held-out episodes, and chooses on others.
  func conclude(shouldStop: @Sendable () -> Bool, tell: (String) -> Void) {
    let asked = training.method.fittingEpisodes(values)
    let count = limited(asked.fit + asked.held)
    let held = min(asked.held, max(count - 2, 1))
    let fit = count - held
    guard begun.holdsOut, fit > 0 else { return }
    tell("decodes \(count) held-out episodes by \(members.count) members, to combine their answers")
    guard let found = decodedInParts(count, shouldStop, tell) else { return tell(Self.unfitted) }
    tell("fits the combination on \(fit) episodes")
    guard
      let fitted = training.method.combination(
        of: found.episodes,
        targets: found.targets,
        fit: fit,
        values,
        shouldStop: shouldStop
      )
    else { return tell(Self.unfitted) }
    combination = fitted
    let names = members.indices.map { "member \($0 + 1)" } + ["the mean", "the stacker"]
    let scores = zip(names, fitted.accuracies).map { name, accuracy in
      "\(name) \((accuracy * 1000).rounded() / 10) %"
    }
    tell(
      "of \(held) held-out episodes: \(scores.joined(separator: ", ")); chosen: "
        + names[fitted.choice] + " (fitted on \(fit))"
    )
  }

  private static let unfitted =
    "stopped before the members' answers were combined; their mean stands for them"

  /// Seconds between two words of how far the decoding is.
  private static let secondsBetweenWords = 10.0

  /// Episodes of meta-validation, with a word now and then.
  private func decodedInParts(
    _ count: Int,
    _ shouldStop: @Sendable () -> Bool,
    _ tell: (String) -> Void
  ) -> BatchDecoder.Found? {
    var all = BatchDecoder.Found(episodes: [], targets: [])
    var last = monotonicSeconds()
    for start in stride(from: 0, to: count, by: 16) {
      let part = start..<min(start + 16, count)
      guard let found = decoded(.metaValidation, part, shouldStop) else { return nil }
      all.episodes += found.episodes
      all.targets += found.targets
      if monotonicSeconds() - last > Self.secondsBetweenWords, part.upperBound < count {
        tell("decoded \(part.upperBound) of \(count) episodes")
        last = monotonicSeconds()
      }
    }
    return all
  }

  // MARK: Checkpoints

  private static func prefix(_ index: Int) -> String { "member\(index + 1)." }

  func tensorFile(metadata: [String: String]) -> TensorFile {
    var all = TensorFile(metadata: metadata)
    for (index, member) in members.enumerated() {
      let own = member.state.tensorFile(metadata: metadata)
      let tensors = own.renamed { Self.prefix(index) + $0 }.tensors
      all = TensorFile(tensors: all.tensors + tensors, metadata: metadata)
    }
    if let combination { append(combination, to: &all) }
    return all
  }

  private func append(_ fitted: MemberCombination, to file: inout TensorFile) {
    let (rows, columns) = (fitted.weights.count, fitted.weights.first?.count ?? 0)
    let weights = fitted.weights.flatMap(\.self).map(Float.init)
    file.append("stacker.weight", shape: [rows, columns], floats: weights)
    file.append("stacker.bias", shape: [rows], floats: fitted.intercepts.map(Float.init))
    file.append(
      "stacker.scale",
      shape: [fitted.scales.count],
      floats: fitted.scales.map(Float.init)
    )
    file.append("stacker.choice", shape: [1], floats: [Float(fitted.choice)])
  }

  private func takeCombination(_ file: TensorFile) throws(SafetensorsError) {
    guard let shape = file.shape(named: "stacker.weight") else { return }
    let weights = try file.floats(named: "stacker.weight").map(Double.init)
    let scales = try file.floats(named: "stacker.scale").map(Double.init)
    let choice = try file.floats(named: "stacker.choice").first ?? -1
    let intercepts = try file.floats(named: "stacker.bias").map(Double.init)
    guard shape.count == 2, scales.count == members.count, intercepts.count == shape[0],
      shape[1] == shape[0] * members.count,
      (0...Float(members.count + 1)).contains(choice), choice == choice.rounded()
    else {
      throw SafetensorsError(
        path: file.path,
        reason: "stacker.weight has shape \(shape), which does not fit \(members.count) members"
      )
    }
    combination = MemberCombination(
      choice: Int(choice),
      scales: scales,
      weights: (0..<shape[0]).map { Array(weights[$0 * shape[1]..<($0 + 1) * shape[1]]) },
      intercepts: intercepts
    )
  }

  private func own(_ index: Int, in file: TensorFile) -> TensorFile {
    let prefix = Self.prefix(index)
    let own = file.renamed { $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : nil }
    return TensorFile(
      path: "\(file.path) (member \(index + 1))",
      tensors: own.tensors,
      metadata: own.metadata
    )
  }

  func load(_ file: TensorFile, _ rules: InitialRules) throws(SafetensorsError) -> InitialReport {
    var report = InitialReport()
    for (index, member) in members.enumerated() {
      let prefix = Self.prefix(index)
      let own = own(index, in: file)
      guard !own.tensors.isEmpty || rules.drawsMissing else {
        throw SafetensorsError(
          path: file.path,
          reason:
            "has no tensor of \(prefix)…, and this run has \(members.count) members; give fewer, or "
            + "--initial-missing draw to have the others drawn"
        )
      }
      let loaded = try member.state.load(own, rules)
      report.groups += loaded.groups.map { prefix + $0 }
      report.drawn += loaded.drawn.map { prefix + $0 }
    }
    return report
  }

  func restore(_ file: TensorFile, updates: Int) throws(SafetensorsError) {
    for (index, member) in members.enumerated() {
      try member.state.restore(own(index, in: file), updates: updates)
    }
    try takeCombination(file)
  }

  /// Takes a checkpoint's parameters, of which none may be missing.
  func load(checkpoint file: TensorFile) throws(SafetensorsError) {
    try restore(file, updates: 0)
  }

  func writeSettings() {
    for (index, descriptor) in values.descriptors.enumerated() {
      settings[values.settingOffset(index)] = Float(values.number(descriptor.id))
    }
  }
}
