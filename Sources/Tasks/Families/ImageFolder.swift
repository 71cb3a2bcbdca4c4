import Files

/// One's own pictures: a folder a class, or a list, in any of the layouts people have.
///
/// `root/{train,val,test}/class/*`, `root/class/*` and `root/group/class/*` with `splits.json` or a
/// split by lot, `root/{train,val,test}.csv` or one list, with `images/`. A folder that holds nothing
/// but such a folder is passed through.
struct ImageFolder {
  let root: String
  let options: ImageOptions

  func load(_ report: inout LoadReport) throws(DatasetError) -> (StoredImages, ClassSplits) {
    let (path, listing) = try Self.entered(root)
    report.badImages += listing.problems
    let classes = try classes(path, listing, &report)
    guard !classes.isEmpty else { throw nothing(listing) }
    let images = try ImageLoader(path: root, options: options, classes: classes).load(&report)
    var parts = SplitRule.Parts.none
    if classes.contains(where: { $0.part != nil }) {
      parts = .given(classes.map(\.part))
    } else if listing.has("splits.json") {
      let list = SplitList(path: path + "/splits.json")
      parts = .listed(try list.splits(of: classes.map(\.name), &report))
    }
    return try SplitRule(path: root, options: options).split(images, parts, &report)
  }

  /// Archives are often unpacked into a folder of a folder.
  private static func entered(
    _ root: String
  ) throws(DatasetError) -> (path: String, listing: FolderListing) {
    var (path, listing) = (root, try FolderListing(root))
    for _ in 0..<4 {
      guard listing.folders.count == 1, let only = listing.folders.first,
        MetaSplit(named: only.name) == nil, !listing.has("splits.json"),
        ImageList.lists(in: listing).isEmpty
      else { break }
      let inner = try FolderListing(only.path)
      guard !inner.folders.isEmpty, !inner.holdsPictures,
        !FolderListing.lineage(of: path).contains(only.identity)
      else { break }
      (path, listing) = (only.path, inner)
    }
    return (path, listing)
  }

  private func classes(
    _ path: String,
    _ listing: FolderListing,
    _ report: inout LoadReport
  ) throws(DatasetError) -> [PendingClass] {
    let lists = ImageList.lists(in: listing)
    if lists.contains(where: { $0.part == .metaTrain }) {
      return try ImageList(root: path, listing: listing).classes(lists.filter { $0.part != nil })
    }
    if let parts = try parts(listing) {
      noteUnused(parts, listing, &report)
      return splitFolders(parts, &report)
    }
    let own = try ClassFolders(at: path, listing)
    let isList =
      own.classes.count < 2 || own.classes.allSatisfy { MetaSplit(named: $0.name) != nil }
    if isList, let list = lists.first(where: { $0.part == nil }), lists.count == 1 {
      return try ImageList(root: path, listing: listing).classes([list])
    }
    report.badImages += own.problems
    report.notes += own.notes
    return own.classes
  }

  private func nothing(_ listing: FolderListing) -> DatasetError {
    let pictures = listing.files.filter { FolderListing.isPicture($0.name) }
    let found =
      pictures.isEmpty ? "" : "its \(plural(pictures.count, "image")) lie in no class's folder; "
    return DatasetError(
      path: root,
      reason: "has no classes; \(found)put each class's images in a folder of its own, or these "
        + "folders in train/, val/ and test/"
    )
  }

  // MARK: Folders of splits

  private struct Part {
    let split: MetaSplit
    let folder: FolderListing.Item
    let classes: ClassFolders
  }

  /// The folders named after splits, where there is one to train on that holds folders of classes.
  private func parts(_ listing: FolderListing) throws(DatasetError) -> [Part]? {
    var parts: [Part] = []
    for folder in listing.folders {
      guard let split = MetaSplit(named: folder.name) else { continue }
      let inner = try FolderListing(folder.path)
      // A class that is called "test" holds its pictures itself.
      guard !inner.holdsPictures, !inner.folders.isEmpty else { continue }
      if let other = parts.first(where: { $0.split == split }) {
        throw DatasetError(
          path: root,
          reason: "has two folders of \(split.title) classes, \(other.folder.name) and "
            + "\(folder.name); leave one of them"
        )
      }
      parts.append(
        Part(split: split, folder: folder, classes: try ClassFolders(at: folder.path, inner))
      )
    }
    let isTrained = parts.contains { $0.split == .metaTrain }
    return isTrained && (parts.count > 1 || MetaSplit.isPlain(parts[0].folder.name)) ? parts : nil
  }

  /// Test images without labels often lie beside folders of classes.
  private func noteUnused(
    _ parts: [Part],
    _ listing: FolderListing,
    _ report: inout LoadReport
  ) {
    let used = parts.map(\.folder.name)
    for folder in listing.folders
    where MetaSplit(named: folder.name) != nil && !used.contains(folder.name) {
      report.notes.append("\(folder.name) holds no folders of classes and is not used")
    }
  }

  private func splitFolders(_ parts: [Part], _ report: inout LoadReport) -> [PendingClass] {
    var all: [PendingClass] = []
    for part in parts {
      report.badImages += part.classes.problems
      report.notes += part.classes.notes.map { "\(part.folder.name)/\($0)" }
      all += part.classes.classes.map { pending in
        var pending = pending
        pending.part = part.split
        return pending
      }
    }
    return all
  }
}

extension MetaSplit {
  /// Whether a name can mean nothing but a split, also where no other stands beside it.
  static func isPlain(_ name: String) -> Bool {
    ["train", "training"].contains(name.lowercased())
  }
}

extension ImageTask {
  /// Few-shot classification of the pictures in `path`: a folder, or a `.npz` or `.npy` file.
  package init(
    folder path: String,
    way: Int,
    options: ImageOptions = ImageOptions(),
    name: String? = nil
  ) throws(DatasetError) {
    var options = options
    options.asked.way = way
    try self.init(folder: path, options: options, name: name)
  }

  /// The same with what else a person asked, in the options.
  package init(
    folder path: String,
    options: ImageOptions,
    name: String? = nil
  ) throws(DatasetError) {
    var report = LoadReport()
    let (images, splits) =
      ArrayStore.isAt(path)
      ? try ImageArrays(path: path, options: options).load(&report)
      : try ImageFolder(root: path, options: options).load(&report)
    try self.init(
      name: name ?? "folder:\(path)",
      collection: images,
      splits: splits,
      defaults: .images(steps: 10_000, width: images.shape.width > 32 ? 32 : 64),
      options: options.asked,
      report: report
    )
  }
}
