import Kernels
import MetaLearning
import Synchronization
import Tasks

/// Held-out episodes as every member decodes them.
///
/// `@unchecked Sendable`: each worker has memory of its own.
final class BatchDecoder: @unchecked Sendable {
  /// By episode and member, and each episode's query classes.
  struct Found: Sendable {
    var episodes: [[DecodedEpisode]]
    var targets: [[Int]]
  }

  private let run: RunConfiguration
  private let method: any BatchMethod
  private let members: [BatchMember]
  private let team: WorkerTeam
  private let layout: EpisodeLayout
  private let plans: [EpisodePlan]
  private let workers: [WorkerMemory]
  private let results: [AlignedBuffer]

  init(
    _ run: RunConfiguration,
    _ method: any BatchMethod,
    _ members: [BatchMember],
    _ team: WorkerTeam
  ) {
    (self.run, self.method, self.members, self.team) = (run, method, members, team)
    let query = run.distribution.evaluationQuery(run.queryShot)
    let layout = run.heldOutEpisodes(.metaValidation, queryCount: query).layout
    self.layout = layout
    let plans = members.map { $0.setup.encodingPlan(layout) }
    self.plans = plans
    workers = team.workspaces.map {
      WorkerMemory($0, episodeCount: layout.count, noiseCount: 0)
    }
    results = workers.map { _ in AlignedBuffer(count: plans.map(\.resultCount).max() ?? 1) }
  }

  /// Episodes between two looks at whether to stop.
  private static let blockSize = 16

  /// Nil when `shouldStop` said so before the last; `isLed` inside a phase that somebody leads.
  func decode(
    _ split: MetaSplit,
    _ episodes: Range<Int>,
    settings: AlignedBuffer,
    isLed: Bool,
    _ shouldStop: @Sendable () -> Bool
  ) -> Found? {
    let query = run.distribution.evaluationQuery(run.queryShot)
    let source = run.heldOutEpisodes(split, queryCount: query)
    let arena = plans.map(\.plan.program.arenaCount).max() ?? 0
    for memory in workers {
      memory.take(parameters: members[0].state.parameters, settings: settings)
      memory.workspace.requireArena(arena)
    }
    let answers = Answers(count: episodes.count)
    if isLed {
      decode(source, episodes, into: answers, shouldStop)
    } else {
      team.perform { decode(source, episodes, into: answers, shouldStop) }
    }
    guard !shouldStop() else { return nil }
    return answers.found.withLock { $0 }
  }

  /// What the workers have found so far.
  private final class Answers: Sendable {
    let found: Mutex<Found>

    init(count: Int) {
      found = Mutex(
        Found(
          episodes: Array(repeating: [], count: count),
          targets: Array(repeating: [], count: count)
        )
      )
    }
  }

  /// Leader only.
  private func decode(
    _ source: any EpisodeSource,
    _ episodes: Range<Int>,
    into answers: Answers,
    _ shouldStop: @Sendable () -> Bool
  ) {
    for start in stride(from: 0, to: episodes.count, by: Self.blockSize) where !shouldStop() {
      let count = min(Self.blockSize, episodes.count - start)
      team.share(count) { [self] item, worker in
        let place = start + item
        let own = decode(source, episodes.lowerBound + place, worker)
        answers.found.withLock { found in
          found.episodes[place] = own.episode
          found.targets[place] = own.targets
        }
      }
    }
  }

  private func decode(
    _ source: any EpisodeSource,
    _ episode: Int,
    _ worker: Int
  ) -> (episode: [DecodedEpisode], targets: [Int]) {
    let (memory, results) = (workers[worker], results[worker])
    source.load(step: 0, episode: episode, into: memory.episode)
    let labels = classes(memory.episode, layout.supportTargets, layout.supportCount)
    memory.workspace.bind(.results, to: results)
    let decoded = zip(members, plans).map { member, plan in
      memory.workspace.bind(.parameters, to: member.state.parameters)
      plan.plan.program.replay(in: memory.workspace)
      func rows(_ output: Range<Int>, _ count: Int) -> [[Double]] {
        let size = output.count / max(count, 1)
        return (0..<count).map { row in
          (0..<size).map { Double(results[output.lowerBound + row * size + $0]) }
        }
      }
      return method.decode(
        EncodedEpisode(
          support: rows(plan.outputs[0], layout.supportCount),
          query: rows(plan.outputs[1], layout.queryCount),
          labels: labels,
          way: layout.targetCount
        ),
        run.values
      )
    }
    return (decoded, classes(memory.episode, layout.queryTargets, layout.queryCount))
  }

  private func classes(_ episode: AlignedBuffer, _ start: Int, _ count: Int) -> [Int] {
    let way = layout.targetCount
    return (0..<count).map { row in
      (0..<way).first { episode[start + row * way + $0] == 1 } ?? 0
    }
  }
}
