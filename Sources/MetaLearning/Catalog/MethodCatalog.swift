/// Every method metatop knows: one line each, one file each in Methods/.
package enum MethodCatalog {
  /// Those that are trained where nobody names any.
  package static let usual: [any Method] = [
    MAML(),
    CML(),
    MetaPerturb(),
  ]

  /// Those that are trained when they are named.
  private static let others: [any Method] = [
    AMAML(),
    AMFS(),
    AMMGNN(),
    ANIL(),
    BOIL(),
    BOML(),
    COMLN(),
    ContinualTrajectoryShifting(),
    CxGrad(),
    FIML(),
    GMeta(),
    HyperDistill(),
    HyperMAML(),
    IMAML(),
    MAMLPlusPlus(),
    MetaDelta(),
    MetaDropout(),
    MetaMix(),
    MetaMixYao(),
    MetaRKHSI(),
    MetaRKHSII(),
    MetaSGD(),
    MixedSteps(),
    Reptile(),
  ]

  package static let all: [any Method] = usual + others

  /// The method of an id, or what `wrapper:base` composes; nil where there is none.
  package static func method(_ id: String) -> (any Method)? {
    guard id.contains(":") else { return all.first { $0.descriptor.id == id } }
    return try? MethodComposition(id).method
  }

  /// All that can be named: the catalogue and its compositions.
  package static let named: [any Method] = all + compositions

  /// Methods that change another.
  package static let wrappers = all.compactMap { $0 as? any WrappingMethod }

  /// Every wrapper on every base that it takes, but for those that stand in the catalogue.
  package static let compositions: [any Method] = wrappers.flatMap { wrapper in
    all.compactMap { try? MethodComposition("\(wrapper.descriptor.id):\($0.descriptor.id)").method }
  }
}
