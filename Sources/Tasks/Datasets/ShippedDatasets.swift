import Files

/// What `Datasets/` says of the data sets that metatop knows by itself, as it is in the binary: a copy
/// of the binary alone needs no more than the pictures.
enum ShippedDatasets {
  private static let manifests = [
    "alpine": PackageResources.alpine_yaml,
    "citeseer": PackageResources.citeseer_yaml,
    "communities": PackageResources.communities_yaml,
    "cora": PackageResources.cora_yaml,
    "cosmixture": PackageResources.cosmixture_yaml,
    "glyphs": PackageResources.glyphs_yaml,
    "harmonics": PackageResources.harmonics_yaml,
    "landscape": PackageResources.landscape_yaml,
    "mini-imagenet": PackageResources.mini_imagenet_yaml,
    "omniglot": PackageResources.omniglot_yaml,
    "sinusoid": PackageResources.sinusoid_yaml,
    "steps": PackageResources.steps_yaml,
  ]

  static func manifest(_ name: String) throws(DatasetError) -> DatasetManifest? {
    guard let bytes = manifests[name] else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    return try DatasetManifest(text: text, path: "Datasets/\(name)/dataset.yaml (in metatop)")
  }
}
