/// The classes of each split; no class is in two of them.
package struct ClassSplits: Sendable, Equatable {
  package var metaTrain: [EpisodeClass]
  package var metaValidation: [EpisodeClass]
  package var metaTest: [EpisodeClass]

  package init(
    metaTrain: [EpisodeClass],
    metaValidation: [EpisodeClass],
    metaTest: [EpisodeClass]
  ) {
    self.metaTrain = metaTrain
    self.metaValidation = metaValidation
    self.metaTest = metaTest
  }

  package subscript(split: MetaSplit) -> [EpisodeClass] {
    switch split {
    case .metaTrain: metaTrain
    case .metaValidation: metaValidation
    case .metaTest: metaTest
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
}
