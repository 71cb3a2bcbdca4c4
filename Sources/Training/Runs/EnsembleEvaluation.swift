import Foundation
import Kernels
import MetaLearning
import Tasks

/// A meta-test by several parameters: each adapts to the episode, and the mean of their outputs is
/// scored (logits, where there are classes).
///
/// `@unchecked Sendable`: each worker has its own memory and writes the episodes it claims.
final class EnsembleEvaluation: @unchecked Sendable {
  private let episodes: Int
  private let steps: Int
  private let reported: Int
  private let plan: EpisodePlan
  private let source: any EpisodeSource
  private let isClassification: Bool
  private let workers: [WorkerMemory]
  private let outputs: [AlignedBuffer]
  /// By episode and point.
  private let losses: DoubleBuffer
  private let accuracies: DoubleBuffer
  private let noise: RandomStream

  init(
    _ configuration: RunConfiguration,
    split: MetaSplit,
    episodes: Int,
    steps: Int,
    queryCount: Int,
    team: WorkerTeam
  ) {
    (self.episodes, self.steps) = (episodes, steps)
    reported = min(configuration.method.adaptationSteps(configuration.values), steps)
    isClassification = configuration.distribution.isClassification
    let source = configuration.heldOutEpisodes(split, queryCount: queryCount)
    self.source = source
    let plan = configuration.setup(source.layout).outputsPlan(configuration.values, steps: steps)
    self.plan = plan
    workers = team.workspaces.map {
      WorkerMemory($0, episodeCount: source.layout.count, noiseCount: plan.noiseCount)
    }
    outputs = team.workspaces.map { _ in AlignedBuffer(count: plan.resultCount) }
    losses = DoubleBuffer(count: episodes * (steps + 1))
    accuracies = DoubleBuffer(count: episodes * (steps + 1))
    noise = configuration.heldOutNoise(split)
  }

  /// Scores the mean of the members' outputs; all workers of `team` share the episodes.
  ///
  /// - Returns: nil when `shouldStop` said so before the last episode.
  func run(
    _ members: [AlignedBuffer],
    settings: AlignedBuffer,
    team: WorkerTeam,
    shouldStop: @Sendable () -> Bool
  ) -> Evaluation.Scores? {
    guard let first = members.first else { return nil }
    for memory in workers { memory.take(parameters: first, settings: settings) }
    team.perform {
      for start in stride(from: 0, to: episodes, by: 16) where !shouldStop() {
        team.share(min(16, episodes - start)) { [self] in
          score(start + $0, members, worker: $1)
        }
      }
    }
    guard !shouldStop() else { return nil }
    func columns(_ buffer: DoubleBuffer) -> [[Float]] {
      (0...steps).map { point in
        (0..<episodes).map { Float(buffer[$0 * (steps + 1) + point]) }
      }
    }
    return Evaluation.Scores(
      losses: columns(losses),
      accuracies: isClassification ? columns(accuracies) : [],
      points: Array(0...steps),
      reported: reported
    )
  }

  private func score(_ episode: Int, _ members: [AlignedBuffer], worker: Int) {
    let (memory, results) = (workers[worker], outputs[worker])
    source.load(step: 0, episode: episode, into: memory.episode)
    memory.draw(plan.draws, noise.split(UInt64(episode)))
    var sums = plan.outputs.map { [Double](repeating: 0, count: $0.count) }
    for member in members {
      memory.workspace.bind(.parameters, to: member)
      memory.workspace.bind(.results, to: results)
      plan.plan.program.replay(in: memory.workspace)
      for (point, range) in plan.outputs.enumerated() {
        for (place, index) in range.enumerated() { sums[point][place] += Double(results[index]) }
      }
    }
    let layout = source.layout
    let targets = memory.episode.values(
      layout.queryTargets..<layout.queryTargets + layout.queryCount * layout.targetCount
    )
    for (point, sum) in sums.enumerated() {
      let mean = sum.map { $0 / Double(members.count) }
      let scored = EnsembleScore(
        mean,
        targets,
        columns: layout.targetCount,
        isClassification: isClassification
      )
      losses[episode * (steps + 1) + point] = scored.loss
      accuracies[episode * (steps + 1) + point] = scored.accuracy
    }
  }
}

/// What outputs score against targets, row by row.
struct EnsembleScore {
  /// Mean squared error over all numbers, or mean cross-entropy over the rows.
  let loss: Double
  /// The share of rows whose largest output is the class's; 0 where there are no classes.
  let accuracy: Double

  init(_ outputs: [Double], _ targets: [Float], columns: Int, isClassification: Bool) {
    guard isClassification else {
      let squares = zip(outputs, targets).map { ($0 - Double($1)) * ($0 - Double($1)) }
      (loss, accuracy) = (squares.reduce(0, +) / Double(max(squares.count, 1)), 0)
      return
    }
    let rows = outputs.count / columns
    var (sum, hits) = (0.0, 0)
    for row in 0..<rows {
      let logits = outputs[row * columns..<(row + 1) * columns]
      let largest = logits.max() ?? 0
      let logarithm = largest + log(logits.reduce(0) { $0 + exp($1 - largest) })
      let wanted = targets[row * columns..<(row + 1) * columns].firstIndex { $0 > 0.5 } ?? 0
      sum += logarithm - outputs[wanted]
      if logits.firstIndex(of: largest) == wanted { hits += 1 }
    }
    (loss, accuracy) = (sum / Double(max(rows, 1)), Double(hits) / Double(max(rows, 1)))
  }
}
