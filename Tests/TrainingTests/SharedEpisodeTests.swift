import Events
import Kernels
import MetaLearning
import Models
import Tasks
import Testing

@testable import Training

/// Workers inside an episode: where there are fewer episodes than workers, they share its instructions,
/// and the bits are those of one worker.
@Suite struct SharedEpisodeTests {
  private enum Network: CaseIterable {
    case perceptron
    case convolutional
    case graph
  }

  private func configuration(
    _ network: Network,
    _ method: any Method = MAML(),
    threads: Int = 1,
    metaBatchSize: Int = 1,
    _ settings: [String: Double] = [:]
  ) throws -> RunConfiguration {
    let (model, task): (any Model, any TaskDistribution) =
      switch network {
      case .perceptron: (MLP(inputs: 1, hidden: [256, 256], outputs: 1), Sinusoid())
      case .convolutional:
        (
          ConvNet(height: 16, width: 16, inputChannels: 1, channels: 16, outputs: 3),
          Pictures()
        )
      case .graph:
        (
          GCN(
            inputs: Communities().layout(shot: 2, queryShot: 2).inputShape[0],
            width: 32,
            outputs: Communities().layout(shot: 2, queryShot: 2).targetCount
          ), Communities()
        )
      }
    var values = HyperparameterValues(method.hyperparameters(for: model))
    for (id, value) in settings where values.descriptor(id) != nil { try values.set(id, to: value) }
    return RunConfiguration(
      method: method,
      model: model,
      distribution: task,
      values: values,
      shot: network == .perceptron ? 20 : 2,
      queryShot: network == .convolutional ? 15 : 2,
      totalSteps: 3,
      metaBatchSize: metaBatchSize,
      seed: 5,
      threads: threads,
      evaluateEvery: 2,
      evaluationEpisodes: 3,
      testEpisodes: 3,
      probeEvery: 2
    )
  }

  private func trained(_ configuration: RunConfiguration) throws -> ([UInt32], [Float]) {
    let log = EventLog()
    let comparison = try Comparison([configuration], log: log)
    comparison.run()
    return (comparison.bits(0), log.validations.flatMap(\.lossByInnerStep))
  }

  /// One episode for all, and three, of which the last has helpers.
  @Test(arguments: Network.allCases, [1, 3])
  private func anyNumberOfWorkersGivesTheSameBits(_ network: Network, _ episodes: Int) throws {
    let alone = try trained(try configuration(network, metaBatchSize: episodes))
    #expect(alone.0.allSatisfy { Float(bitPattern: $0).isFinite } && Set(alone.0).count > 8)
    for threads in [2, 3, 5] {
      let run = try configuration(network, threads: threads, metaBatchSize: episodes)
      let several = try trained(run)
      #expect(several == alone, "\(threads) workers")
    }
  }

  /// Whoever comes or does not: all parts of every instruction of a plan, in the opposite order.
  @Test(arguments: Network.allCases)
  private func plansInPartsGiveTheSameBits(_ network: Network) throws {
    for method in [MAML(), MetaPerturb()] as [any Method] {
      let run = try configuration(network, method)
      guard run.refusal == nil else { continue }
      let source = run.source
      let setup = run.setup(source.layout)
      let plan = setup.trainingPlan(run.values)
      let state = ParameterState(layout: setup.parameters, seed: 3)
      let settings = AlignedBuffer(count: setup.settingCount(run.values))
      for (index, descriptor) in run.values.descriptors.enumerated() {
        settings[run.values.settingOffset(index)] = Float(run.values.number(descriptor.id))
      }
      func bits(parts: Int?) -> [UInt32] {
        let memory = WorkerMemory(
          Workspace(),
          episodeCount: source.layout.count,
          noiseCount: plan.noiseCount
        )
        memory.take(parameters: state.parameters, settings: settings)
        source.load(step: 0, episode: 0, into: memory.episode)
        memory.draw(plan.draws, RandomStream(seed: 1))
        let results = AlignedBuffer(count: plan.resultCount)
        memory.workspace.bind(.results, to: results)
        if let parts {
          plan.plan.program.replay(in: memory.workspace, parts: parts)
        } else {
          plan.plan.program.replay(in: memory.workspace)
        }
        return results.values(0..<plan.resultCount).map(\.bitPattern)
      }
      let whole = bits(parts: nil)
      #expect(Set(whole).count > 8)
      for parts in [2, 3, 64] {
        #expect(bits(parts: parts) == whole, "\(method.descriptor.id) in \(parts) parts")
      }
    }
  }

  /// Someone asks to stop while workers share an episode: it ends whole, and nothing waits for ever.
  @Test func aTeamCanStopAndGoOn() {
    let team = WorkerTeam(count: 5)
    let numbers = AlignedBuffer(count: 1 << 16)
    for turn in 0..<20 {
      team.perform {
        team.share(turn % 2) { [team] _, worker in
          var stream = RandomStream(seed: 3)
          let own = team.workspaces[worker]
          stream.fillNormal(numbers, at: 0, count: turn % 4 == 1 ? 64 : numbers.count, in: own)
        }
      }
    }
    let expected = AlignedBuffer(count: numbers.count)
    var stream = RandomStream(seed: 3)
    stream.fillNormal(expected, at: 0, count: numbers.count)
    #expect(numbers.values(0..<numbers.count) == expected.values(0..<numbers.count))
  }
}

/// Pictures of noise in three classes.
private struct Pictures: TaskDistribution {
  let name = "noise"
  let kind = TaskKind.pictures
  let isClassification = true
  let defaults = TaskDefaults.images(steps: 1, width: 16)

  func layout(shot: Int, queryShot: Int) -> EpisodeLayout {
    .threeClasses(shot, queryShot, of: [16, 16, 1])
  }

  func sample(
    _ split: MetaSplit,
    _ layout: EpisodeLayout,
    stream: RandomStream,
    into buffer: AlignedBuffer,
    at offset: Int
  ) {
    var stream = stream.split(split.rawValue)
    stream.fillNormal(buffer, at: offset, count: layout.count)
    for (start, count) in [
      (layout.supportTargets, layout.supportCount), (layout.queryTargets, layout.queryCount),
    ] {
      for place in 0..<3 * count {
        buffer[offset + start + place] = place % 3 == place / 3 * 3 / count ? 1 : 0
      }
    }
  }
}
