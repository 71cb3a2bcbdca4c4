/// One's own pictures: a folder a class, or a list, in any of the layouts people have.
///
/// `root/{train,val,test}/class/*`, `root/class/*` with `splits.json` or a split by lot,
/// `root/{train,val,test}.csv` with `images/`.
struct ImageFolder {
  let root: String
  let options: ImageOptions

  func load(_ report: inout LoadReport) throws(DatasetError) -> (StoredImages, ClassSplits) {
    let listing = try FolderListing(root)
    report.badImages += listing.problems
    var classes: [PendingClass] = []
    var splits: ClassSplits
    if listing.has("train.csv") {
      (classes, splits) = try ImageList(root: root).classes(listing)
    } else if listing.folder("train") != nil {
      (classes, splits) = try splitFolders(listing, &report)
    } else {
      classes = try Self.classes(in: listing, &report)
      guard !classes.isEmpty else { throw nothing }
      splits =
        listing.has("splits.json")
        ? try SplitList(path: root + "/splits.json").splits(of: classes.map(\.name), &report)
        : try ClassSplits(byLotOf: classes.count, seed: options.seed, path: root)
    }
    if splits.metaValidation.isEmpty { splits.holdOutValidation(options.seed, &report) }
    let images = try ImageLoader(path: root, options: options, classes: classes).load(&report)
    return (images, splits)
  }

  private var nothing: DatasetError {
    DatasetError(
      path: root,
      reason: "has no classes; put each class's images in a folder of its own, or these folders "
        + "in train/, val/ and test/"
    )
  }

  // MARK: Folders

  private func splitFolders(
    _ listing: FolderListing,
    _ report: inout LoadReport
  ) throws(DatasetError) -> ([PendingClass], ClassSplits) {
    var all: [PendingClass] = []
    var parts: [MetaSplit: [EpisodeClass]] = [:]
    for folder in listing.folders {
      guard let split = MetaSplit(named: folder.name) else { continue }
      let own = try Self.classes(in: try FolderListing(folder.path), &report)
      if let shared = own.first(where: { new in all.contains { $0.name == new.name } }) {
        throw DatasetError(
          path: "\(folder.path)/\(shared.name)",
          reason: "this class is in another split, too; leave it in one"
        )
      }
      parts[split, default: []] += own.indices.map { EpisodeClass(all.count + $0) }
      all += own
    }
    guard parts[.metaTest] != nil else {
      throw DatasetError(path: root, reason: "has train/ but no test/; add one, of other classes")
    }
    return (
      all,
      ClassSplits(
        metaTrain: parts[.metaTrain] ?? [],
        metaValidation: parts[.metaValidation] ?? [],
        metaTest: parts[.metaTest] ?? []
      )
    )
  }

  private static func classes(
    in listing: FolderListing,
    _ report: inout LoadReport
  ) throws(DatasetError) -> [PendingClass] {
    var classes: [PendingClass] = []
    for folder in listing.folders {
      let inner = try FolderListing(folder.path)
      report.badImages += inner.problems
      report.badImages += inner.folders.map {
        DatasetError(path: $0.path, reason: "is a folder inside a class; its images are not used")
      }
      classes.append(
        PendingClass(
          name: folder.name,
          images: inner.files.map { PendingImage(name: $0.name, origin: .file($0.path)) }
        )
      )
    }
    return classes
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
    var report = LoadReport()
    let (images, splits) =
      ArrayStore.isAt(path)
      ? try ImageArrays(path: path, options: options).load(&report)
      : try ImageFolder(root: path, options: options).load(&report)
    try self.init(
      name: name ?? "folder:\(path)",
      way: way,
      collection: images,
      splits: splits,
      defaults: .images(steps: 10_000, width: images.shape.width > 32 ? 32 : 64),
      report: report
    )
  }
}
