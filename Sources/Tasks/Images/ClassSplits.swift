import Files

/// The classes of each split; no stored class is in two of them.
///
/// In a split by examples a class is stored once for each split, with other pictures.
package struct ClassSplits: Sendable, Equatable {
  /// Where the split comes from, which decides what more another one could give.
  package enum Origin: Sendable, Equatable {
    /// As the data set has it.
    case given
    /// The same, and validation is held out of training by lot.
    case validationHeldOut
    /// All by lot.
    case lot
  }

  package var metaTrain: [EpisodeClass]
  package var metaValidation: [EpisodeClass]
  package var metaTest: [EpisodeClass]
  package var kind = DataOptions.Split.classes
  package var origin = Origin.given

  package init(
    metaTrain: [EpisodeClass],
    metaValidation: [EpisodeClass],
    metaTest: [EpisodeClass]
  ) {
    self.metaTrain = metaTrain
    self.metaValidation = metaValidation
    self.metaTest = metaTest
  }

  init(_ parts: [MetaSplit: [EpisodeClass]]) {
    self.init(
      metaTrain: parts[.metaTrain] ?? [],
      metaValidation: parts[.metaValidation] ?? [],
      metaTest: parts[.metaTest] ?? []
    )
  }

  package subscript(split: MetaSplit) -> [EpisodeClass] {
    get {
      switch split {
      case .metaTrain: metaTrain
      case .metaValidation: metaValidation
      case .metaTest: metaTest
      }
    }
    set {
      switch split {
      case .metaTrain: metaTrain = newValue
      case .metaValidation: metaValidation = newValue
      case .metaTest: metaTest = newValue
      }
    }
  }

  /// A stored class that is in two splits, if there is one.
  package var sharedClass: Int? {
    var seen: Set<Int> = []
    for split in MetaSplit.allCases {
      let own = Set(self[split].map(\.index))
      if let shared = own.intersection(seen).min() { return shared }
      seen.formUnion(own)
    }
    return nil
  }

  /// The most classes of an episode that a split of this origin can serve.
  var largestWay: Int {
    let (train, validation, test) = (metaTrain.count, metaValidation.count, metaTest.count)
    guard kind == .classes else { return min(train, validation, test) }
    return switch origin {
    case .given: min(train, validation, test)
    case .validationHeldOut: min((train + validation) / 2, test)
    case .lot: (train + validation + test) / 3
    }
  }

  /// Takes classes with fewer pictures than an episode draws out of every split, where that is asked for.
  mutating func leaveOutSmall(
    _ classes: [ImageClass],
    _ asked: DataOptions,
    _ report: inout LoadReport
  ) {
    guard asked.smallClasses == .leaveOut else { return }
    let isSmall = { (member: EpisodeClass) in classes[member.index].imageCount < asked.leastImages }
    let small = Set(MetaSplit.allCases.flatMap { self[$0].filter(isSmall).map(\.index) })
    guard !small.isEmpty else { return }
    for split in MetaSplit.allCases { self[split].removeAll(where: isSmall) }
    report.note(leftOut: small.sorted().map { classes[$0] })
  }
}

extension LoadReport {
  /// Says which classes are in no split because they are small.
  mutating func note(leftOut classes: [ImageClass]) {
    let names = named(classes.map(\.withCount))
    notes.append(
      "\(plural(classes.count, "class")) with too few usable images "
        + "\(classes.count == 1 ? "is" : "are") left out: \(names)"
    )
  }
}

extension ImageClass {
  /// The name with the number of pictures, as in `few1 (2)`.
  var withCount: String { "\(name) (\(imageCount))" }
}
