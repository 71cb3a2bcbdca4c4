import Events
import Glibc
import Kernels
import MetaLearning
import Tasks

/// The episode that a run shows: its names, and the plan that predicts its query set.
struct ShownEpisode {
  let plan: EpisodePlan
  private let layout: EpisodeLayout
  private let images: EpisodeImages
  private let innerSteps: Int
  private let results: AlignedBuffer

  /// Plans the predictions; nil without pictures.
  init?(_ setup: EpisodeSetup, _ values: HyperparameterValues, _ images: EpisodeImages?) {
    guard let images, setup.isClassification, setup.layout.inputShape.count == 3 else { return nil }
    self.images = images
    layout = setup.layout
    plan = setup.predictionPlan(values)
    innerSteps = values.integer(StandardHyperparameters.innerSteps.id)
    results = AlignedBuffer(count: plan.resultCount)
  }

  /// Predicts the episode that `memory` holds, parameters and hyperparameters bound.
  func snapshot(_ memory: WorkerMemory) -> EpisodeSnapshot {
    memory.workspace.bind(.results, to: results)
    plan.plan.program.replay(in: memory.workspace)
    let shape = ImageShape(
      height: layout.inputShape[0],
      width: layout.inputShape[1],
      channels: layout.inputShape[2]
    )
    let small = shape.fitted(EpisodeSnapshot.sideLimit)
    func pixels(_ start: Int, _ position: Int) -> [UInt8] {
      let first = start + position * shape.count
      let values = memory.episode.values(first..<first + shape.count)
      let bytes = values.map { $0 > 0 ? UInt8(min($0 * 255, 255).rounded()) : 0 }
      return DecodedImage(shape: shape, bytes: bytes)
        .resized(height: small.height, width: small.width, .area).bytes
    }
    return EpisodeSnapshot(
      run: RunID(0),
      step: 0,
      innerSteps: innerSteps,
      height: small.height,
      width: small.width,
      channels: small.channels,
      classNames: images.classNames.prefix(EpisodeSnapshot.classLimit).map {
        String($0.prefix(EpisodeSnapshot.nameLimit))
      },
      support: chosen(layout.supportCount, EpisodeSnapshot.supportLimit).map {
        EpisodeSnapshot.Support(
          label: images.support[$0].label,
          pixels: pixels(layout.supportInputs, $0)
        )
      },
      query: chosen(layout.queryCount, EpisodeSnapshot.queryLimit).map {
        EpisodeSnapshot.Query(
          label: images.query[$0].label,
          pixels: pixels(layout.queryInputs, $0),
          before: prediction(0, $0),
          after: prediction(1, $0)
        )
      }
    )
  }

  /// Positions of the first `limit` examples of the first classes; examples lie class by class.
  private func chosen(_ count: Int, _ limit: Int) -> [Int] {
    let way = layout.targetCount
    let perClass = count / way
    return (0..<min(way, EpisodeSnapshot.classLimit)).flatMap { label in
      (0..<min(perClass, limit)).map { label * perClass + $0 }
    }
  }

  /// The greatest of a query example's softmax probabilities.
  private func prediction(_ output: Int, _ position: Int) -> EpisodeSnapshot.Prediction {
    let way = layout.targetCount
    let start = plan.outputs[output].lowerBound + position * way
    return .init(logits: results.values(start..<start + way))
  }
}

extension EpisodeSnapshot.Prediction {
  /// The softmax of `logits` at its greatest, the first of them where several are.
  init(logits: [Float]) {
    let label = logits.indices.max { logits[$0] < logits[$1] || logits[$0].isNaN } ?? 0
    let sum = logits.reduce(Float(0)) { $0 + expf($1 - logits[label]) }
    self.init(label: label, probability: 1 / sum)
  }
}

extension ImageShape {
  /// The shape with neither side longer than `side`, the sides' ratio kept.
  func fitted(_ side: Int) -> Self {
    let longest = max(height, width)
    guard longest > side else { return self }
    return Self(
      height: max(height * side / longest, 1),
      width: max(width * side / longest, 1),
      channels: channels
    )
  }
}
