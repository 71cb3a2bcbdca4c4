/// Every method metatop knows: one line each, one file each in Methods/.
package enum MethodCatalog {
  package static let all: [any Method] = [
    MAML(),
    CML(),
    MetaPerturb(),
  ]

  package static func method(_ id: String) -> (any Method)? {
    all.first { $0.descriptor.id == id }
  }
}
