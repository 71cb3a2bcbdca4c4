import Events
import Glibc
import Kernels
import MetaLearning
import Tasks

/// The episode that a run shows: one of meta-validation's, with its names, and the plan that
/// predicts its query set.
///
/// It is planned apart from the evaluation, which takes longer and can wait until it is due.
struct ShownEpisode {
  private let replay: ShownReplay
  private let source: any EpisodeSource
  private let innerSteps: Int

  /// Plans the predictions; nil for a task without pictures.
  init?(_ configuration: RunConfiguration) {
    let split = MetaSplit.metaValidation
    source = configuration.heldOutEpisodes(split, queryCount: configuration.queryShot)
    guard source.images(step: 0, episode: 0) != nil else { return nil }
    innerSteps = configuration.method.adaptationSteps(configuration.values)
    let noise = configuration.heldOutNoise(split)
    replay = ShownReplay(configuration, of: source, noise: noise, onlyEnds: true) {
      $0.predictionPlan(configuration.values)
    }
  }

  private var layout: EpisodeLayout { source.layout }

  /// What the parameters as they are make of it, in a workspace that nobody else uses meanwhile; nil for a
  /// task that cannot be shown.
  func snapshot(
    _ state: ParameterState,
    settings: AlignedBuffer,
    in workspace: Workspace,
    run: RunID,
    step: Int,
    task: Int
  ) -> EpisodeSnapshot? {
    guard let images = source.images(step: 0, episode: task) else { return nil }
    let number = task == 0 ? nil : task
    let replayed = replay.make(state, settings: settings, in: workspace, episode: number)
    let (episode, outputs) = (replayed.episode, replayed.outputs)
    let pictures = ShownPictures(images, episode, layout)
    let query = zip(layout.shownQuery, pictures.query).map { position, pixels in
      EpisodeSnapshot.Query(
        label: images.query[position].label,
        pixels: pixels,
        before: prediction(outputs[0], position),
        after: prediction(outputs[1], position)
      )
    }
    return EpisodeSnapshot(
      run: run,
      step: step,
      task: task,
      innerSteps: innerSteps,
      height: pictures.shape.height,
      width: pictures.shape.width,
      channels: pictures.shape.channels,
      classNames: images.classNames.prefix(EpisodeSnapshot.classLimit).map {
        String($0.prefix(EpisodeSnapshot.nameLimit))
      },
      support: zip(layout.shownSupport, pictures.support).map { position, pixels in
        EpisodeSnapshot.Support(label: images.support[position].label, pixels: pixels)
      },
      query: query
    )
  }

  /// The greatest of a query example's softmax probabilities.
  private func prediction(
    _ logits: [Float],
    _ position: Int
  ) -> EpisodeSnapshot.Prediction {
    let way = layout.targetCount
    return .init(logits: Array(logits[position * way..<(position + 1) * way]))
  }
}

/// Small copies of the pictures that are shown of an episode.
struct ShownPictures {
  let shape: ImageShape
  let support: [[UInt8]]
  let query: [[UInt8]]

  /// Of pictures, or of what was drawn of the examples.
  init(_ images: EpisodeImages, _ episode: AlignedBuffer, _ layout: EpisodeLayout) {
    if let drawn = images.drawn {
      shape = drawn.shape
      support = layout.shownSupport.map { drawn.support[$0] }
      query = layout.shownQuery.map { drawn.query[$0] }
      return
    }
    let shape = ImageShape(
      height: layout.inputShape[0],
      width: layout.inputShape[1],
      channels: layout.inputShape[2]
    )
    let small = shape.fitted(EpisodeSnapshot.sideLimit)
    func pixels(_ start: Int, _ position: Int) -> [UInt8] {
      let first = start + position * shape.count
      let values = episode.values(first..<first + shape.count)
      let bytes = values.map { $0 > 0 ? UInt8(min($0 * 255, 255).rounded()) : 0 }
      return DecodedImage(shape: shape, bytes: bytes)
        .resized(height: small.height, width: small.width, .area).bytes
    }
    self.shape = small
    support = layout.shownSupport.map { pixels(layout.supportInputs, $0) }
    query = layout.shownQuery.map { pixels(layout.queryInputs, $0) }
  }
}

extension EpisodeLayout {
  fileprivate var shownSupport: [Int] { shown(supportCount, EpisodeSnapshot.supportLimit) }
  fileprivate var shownQuery: [Int] { shown(queryCount, EpisodeSnapshot.queryLimit) }

  /// Positions of the first `limit` examples of the first classes; examples lie class by class.
  private func shown(_ count: Int, _ limit: Int) -> [Int] {
    let perClass = count / targetCount
    return (0..<min(targetCount, EpisodeSnapshot.classLimit)).flatMap { label in
      (0..<min(perClass, limit)).map { label * perClass + $0 }
    }
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
