import Kernels
import MetaLearning
import Models
import Tasks
import Testing

@testable import Training

/// Images of one shape that nobody looks at.
private struct BlankImages: TaskDistribution {
  let name = "blank"
  let kind = TaskKind.pictures
  let isClassification = true
  let defaults = TaskDefaults.images(steps: 1, width: 8)
  let inputShape: [Int]

  func layout(shot: Int, queryShot: Int) -> EpisodeLayout {
    EpisodeLayout(
      supportCount: 5 * shot,
      queryCount: 5 * queryShot,
      inputShape: inputShape,
      targetCount: 5
    )
  }

  func sample(
    _ split: MetaSplit,
    _ layout: EpisodeLayout,
    stream: RandomStream,
    into buffer: AlignedBuffer,
    at offset: Int
  ) {}
}

@Suite struct MemoryEstimateTests {
  private func run(_ side: Int, _ inputs: Int, shot: Int) throws -> RunConfiguration {
    let model = ConvNet(height: side, width: side, inputChannels: inputs, channels: 64, outputs: 5)
    return RunConfiguration(
      method: MAML(),
      model: model,
      distribution: BlankImages(inputShape: [side, side, inputs]),
      values: HyperparameterValues(MAML().hyperparameters(for: model)),
      shot: shot,
      queryShot: 15,
      totalSteps: 1,
      metaBatchSize: 4,
      seed: 0,
      threads: 1,
      evaluateEvery: 1,
      evaluationEpisodes: 1,
      probeEvery: 1
    )
  }

  /// Against the arena that training, meta-validation and meta-test share.
  @Test(arguments: [(28, 1, 1), (84, 3, 5)])
  func estimateIsThatOfThePlans(side: Int, inputs: Int, shot: Int) throws {
    let run = try run(side, inputs, shot: shot)
    let setup = EpisodeSetup(
      method: run.method,
      model: run.model,
      layout: run.source.layout,
      values: run.values,
      isClassification: true
    )
    let plans = [
      setup.trainingPlan(run.values), setup.probePlan(run.values),
      setup.evaluationPlan(run.values, steps: 5), setup.evaluationPlan(run.values, steps: 10),
    ]
    let arenas = plans.map(\.plan.program.arenaCount).max() ?? 0
    let estimate = run.memoryEstimate()
    #expect(estimate.isAddressable)
    #expect(estimate.bytes >= Double(4 * arenas), "\(estimate.bytes) of \(4 * arenas)")
    #expect(estimate.bytes < 1.5 * Double(4 * arenas), "\(estimate.bytes) of \(4 * arenas)")
  }

  @Test func whatNoMemoryCanHoldIsNotPlanned() throws {
    var run = try run(84, 3, shot: 5)
    run.queryShot = 1_000_000
    let estimate = run.memoryEstimate()
    #expect(!estimate.isAddressable && estimate.bytes > 1e12)
    run.metaBatchSize = 1_000_000
    #expect(!run.memoryEstimate().isAddressable)
  }
}
