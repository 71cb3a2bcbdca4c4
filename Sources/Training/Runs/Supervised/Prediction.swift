import Events
import Glibc
import Kernels
import MetaLearning

/// Predictions for every network's held-out pictures, each the average of several noise draws
/// (Ryu et al., NeurIPS 2020).
///
/// `@unchecked Sendable`: each worker has its own memory and writes the items it claims.
final class Prediction: @unchecked Sendable {
  private let networks: [TaskNetwork]
  private let plans: [EpisodePlan]
  private let workers: [WorkerMemory]
  private let results: [AlignedBuffer]
  private let items: [Item]
  private let noise: RandomStream
  /// Loss and rightness of every picture after each reported number of draws.
  private let scores: AlignedBuffer

  /// Pictures predicted together; averages normalise, so it changes no prediction.
  private static let batch = 50
  /// Numbers of draws that an accuracy is told for.
  static let reported = [1, 5, 10, 30, 100]

  /// A network's next pictures.
  private struct Item {
    let network: Int
    let images: Range<Int>
    /// Pictures of the networks before, and so where the scores lie.
    let start: Int
  }

  init(_ networks: [TaskNetwork], seed: UInt64, team: WorkerTeam) {
    self.networks = networks
    let plans = Self.plans(networks)
    self.plans = plans
    let layouts = networks.map { $0.setup.layout(batch: Self.batch).count }
    let workers = team.workspaces.map { workspace in
      WorkerMemory(
        workspace,
        episodeCount: layouts.max() ?? 1,
        noiseCount: plans.map(\.noiseCount).max() ?? 0
      )
    }
    self.workers = workers
    results = workers.map { _ in AlignedBuffer(count: plans.map(\.resultCount).max() ?? 1) }
    items = Self.items(networks)
    noise = RandomStream(seed: seed).split(StreamLabel.noise.rawValue).split(1 << 32)
    let pictures = networks.reduce(0) { $0 + $1.task.heldOut.count }
    scores = AlignedBuffer(count: 2 * (Self.reported.count + 1) * max(pictures, 1))
  }

  private static func plans(_ networks: [TaskNetwork]) -> [EpisodePlan] {
    var known: [String: EpisodePlan] = [:]
    return networks.map { network in
      let key = "\(network.setup.model.name) \(network.setup.model.outputCount)"
      let plan = known[key] ?? network.setup.predictionPlan(batch: batch)
      known[key] = plan
      return plan
    }
  }

  private static func items(_ networks: [TaskNetwork]) -> [Item] {
    var start = 0
    return networks.enumerated().flatMap { index, network in
      let count = network.task.heldOut.count
      let own = stride(from: 0, to: count, by: batch).map { first in
        Item(network: index, images: first..<min(first + batch, count), start: start + first)
      }
      start += count
      return own
    }
  }

  /// Scores all pictures with `samples` draws; nil when `shouldStop` said so meanwhile.
  func score(
    samples: Int,
    settings: AlignedBuffer,
    team: WorkerTeam,
    shouldStop: @Sendable () -> Bool
  ) -> ValidationReport? {
    let reported = Self.reported.filter { $0 < samples } + [samples]
    let arena = plans.map(\.plan.program.arenaCount).max() ?? 0
    for memory in workers {
      memory.take(parameters: networks[0].state.parameters, settings: settings)
      memory.workspace.requireArena(arena)
    }
    let block = 2 * team.count
    team.perform {
      for start in stride(from: 0, to: items.count, by: block) where !shouldStop() {
        team.share(min(block, items.count - start)) { [self] in
          predict(items[start + $0], reported, worker: $1)
        }
      }
    }
    return shouldStop() ? nil : report(reported)
  }

  private func predict(_ item: Item, _ reported: [Int], worker: Int) {
    let (memory, network) = (workers[worker], networks[item.network])
    let layout = network.setup.layout(batch: Self.batch)
    let heldOut = network.task.heldOut
    memory.workspace.bind(.parameters, to: network.state.parameters)
    heldOut.write(
      item.images,
      into: memory.episode,
      inputs: layout.queryInputs,
      targets: layout.queryTargets
    )
    memory.workspace.bind(.results, to: results[worker])
    let plan = plans[item.network]
    let classes = heldOut.classCount
    var sums = [Float](repeating: 0, count: item.images.count * classes)
    for sample in 0..<(reported.last ?? 1) {
      draw(plan, item, sample, memory)
      plan.plan.program.replay(in: memory.workspace)
      for index in sums.indices { sums[index] += results[worker][index] }
      guard let place = reported.firstIndex(of: sample + 1) else { continue }
      for (position, image) in item.images.enumerated() {
        let row = sums[position * classes..<(position + 1) * classes]
        write(row, heldOut.labels[image], draws: sample + 1, at: item.start + position, place)
      }
    }
  }

  private func draw(_ plan: EpisodePlan, _ item: Item, _ sample: Int, _ memory: WorkerMemory) {
    let stream = noise.split(UInt64(item.network)).split(UInt64(item.images.lowerBound))
    memory.draw(plan.draws, stream.split(UInt64(sample)))
  }

  private func write(
    _ sums: ArraySlice<Float>,
    _ label: Int,
    draws: Int,
    at picture: Int,
    _ place: Int
  ) {
    let own = sums[sums.startIndex + label]
    let best = sums.indices.max { sums[$0] < sums[$1] } ?? sums.startIndex
    let probability = max(own / Float(draws), .leastNormalMagnitude)
    let offset = Self.offset(picture, place)
    scores[offset] = own.isNaN ? .nan : -logf(probability)
    let isNumber = sums.allSatisfy { !$0.isNaN }
    scores[offset + 1] = isNumber ? (best - sums.startIndex == label ? 1 : 0) : .nan
  }

  private static func offset(_ picture: Int, _ place: Int) -> Int {
    2 * (picture * (reported.count + 1) + place)
  }

  // MARK: Means

  /// Each network counts alike, whatever number of pictures it has.
  private func report(_ reported: [Int]) -> ValidationReport {
    func mean(_ part: Int, _ place: Int) -> PictureMean {
      .pooled(
        networks.indices.map { network in
          let own = items.lazy.filter { $0.network == network }
          return PictureMean(
            own.flatMap { item in
              item.images.indices.map { position in
                let picture = item.start + position - item.images.lowerBound
                return self.scores[Self.offset(picture, place) + part]
              }
            }
          )
        }
      )
    }
    let last = reported.count - 1
    let (loss, accuracy) = (mean(0, last), mean(1, last))
    return ValidationReport(
      loss: loss.mean,
      lossConfidence95: loss.confidence95,
      accuracy: accuracy.mean,
      accuracyConfidence95: accuracy.confidence95,
      lossByInnerStep: [loss.mean],
      accuracyByInnerStep: [accuracy.mean],
      accuracyBySamples: reported.enumerated().map { place, samples in
        SampledAccuracy(samples: samples, accuracy: mean(1, place).mean)
      },
      episodes: networks.reduce(0) { $0 + $1.task.heldOut.count }
    )
  }
}

/// A mean over pictures and the variance of that mean.
private struct PictureMean {
  let mean: Float
  private let variance: Float

  init(_ values: [Float]) {
    let count = Float(max(values.count, 1))
    let mean = values.reduce(0, +) / count
    let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    self.mean = mean
    variance = values.count > 1 ? square / (count - 1) / count : .infinity
  }

  private init(mean: Float, variance: Float) { (self.mean, self.variance) = (mean, variance) }

  /// The mean of independent means.
  static func pooled(_ all: [Self]) -> Self {
    let count = Float(max(all.count, 1))
    return Self(
      mean: all.reduce(0) { $0 + $1.mean } / count,
      variance: all.reduce(0) { $0 + $1.variance } / (count * count)
    )
  }

  /// Half the 95 % interval: over pictures, not over runs.
  var confidence95: Float { Float(EpisodeMean.standardErrors) * variance.squareRoot() }
}
