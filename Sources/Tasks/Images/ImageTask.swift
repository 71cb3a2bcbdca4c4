import Kernels

/// N-way K-shot classification of pictures.
///
/// Pixels are in [0, 1], rows first, channels last; strokes are bright on a dark ground. Examples
/// lie class by class: support position i has label i / shot, query position j label j / queryShot.
/// Which class carries which label is drawn anew for each episode; targets are one-hot.
package struct ImageTask: TaskDistribution {
  package let name: String
  package let way: Int
  package let collection: any ImageCollection
  package let splits: ClassSplits
  package let defaults: TaskDefaults
  package let isClassification = true
  /// What happened while the pictures were read.
  package let report: LoadReport
  /// The classes an episode draws from together: all of a split, or those of one alphabet.
  private let pools: [[[EpisodeClass]]]

  package init(
    name: String,
    way: Int,
    collection: any ImageCollection,
    splits: ClassSplits,
    defaults: TaskDefaults,
    withinGroups: Bool = false,
    report: LoadReport = LoadReport()
  ) throws(DatasetError) {
    self.name = name
    self.way = way
    self.collection = collection
    self.splits = splits
    self.defaults = defaults
    var report = report
    report.copies.compare(with: splits)
    self.report = report
    pools = MetaSplit.allCases.map { split in
      guard withinGroups else { return [splits[split]] }
      let groups = Dictionary(grouping: splits[split]) { collection.classes[$0.index].group }
      return groups.sorted { $0.key < $1.key }.map(\.value).filter { $0.count >= way }
    }
    try checkClasses()
  }

  private func checkClasses() throws(DatasetError) {
    if let shared = splits.sharedClass {
      throw DatasetError(
        path: name,
        reason: "class \(collection.classes[shared].name) is in two splits; leave it in one"
      )
    }
    guard way >= 2 else {
      throw DatasetError(
        path: name,
        reason: "\(way)-way episodes tell nothing apart; use 2 or more"
      )
    }
    for (split, pool) in zip(MetaSplit.allCases, pools)
    where (pool.map(\.count).max() ?? 0) < way {
      throw DatasetError(
        path: name,
        reason: "\(way)-way episodes need as many classes in each split, and \(split.title) has "
          + "\(splits[split].count); use a smaller way or add classes"
      )
    }
  }

  /// Why episodes of this size cannot be drawn, or nil.
  package func obstacle(shot: Int, queryShot: Int) -> DatasetError? {
    for split in MetaSplit.allCases {
      for member in splits[split]
      where collection.classes[member.index].imageCount < shot + queryShot {
        let poor = collection.classes[member.index]
        return DatasetError(
          path: name,
          reason: "class \(poor.name) has \(poor.imageCount) usable images, and \(shot)-shot "
            + "episodes with \(queryShot) queries need \(shot + queryShot); add images, leave the "
            + "class out, or use a smaller shot or query"
        )
      }
    }
    return nil
  }

  package func layout(shot: Int, queryShot: Int) -> EpisodeLayout {
    let shape = collection.shape
    return EpisodeLayout(
      supportCount: way * shot,
      queryCount: way * queryShot,
      inputShape: [shape.height, shape.width, shape.channels],
      targetCount: way
    )
  }

  package func sample(
    _ split: MetaSplit,
    _ layout: EpisodeLayout,
    stream: RandomStream,
    into buffer: AlignedBuffer,
    at offset: Int
  ) {
    let images = draw(split, layout, stream)
    collection.write(images.support, into: buffer, at: offset + layout.supportInputs)
    collection.write(images.query, into: buffer, at: offset + layout.queryInputs)
    for (targets, count) in [
      (layout.supportTargets, layout.supportCount), (layout.queryTargets, layout.queryCount),
    ] {
      for position in 0..<count {
        for label in 0..<way {
          buffer[offset + targets + position * way + label] =
            label == position * way / count ? 1 : 0
        }
      }
    }
  }

  /// The pictures of the episode that `sample` writes for the same stream.
  func draw(
    _ split: MetaSplit,
    _ layout: EpisodeLayout,
    _ stream: RandomStream
  ) -> (support: [ImageReference], query: [ImageReference]) {
    precondition(layout.targetCount == way, "\(layout.targetCount) targets in \(way)-way episodes")
    let (shot, queryShot) = (layout.supportCount / way, layout.queryCount / way)
    var draws = RandomDraws(stream.split(split.rawValue))
    let groups = pools[Int(split.rawValue) - 1]
    let group = groups.count == 1 ? 0 : draws.choice(groups.map { Float($0.count) })
    var support: [ImageReference] = []
    var query: [ImageReference] = []
    for index in draws.sample(way, below: groups[group].count) {
      let drawn = groups[group][index]
      let count = collection.classes[drawn.index].imageCount
      let references = draws.sample(shot + queryShot, below: count).map {
        ImageReference(classIndex: drawn.index, example: $0, quarterTurns: drawn.quarterTurns)
      }
      support += references[..<shot]
      query += references[shot...]
    }
    return (support, query)
  }
}
