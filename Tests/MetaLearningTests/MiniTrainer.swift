import Autodiff
import Events
import Kernels
import Models
import Tasks

@testable import MetaLearning

/// Meta-training without sessions, workers and events: what a method is, on its own.
struct MiniTrainer {
  let setup: EpisodeSetup
  let values: HyperparameterValues
  let parameters: AlignedBuffer
  private let first: AlignedBuffer
  private let second: AlignedBuffer
  private let seed: UInt64
  private let task = Sinusoid()
  private let metaBatchSize = 4

  init(_ method: any Method, model: any Model, _ values: HyperparameterValues, seed: UInt64) {
    self.seed = seed
    self.values = values
    let layout = task.layout(shot: 5, queryShot: 5)
    setup = EpisodeSetup(method: method, model: model, layout: layout, values: values)
    parameters = AlignedBuffer(count: setup.parameters.count)
    first = AlignedBuffer(count: setup.parameters.count)
    second = AlignedBuffer(count: setup.parameters.count)
    let stream = RandomStream(seed: seed)
    for (index, parameter) in setup.parameters.specifications.enumerated() {
      var stream = stream.split(UInt64(index))
      let (offset, count) = (setup.parameters.offsets[index], parameter.shape.count)
      stream.fillUniform(parameters, at: offset, count: count)
      let bound = 1 / Float(max(parameter.shape.rows, 1)).squareRoot()
      parameters.rescale(at: offset, count: count, lower: -bound, upper: bound)
    }
  }

  /// Makes outer steps until one is not finite; returns how many were finite.
  func train(steps: Int) -> Int {
    let plan = setup.trainingPlan(values)
    let slots = AlignedBuffer(count: plan.resultCount * metaBatchSize)
    let gradient = AlignedBuffer(count: setup.parameters.count)
    for step in 0..<steps {
      replay(plan, .metaTrain, step: step, of: steps, episodes: metaBatchSize, into: slots)
      let square = gradient.sumSlots(
        of: slots,
        stride: plan.resultCount,
        slotCount: metaBatchSize,
        range: 0..<gradient.count,
        scale: 1 / Float(metaBatchSize)
      )
      guard square.isFinite else { return step }
      update(gradient, step: step + 1)
    }
    return steps
  }

  private func update(_ gradient: AlignedBuffer, step: Int) {
    let rate = Float(values.number(StandardHyperparameters.outerLearningRate.id))
    for (group, rule) in zip(setup.parameters.groups, setup.rules(values)) where rule == .adam() {
      AdamUpdate(learningRate: rate).apply(
        to: parameters,
        gradient: gradient,
        firstMoment: first,
        secondMoment: second,
        range: group.range,
        step: step
      )
    }
  }

  /// Mean query loss after adaptation on 64 fixed episodes.
  func validationLoss() -> Double {
    let plan = setup.evaluationPlan(values, steps: 1)
    let slots = AlignedBuffer(count: plan.resultCount * 64)
    replay(plan, .metaValidation, step: 1, of: 1, episodes: 64, into: slots)
    let losses = (0..<64).map { Double(slots[$0 * plan.resultCount + plan.outputs[1].lowerBound]) }
    return losses.reduce(0, +) / 64
  }

  private func replay(
    _ plan: EpisodePlan,
    _ split: MetaSplit,
    step: Int,
    of total: Int,
    episodes: Int,
    into slots: AlignedBuffer
  ) {
    let workspace = Workspace()
    let settings = AlignedBuffer(count: values.settingCount)
    for (index, descriptor) in values.descriptors.enumerated() {
      let scheduled = setup.method.scheduledValue(
        descriptor.id,
        values,
        step: step,
        totalSteps: total
      )
      let value = scheduled ?? values.number(descriptor.id)
      settings[values.settingOffset(index)] = Float(value)
    }
    let episode = AlignedBuffer(count: setup.layout.count)
    let noise = AlignedBuffer(count: max(plan.noiseCount, 1))
    workspace.bind(.settings, to: settings)
    workspace.bind(.parameters, to: parameters)
    workspace.bind(.episode, to: episode)
    workspace.bind(.noise, to: noise)
    for index in 0..<episodes {
      let stream = RandomStream(seed: seed).split(UInt64(step)).split(UInt64(index))
      task.sample(split, setup.layout, stream: stream, into: episode, at: 0)
      var draws = stream.split(99)
      draws.fillNormal(noise, at: 0, count: plan.noiseCount)
      workspace.bind(.results, to: slots, at: index * plan.resultCount)
      plan.plan.program.replay(in: workspace)
    }
  }
}
