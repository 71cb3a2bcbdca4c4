import Files
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
  /// What a person asked of it.
  package let options: DataOptions
  /// Why episodes cannot be drawn whatever their shot, where that was not a reason to throw.
  package private(set) var problems: [DatasetError]
  /// The classes an episode draws from together: all of a split, or those of one alphabet.
  private let pools: [[[EpisodeClass]]]
  private let isWithinGroups: Bool

  package init(
    name: String,
    way: Int,
    collection: any ImageCollection,
    splits: ClassSplits,
    defaults: TaskDefaults,
    withinGroups: Bool = false,
    report: LoadReport = LoadReport()
  ) throws(DatasetError) {
    try self.init(
      name: name,
      collection: collection,
      splits: splits,
      defaults: defaults,
      options: DataOptions(way: way),
      withinGroups: withinGroups,
      report: report
    )
  }

  /// Episodes of the options' way; without one the task is asked for none, and none need fit.
  package init(
    name: String,
    collection: any ImageCollection,
    splits: ClassSplits,
    defaults: TaskDefaults,
    options: DataOptions,
    withinGroups: Bool = false,
    report: LoadReport = LoadReport()
  ) throws(DatasetError) {
    let way = options.way ?? TaskDefaults.usualWay
    self.name = name
    self.way = way
    self.collection = collection
    self.splits = splits
    self.defaults = defaults
    var report = report
    report.copies.compare(with: splits)
    self.options = options
    self.report = report
    problems = report.problems
    isWithinGroups = withinGroups
    pools = MetaSplit.allCases.map { split in
      guard withinGroups else { return [splits[split]] }
      let groups = Dictionary(grouping: splits[split]) { collection.classes[$0.index].group }
      return groups.sorted { $0.key < $1.key }.map(\.value).filter { $0.count >= way }
    }
    guard let problem = misfit else { return }
    guard options.isSurvey else { throw problem }
    // What is wrong with the classes themselves says more.
    if problems.isEmpty { problems.append(problem) }
  }

  /// Why the splits do not serve.
  private var misfit: DatasetError? {
    if let shared = splits.sharedClass {
      return DatasetError(
        path: name,
        reason: "class \(collection.classes[shared].name) is in two splits; leave it in one"
      )
    }
    guard options.way != nil else { return nil }
    guard way >= 2 else {
      return DatasetError(
        path: name,
        reason: "\(way)-way episodes tell nothing apart; use 2 or more"
      )
    }
    let poor = zip(MetaSplit.allCases, pools).first { ($0.1.map(\.count).max() ?? 0) < way }
    guard let split = poor?.0 else { return nil }
    let largest = largestWay
    let missing = splits.kind == .classes ? "add classes" : "add images of each class"
    let remedy = largest >= 2 ? "use --way \(largest) or less, or \(missing)" : missing
    return DatasetError(
      path: name,
      reason: "\(way)-way episodes need as many classes in each split, and \(split.title) has "
        + "\(splits[split].count); \(remedy)"
    )
  }

  /// The most classes that an episode of this data can have, where another way was asked for.
  package var largestWay: Int {
    guard isWithinGroups else { return splits.largestWay }
    return MetaSplit.allCases.map { split in
      let groups = Dictionary(grouping: splits[split]) { collection.classes[$0.index].group }
      return groups.values.map(\.count).max() ?? 0
    }.min() ?? 0
  }

  /// The fewest pictures of a class in any split: what the shot and the query of an episode can have
  /// together.
  package var fewestImages: Int {
    members.map(\.kind.imageCount).min() ?? 0
  }

  /// Classes by their names: in a split by examples each is stored more than once.
  package var classCount: Int { Set(collection.classes.map(\.name)).count }

  /// Why episodes of this size cannot be drawn, or nil: all classes that are too small.
  package func obstacle(shot: Int, queryShot: Int) -> DatasetError? {
    let needed = shot + queryShot
    let (all, poor) = (members, members.filter { $0.kind.imageCount < needed })
    guard let first = poor.first?.kind else { return nil }
    let episodes = "\(shot)-shot episodes with \(plural(queryShot, "query"))"
    let isEach = poor.count == all.count && Set(poor.map(\.kind.imageCount)).count == 1
    let problem: String
    if poor.count == 1 || isEach {
      let who = poor.count == 1 ? "class \(first.name)" : "each of the \(classCount) classes"
      problem =
        "\(who) has \(plural(first.imageCount, "usable image"))\(place(poor[0].split)), and "
        + "\(episodes) need \(needed)"
    } else {
      problem =
        "\(poor.count) classes have fewer usable images than the \(needed) that \(episodes) need: "
        + named(poor.map { "\($0.kind.name) (\($0.kind.imageCount)\(place($0.split)))" })
    }
    let count = poor.count == all.count ? .max : poor.count
    let copies = report.copies
    let isThinned = copies.treatment == .countedOnce && copies.withinClasses > 0
    let note = isThinned ? " (copies of a picture count as one)" : ""
    return DatasetError(path: name, reason: "\(problem)\(note); \(remedy(shot, count))")
  }

  /// The stored classes of all splits, turned ones once.
  private var members: [(split: MetaSplit, kind: ImageClass)] {
    let all = MetaSplit.allCases.flatMap { split in
      Set(splits[split].map(\.index)).map { (split: split, index: $0) }
    }
    return all.sorted { $0.index < $1.index }.map { ($0.split, collection.classes[$0.index]) }
  }

  /// In a split by examples a class can be small in one part alone.
  private func place(_ split: MetaSplit) -> String {
    splits.kind == .classes ? "" : " in \(split.title)"
  }

  /// What to do about so many classes of some that are not too small.
  private func remedy(_ shot: Int, _ poor: Int) -> String {
    let them = poor == 1 ? "the class" : "them"
    let without = poor == .max ? "" : "leave \(them) out (--small-classes leave-out), "
    let fewest = fewestImages
    let size =
      fewest > shot
      ? "use --query \(fewest - shot) or less"
      : fewest >= 2 ? "use --shot 1 --query \(fewest - 1)" : "use a smaller shot or query"
    return "add images, \(without)or \(size)"
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
    write(draw(split, layout, stream), layout, into: buffer, at: offset)
  }

  package func sample(
    _ split: MetaSplit,
    _ layout: EpisodeLayout,
    task: RandomStream,
    stream: RandomStream,
    into buffer: AlignedBuffer,
    at offset: Int
  ) {
    write(draw(split, layout, task, examples: stream), layout, into: buffer, at: offset)
  }

  private func write(
    _ images: (support: [ImageReference], query: [ImageReference]),
    _ layout: EpisodeLayout,
    into buffer: AlignedBuffer,
    at offset: Int
  ) {
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

  /// The pictures of the episode that `sample` writes for the same stream; with `examples` the classes
  /// come from one stream and their pictures from the other.
  func draw(
    _ split: MetaSplit,
    _ layout: EpisodeLayout,
    _ stream: RandomStream,
    examples: RandomStream? = nil
  ) -> (support: [ImageReference], query: [ImageReference]) {
    precondition(layout.targetCount == way, "\(layout.targetCount) targets in \(way)-way episodes")
    let (shot, queryShot) = (layout.supportCount / way, layout.queryCount / way)
    var draws = RandomDraws(stream.split(split.rawValue))
    var pictures = examples.map { RandomDraws($0.split(split.rawValue)) }
    let groups = pools[Int(split.rawValue) - 1]
    let group = groups.count == 1 ? 0 : draws.choice(groups.map { Float($0.count) })
    var support: [ImageReference] = []
    var query: [ImageReference] = []
    for index in draws.sample(way, below: groups[group].count) {
      let drawn = groups[group][index]
      let count = collection.classes[drawn.index].imageCount
      let chosen =
        pictures?.sample(shot + queryShot, below: count)
        ?? draws.sample(shot + queryShot, below: count)
      let references = chosen.map {
        ImageReference(classIndex: drawn.index, example: $0, quarterTurns: drawn.quarterTurns)
      }
      support += references[..<shot]
      query += references[shot...]
    }
    return (support, query)
  }
}
