import Autodiff
import Kernels
import MetaLearning
import Models
import Tasks
import Training

/// MetaPerturb's joint training on one source task (Ryu et al., NeurIPS 2020).
///
/// ResNet-20 on 32×32×3, batches of 128, 40 classes; a step is all of this:
///
/// θ: a training batch with noise at nine sites, cross-entropy, the gradient of all weights, Adam;
/// φ: a validation batch with fresh noise, batch normalisation by the running averages, the gradient
/// of the noise network's 82 weights alone.
///
/// Peers run the same (peers/joint_torch.py).
///
/// `@unchecked Sendable`: one thread at a time runs a task.
final class JointTask: @unchecked Sendable {
  static let batch = 128
  static let classes = 40
  static let model = ResNet20(
    height: 32,
    width: 32,
    inputChannels: 3,
    channels: 16,
    outputs: classes
  )

  /// The two plans, and where everything lies; the same for every task.
  struct Setup {
    let layout: ParameterLayout
    let noiseCount: Int
    let theta: Plan
    let phi: Plan
    let images = Shape([batch, 32, 32, 3])
  }

  let setup: Setup
  let workspace = Workspace()
  let parameters: AlignedBuffer
  let results: AlignedBuffer
  private let noise: AlignedBuffer
  private let episode: AlignedBuffer
  private let moments: (first: AlignedBuffer, second: AlignedBuffer)
  private var stream: RandomStream
  private var stepCount = 0
  /// Of the last step.
  var losses: (training: Float, validation: Float) = (0, 0)

  init(_ setup: Setup, seed: UInt64) {
    self.setup = setup
    stream = RandomStream(seed: seed)
    let count = setup.layout.count
    parameters = AlignedBuffer(count: count)
    moments = (AlignedBuffer(count: count), AlignedBuffer(count: count))
    results = AlignedBuffer(
      count: max(setup.theta.program.resultCount, setup.phi.program.resultCount)
    )
    noise = AlignedBuffer(count: setup.noiseCount)
    episode = AlignedBuffer(count: setup.images.paddedCount + Self.batch * Self.classes)
    setup.layout.initialise(parameters, stream: stream.split(0))
    for (space, buffer) in [
      (Space.parameters, parameters), (.results, results), (.noise, noise), (.episode, episode),
    ] {
      workspace.bind(space, to: buffer)
    }
  }

  func range(_ group: String) -> Range<Int> {
    setup.layout.groups.first { $0.name == group }?.range ?? 0..<0
  }

  /// A batch of noise images with labels, and the passes' noise.
  func draw() {
    stepCount += 1
    var draws = stream.split(UInt64(stepCount))
    draws.fillNormal(episode, at: 0, count: setup.images.count)
    var labels = [Float](repeating: 0, count: Self.batch * Self.classes)
    for example in 0..<Self.batch { labels[example * Self.classes + example % Self.classes] = 1 }
    episode.write(labels, at: setup.images.paddedCount)
    drawNoise()
  }

  func drawNoise() {
    var draws = stream.split(UInt64(stepCount)).split(1)
    draws.fillNormal(noise, at: 0, count: setup.noiseCount)
  }

  /// θ's step, then φ's gradient, in `results`.
  func step(number: Int) {
    draw()
    setup.theta.program.replay(in: workspace)
    let training = results[setup.theta.resultOffsets[setup.theta.resultOffsets.count - 1]]
    update(0..<setup.layout.bodyAndHeadEnd, number)
    let averages = range(RunningStatistics.group)
    parameters.subtract(results, range: averages, scale: RunningStatistics.momentum)
    draw()
    setup.phi.program.replay(in: workspace)
    let validation = results[setup.phi.resultOffsets[setup.phi.resultOffsets.count - 1]]
    losses = (training, validation)
  }

  /// Adam over a range, the gradient in `results`.
  func update(_ range: Range<Int>, _ number: Int) {
    AdamUpdate(learningRate: 1e-3, weightDecay: 5e-4).apply(
      to: parameters,
      gradient: results,
      firstMoment: moments.first,
      secondMoment: moments.second,
      range: range,
      step: number
    )
  }
}

extension JointTask.Setup {
  init(_ convolutions: Plan.Convolutions) {
    let model = JointTask.model
    layout = ParameterLayout(
      model.parameters + Perturbation(for: model).parameters
        + RunningStatistics(model.normalisedLayers).parameters
    )
    let theta = Pass(layout, convolutions, isValidation: false)
    let phi = Pass(layout, convolutions, isValidation: true)
    noiseCount = theta.noiseCount
    self.theta = theta.plan
    self.phi = phi.plan
  }

  /// One pass through the network with noise, its loss and gradient.
  private struct Pass {
    let plan: Plan
    let noiseCount: Int

    init(
      _ layout: ParameterLayout,
      _ convolutions: Plan.Convolutions,
      isValidation: Bool
    ) {
      let model = JointTask.model
      let graph = Graph()
      let shape = Shape([JointTask.batch, 32, 32, 3])
      let parameters = layout.tensors(in: graph)
      let images = graph.input(.episode, at: 0, shape)
      let targets = graph.input(
        .episode,
        at: shape.paddedCount,
        [JointTask.batch, JointTask.classes]
      )
      let averages = RunningStatistics(model.normalisedLayers)
      let statistics = isValidation ? averages.values(parameters) : BatchStatistics()
      let perturbation = Perturbation(for: model)
      var noiseCount = 0
      let features = model.features(of: images, parameters, statistics: statistics) { _, values in
        let noise = graph.input(.noise, at: noiseCount, values.shape)
        noiseCount += values.shape.paddedCount
        return perturbation.apply(
          to: values,
          noise: noise,
          kappa: graph.constant(1),
          isClamped: true,
          parameters
        ).values
      }
      self.noiseCount = noiseCount
      let loss = model.head(features, parameters).crossEntropy(targets)
      let isWanted = { (group: String) in
        isValidation ? group == "perturbation" : group == "body" || group == "head"
      }
      let wanted = layout.specifications.indices.filter {
        isWanted(layout.specifications[$0].group)
      }
      let gradients = graph.gradient(
        of: loss,
        withRespectTo: wanted.map { parameters.values[$0] }
      )
      var outputs = zip(wanted, gradients).map { Plan.Output($1, at: layout.offsets[$0]) }
      let distances = averages.distances(from: statistics, parameters)
      for (index, name) in parameters.names.enumerated() {
        if let distance = distances[name] {
          outputs.append(Plan.Output(distance, at: layout.offsets[index]))
        }
      }
      plan = Plan(
        graph,
        outputs: outputs + [Plan.Output(loss)],
        convolutions: convolutions
      )
    }
  }
}
