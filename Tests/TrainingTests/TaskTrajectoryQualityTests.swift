import Kernels
import MetaLearning
import Testing

@testable import Training

/// What a shifted trajectory's meta-gradient is held against.
@Suite struct TaskTrajectoryQualityTests {
  /// The exact derivative of a task's own trajectory is that of as many unrolled steps from the meta-parameters on
  /// the examples at hand: the third step of a cycle of four, and the second of the next one.
  @Test(arguments: [(2, 3), (5, 2)])
  func exactDerivativeIsThatOfUnrolledSteps(_ step: Int, _ length: Int) throws {
    let run = try smallRun(
      ContinualTrajectoryShifting(),
      steps: 10,
      metaBatchSize: 2,
      ["momentum": 0, "weight-decay": 0, "horizon": 4, "inner-lr": 0.05, "outer-lr": 0]
    )
    let team = WorkerTeam(count: 1)
    let trainee = EpisodicTrainee(run, team: team)
    trainee.writeSettings()
    trainee.takeWorkspaces()
    for index in 0...step { _ = trainee.makeStep(index, withProbes: index == step, team: team) }
    let quality = try #require(trainee.outer.quality)
    // A fifth of the steps' way is longer than rounding, and the memory is that of the whole cycle.
    #expect(quality.memory.exact > quality.memory.own)

    var values = HyperparameterValues(MAML().hyperparameters(for: run.model))
    try values.set("inner-steps", to: Double(length))
    try values.set("inner-lr", to: 0.05)
    let setup = EpisodeSetup(
      method: MAML(),
      model: run.model,
      layout: run.source.layout,
      values: values
    )
    let plan = setup.trainingPlan(values)
    let workspace = Workspace()
    let settings = AlignedBuffer(count: setup.settingCount(values))
    for (index, descriptor) in values.descriptors.enumerated() {
      settings[values.settingOffset(index)] = Float(values.number(descriptor.id))
    }
    let episode = AlignedBuffer(count: run.source.layout.count)
    let results = AlignedBuffer(count: plan.resultCount)
    workspace.bind(.parameters, to: trainee.state.parameters)
    workspace.bind(.settings, to: settings)
    workspace.bind(.episode, to: episode)
    workspace.bind(.noise, to: AlignedBuffer([0]))
    workspace.bind(.results, to: results)
    workspace.requireArena(plan.plan.program.arenaCount)
    for index in 0..<2 {
      run.source.load(step: step, episode: index, into: episode)
      plan.plan.program.replay(in: workspace)
      for (parameter, offset) in zip(setup.parameters.specifications, setup.parameters.offsets) {
        for place in offset..<offset + parameter.shape.count {
          let own = quality.slots[index * quality.stride + place]
          let unrolled = results[place]
          #expect(abs(own - unrolled) < 1e-4 * max(1, abs(unrolled)), "\(parameter.name) \(place)")
        }
      }
    }
  }
}
