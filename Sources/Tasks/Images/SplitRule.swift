import Files
import Kernels

/// Decides which classes, or which pictures of each class, are in which split: as the data set's
/// layout says, or by lot.
struct SplitRule {
  /// Names the set in messages.
  let path: String
  let options: ImageOptions

  /// Where a layout puts classes.
  enum Parts {
    /// Nothing is said.
    case none
    /// Each stored class is in one part, or in none.
    case given([MetaSplit?])
    /// A list parts the classes for good.
    case listed(ClassSplits)
  }

  /// The pictures with their splits; in a split by examples each class is stored once for each.
  func split(
    _ images: StoredImages,
    _ parts: Parts,
    _ report: inout LoadReport
  ) throws(DatasetError) -> (StoredImages, ClassSplits) {
    guard options.asked.split == .examples else {
      return (images, try classes(images.classes, parts, &report))
    }
    switch parts {
    case .none:
      return try examples(images, Array(repeating: nil, count: images.classes.count), &report)
    case .given(let given): return try examples(images, given, &report)
    case .listed:
      throw DatasetError(
        path: path,
        reason: "has a splits.json that parts the classes; remove it, or leave --split examples out"
      )
    }
  }

  // MARK: By class

  private func classes(
    _ classes: [ImageClass],
    _ parts: Parts,
    _ report: inout LoadReport
  ) throws(DatasetError) -> ClassSplits {
    var splits: ClassSplits
    switch parts {
    case .none:
      let small = small(classes)
      let usable = classes.indices.filter { !small.contains($0) }
      if !small.isEmpty { report.note(leftOut: small.sorted().map { classes[$0] }) }
      return try lot(usable, &report)
    case .listed(let listed): splits = listed
    case .given(let given):
      if let shared = shared(classes, given) { try options.refuse(shared, &report) }
      var all: [MetaSplit: [EpisodeClass]] = [:]
      for (index, part) in given.enumerated() {
        if let part { all[part, default: []].append(EpisodeClass(index)) }
      }
      splits = ClassSplits(all)
      if splits.metaTest.isEmpty {
        try options.refuse(DatasetError(path: path, reason: Self.noTest), &report)
      }
    }
    splits.leaveOutSmall(classes, options.asked, &report)
    if splits.metaValidation.isEmpty { splits.holdOutValidation(options, &report) }
    return splits
  }

  private static let noTest =
    "has training classes and no test classes; add test/ with folders of other classes, name the "
    + "folder train/ itself to part its classes by lot, or use --split examples to test on other "
    + "images of the same"

  private func lot(
    _ usable: [Int],
    _ report: inout LoadReport
  ) throws(DatasetError) -> ClassSplits {
    guard usable.count >= 6 else {
      let problem = DatasetError(
        path: path,
        reason:
          "has \(plural(usable.count, "class")), too few to part; 6 are the least, of which 2 a "
          + "split (with --split examples every class is in each split, with other images)"
      )
      try options.refuse(problem, &report)
      var splits = ClassSplits([.metaTrain: usable.map { EpisodeClass($0) }])
      splits.origin = .lot
      return splits
    }
    return ClassSplits(byLotOf: usable, way: options.asked.way, seed: options.seed)
  }

  /// Classes that are in two parts.
  private func shared(_ classes: [ImageClass], _ parts: [MetaSplit?]) -> DatasetError? {
    var found: [String: Set<MetaSplit>] = [:]
    for (kind, part) in zip(classes, parts) {
      if let part { found[kind.name, default: []].insert(part) }
    }
    let names = found.filter { $0.value.count > 1 }.map(\.key).sorted()
    guard let first = names.first else { return nil }
    guard names.count == found.count else {
      return DatasetError(
        path: path,
        reason: (names.count == 1
          ? "class \(first) is in another split, too"
          : "\(names.count) classes are in more than one split (\(named(names)))")
          + "; leave each class in one, or use --split examples where that is meant"
      )
    }
    return DatasetError(
      path: path,
      reason:
        "its parts hold the same \(plural(names.count, "class")) (\(named(names))), and a split by "
        + "class needs other classes in each; use --split examples to train, validate and test on "
        + "other images of the same classes"
    )
  }

  private func small(_ classes: [ImageClass]) -> Set<Int> {
    guard options.asked.smallClasses == .leaveOut else { return [] }
    return Set(classes.indices.filter { classes[$0].imageCount < options.asked.leastImages })
  }

  // MARK: By example

  /// The pictures of one class, by part.
  private struct Member {
    let name: String
    var unparted: [ImageReference] = []
    var parts: [MetaSplit: [ImageReference]] = [:]
  }

  private func examples(
    _ images: StoredImages,
    _ given: [MetaSplit?],
    _ report: inout LoadReport
  ) throws(DatasetError) -> (StoredImages, ClassSplits) {
    report.copies.compare(withParts: given)
    var members = members(images.classes, given)
    let isParted = Set(given.compactMap(\.self))
    for index in members.indices { divide(&members[index], among: isParted) }
    noteLot(isParted, &report)
    if options.asked.smallClasses == .leaveOut {
      let least = options.asked.leastImages
      let out = members.filter { member in
        MetaSplit.allCases.contains { (member.parts[$0]?.count ?? 0) < least }
      }
      if !out.isEmpty {
        report.note(
          leftOut: out.map { member in
            let count = MetaSplit.allCases.map { member.parts[$0]?.count ?? 0 }.min() ?? 0
            return ImageClass(name: member.name, imageCount: count)
          }
        )
      }
      let names = Set(out.map(\.name))
      members.removeAll { names.contains($0.name) }
    }
    noteAbsent(members, &report)
    return stored(images, members)
  }

  private func members(_ classes: [ImageClass], _ given: [MetaSplit?]) -> [Member] {
    var members: [Member] = []
    var places: [String: Int] = [:]
    for (index, (kind, part)) in zip(classes, given).enumerated() {
      let place = places[kind.name] ?? members.count
      if place == members.count {
        places[kind.name] = place
        members.append(Member(name: kind.name))
      }
      let own = (0..<kind.imageCount).map { ImageReference(classIndex: index, example: $0) }
      if let part {
        members[place].parts[part, default: []] += own
      } else {
        members[place].unparted += own
      }
    }
    return members
  }

  /// Pictures by lot for the splits that the layout does not have; the rest is trained on.
  private func divide(_ member: inout Member, among given: Set<MetaSplit>) {
    var name = Fingerprint()
    name.add(member.name.utf8)
    var draws = RandomDraws(RandomStream(seed: options.seed).split(4).split(name.value))
    let pool = member.unparted + (member.parts[.metaTrain] ?? [])
    var order = draws.sample(pool.count, below: pool.count).map { pool[$0] }[...]
    let missing = [MetaSplit.metaValidation, .metaTest].filter { !given.contains($0) }
    let sizes = Shares(count: pool.count, least: options.asked.leastImages, floor: 1)
    for split in missing {
      let size =
        missing.count == 2
        ? (split == .metaTest ? sizes.test : sizes.validation) : sizes.heldOut
      member.parts[split] = Self.inOrder(order.suffix(size))
      order = order.dropLast(size)
    }
    member.parts[.metaTrain] = Self.inOrder(order)
  }

  private static func inOrder(_ images: ArraySlice<ImageReference>) -> [ImageReference] {
    images.sorted { ($0.classIndex, $0.example) < ($1.classIndex, $1.example) }
  }

  private func noteLot(_ given: Set<MetaSplit>, _ report: inout LoadReport) {
    guard !given.isEmpty else { return }
    for (split, words) in [(MetaSplit.metaValidation, "validation"), (.metaTest, "test")]
    where !given.contains(split) {
      report.notes.append(
        "no images are set apart for meta-\(words): some images of each training "
          + "class serve"
      )
    }
  }

  private func noteAbsent(_ members: [Member], _ report: inout LoadReport) {
    let absent = members.filter { member in
      MetaSplit.allCases.contains { (member.parts[$0] ?? []).isEmpty }
    }
    guard !absent.isEmpty, absent.count < members.count else { return }
    report.notes.append(
      "\(plural(absent.count, "class")) \(absent.count == 1 ? "is" : "are") not in every split: "
        + named(absent.map(\.name))
    )
  }

  private func stored(_ images: StoredImages, _ members: [Member]) -> (StoredImages, ClassSplits) {
    var classes: [(name: String, images: [ImageReference])] = []
    var parts: [MetaSplit: [EpisodeClass]] = [:]
    for split in MetaSplit.allCases {
      for member in members {
        guard let own = member.parts[split], !own.isEmpty else { continue }
        parts[split, default: []].append(EpisodeClass(classes.count))
        classes.append((member.name, own))
      }
    }
    var splits = ClassSplits(parts)
    splits.kind = .examples
    return (images.regrouped(classes), splits)
  }
}

/// How many of some things are validated and tested on: 16 and 20 of each hundred, or as many as an
/// episode needs where that is more and all three parts can have it.
struct Shares {
  let validation: Int
  let test: Int
  /// Where one part alone is missing: a sixth.
  let heldOut: Int

  init(count: Int, least: Int, floor: Int) {
    let usual = (max(count * 16 / 100, floor), max(count * 20 / 100, floor))
    let fits = min(usual.0, usual.1, count - usual.0 - usual.1) >= least
    let canFit = !fits && count >= 3 * least
    validation = min(canFit ? max(usual.0, least) : usual.0, count)
    test = min(canFit ? max(usual.1, least) : usual.1, count - validation)
    let sixth = max(count / 6, floor)
    heldOut = min(count >= 2 * least ? max(sixth, least) : sixth, count)
  }
}
