/// The layout of mini-ImageNet: `{train,val,test}.csv` with lines `filename,label`, and `images/`.
struct ImageList {
  let root: String

  func classes(_ listing: FolderListing) throws(DatasetError) -> ([PendingClass], ClassSplits) {
    var classes: [PendingClass] = []
    var parts: [MetaSplit: [EpisodeClass]] = [:]
    for (split, names) in [
      (MetaSplit.metaTrain, ["train.csv"]),
      (.metaValidation, ["val.csv", "valid.csv", "validation.csv"]), (.metaTest, ["test.csv"]),
    ] {
      guard let name = names.first(where: listing.has) else {
        if split == .metaValidation { continue }
        throw DatasetError(path: root, reason: "has train.csv but no \(names[0]); add it")
      }
      let own = try read("\(root)/\(name)")
      if let shared = own.first(where: { new in classes.contains { $0.name == new.name } }) {
        throw DatasetError(
          path: "\(root)/\(name)",
          reason: "class \(shared.name) is in another split, too; leave it in one"
        )
      }
      parts[split] = own.indices.map { EpisodeClass(classes.count + $0) }
      classes += own
    }
    let splits = ClassSplits(
      metaTrain: parts[.metaTrain] ?? [],
      metaValidation: parts[.metaValidation] ?? [],
      metaTest: parts[.metaTest] ?? []
    )
    return (classes, splits)
  }

  private func read(_ path: String) throws(DatasetError) -> [PendingClass] {
    let bytes = try SystemFile.content(path, limit: 1 << 30)
    var classes: [String: PendingClass] = [:]
    let lines = String(decoding: bytes, as: UTF8.self).split(
      omittingEmptySubsequences: false,
      whereSeparator: \.isNewline
    )
    for (number, line) in lines.enumerated() where !line.isEmpty {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      if number == 0, fields == ["filename", "label"] { continue }
      guard fields.count == 2, !fields[0].isEmpty, !fields[1].isEmpty else {
        throw DatasetError(
          path: path,
          line: number + 1,
          reason: "\"\(line)\" is no pair of filename,label"
        )
      }
      guard !fields[0].hasPrefix("/"), !fields[0].split(separator: "/").contains("..") else {
        throw DatasetError(
          path: path,
          line: number + 1,
          reason: "\(fields[0]) lies outside the folder images/; name a file in it"
        )
      }
      classes[fields[1], default: PendingClass(name: fields[1])].images
        .append(PendingImage(name: fields[0], origin: .file("\(root)/images/\(fields[0])")))
    }
    return classes.values.sorted { $0.name < $1.name }
  }
}
