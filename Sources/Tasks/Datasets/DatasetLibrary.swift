import Files

/// The data sets that are found below some folders, and those that metatop knows by itself.
package struct DatasetLibrary: Sendable {
  /// The folders that are there.
  package let roots: [String]
  /// All that were looked for, for a sentence about what was not found.
  package let searched: [String]

  package init(roots: [String]) {
    searched = roots
    self.roots = roots.filter { FolderListing.exists($0) }
  }

  /// A data set by name.
  package struct Entry: Sendable {
    package let name: String
    package let manifest: DatasetManifest?
    /// Where the data lies; nil when it is generated or not there.
    package let folder: String?
  }

  /// Everything that has a manifest, and the built-in tasks; and the manifests that are damaged.
  package func entries() -> (entries: [Entry], errors: [DatasetError]) {
    var entries: [Entry] = []
    var errors: [DatasetError] = []
    for name in names() {
      do throws(DatasetError) {
        entries.append(try entry(name))
      } catch {
        errors.append(error)
      }
    }
    return (entries, errors)
  }

  /// What needs no manifest to be known.
  static let builtIn = [
    "sinusoid", "cosmixture", "alpine", "harmonics", "steps", "glyphs", "omniglot", "mini-imagenet",
    "landscape", "communities",
  ]

  /// The names of all data sets with a manifest, and the built-in ones.
  package func names() -> [String] {
    let found = roots.flatMap { root in
      ((try? FolderListing(root))?.folders ?? [])
        .filter { FolderListing.exists($0.path + "/dataset.yaml") }.map(\.name)
    }
    return Set(found + Self.builtIn).sorted()
  }

  package func entry(_ name: String) throws(DatasetError) -> Entry {
    let file = roots.lazy.map { "\($0)/\(name)/dataset.yaml" }.first { FolderListing.exists($0) }
    let manifest =
      if let file { try DatasetManifest(reading: file) } else { try ShippedDatasets.manifest(name) }
    return Entry(name: name, manifest: manifest, folder: folder(name, manifest))
  }

  private func folder(_ name: String, _ manifest: DatasetManifest?) -> String? {
    if manifest?.isGenerated == true { return nil }
    if let manifest, manifest.layout == .graph {
      return candidates(name, manifest).first { folder in
        manifest.graphFile.map { FolderListing.exists("\(folder)/\($0)") }
          ?? FolderListing.exists("\(folder)/edges.csv")
      }
    }
    let isOmniglot = manifest.map { $0.layout == .omniglot } ?? (name == "omniglot")
    return candidates(name, manifest).first { folder in
      isOmniglot ? Omniglot.isIn(folder) : Self.hasData(folder)
    }
  }

  private func candidates(_ name: String, _ manifest: DatasetManifest?) -> [String] {
    var candidates = roots.map { "\($0)/\(name)" }
    if name == "omniglot" { candidates += roots }
    if let manifest, let path = manifest.path.map({ SystemFile.expanded($0) }) {
      let home = SystemFile.folder(of: manifest.file)
      candidates.insert(path.hasPrefix("/") ? path : "\(home)/\(path)", at: 0)
    }
    return candidates
  }

  /// A folder with a manifest and a README alone holds no data.
  private static func hasData(_ folder: String) -> Bool {
    if folder.hasSuffix(".npz") || folder.hasSuffix(".npy") { return FolderListing.exists(folder) }
    guard let listing = try? FolderListing(folder) else { return false }
    return !listing.folders.isEmpty || listing.has("images.npy")
  }

  /// What a comparison with the published files gives, a sentence for each that is there; a file
  /// that was packed anew differs, though its pictures may be the same.
  package func checksums(of name: String) throws(DatasetError) -> [String] {
    try compared(name).map(\.sentence)
  }

  /// The sentences of those that are not the published files.
  package func differing(_ name: String) throws(DatasetError) -> [String] {
    try compared(name).filter { !$0.isSame }.map(\.sentence)
  }

  private func compared(
    _ name: String
  ) throws(DatasetError) -> [(isSame: Bool, sentence: String)] {
    let entry = try entry(name)
    guard let manifest = entry.manifest, let folder = entry.folder else { return [] }
    var sentences: [(isSame: Bool, sentence: String)] = []
    for checksum in manifest.checksums where FolderListing.exists("\(folder)/\(checksum.file)") {
      let sum = md5(try SystemFile.content("\(folder)/\(checksum.file)"))
      let isSame = sum == checksum.md5
      let sentence =
        isSame
        ? "\(checksum.file) is as published"
        : "\(checksum.file) is not the published file (MD5 \(sum), not \(checksum.md5)); the counts of "
          + "`metatop data check \(name)` are what is in it"
      sentences.append((isSame, sentence))
    }
    return sentences
  }

  /// The file that lists the Vinyals split; nil for the list that is in metatop.
  var vinyalsList: String? {
    roots.lazy.map { "\($0)/omniglot/vinyals.txt" }.first { FolderListing.exists($0) }
  }
}
