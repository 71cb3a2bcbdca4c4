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
    ANIL(),
    BOIL(),
    COMLN(),
    ContinualTrajectoryShifting(),
    HyperMAML(),
    MetaDropout(),
    MetaMix(),
    MetaMixYao(),
    MetaSGD(),
    Reptile(),
  ]

  package static let all: [any Method] = usual + others

  package static func method(_ id: String) -> (any Method)? {
    all.first { $0.descriptor.id == id }
  }
}
