import Files

/// The folders that hold the pictures of a class each: all at one depth, the least at which there are
/// pictures.
struct ClassFolders {
  private(set) var classes: [PendingClass] = []
  private(set) var problems: [DatasetError] = []
  private(set) var notes: [String] = []

  /// A folder with the names that lead to it.
  private struct Place {
    let names: [String]
    let listing: FolderListing

    var name: String { names.joined(separator: "/") }
  }

  /// Deeper than anybody sorts pictures; links that go around in circles end here at the latest.
  private static let deepest = 8

  init(at path: String, _ listing: FolderListing) throws(DatasetError) {
    // Into these no link may lead: they hold what is being read.
    var seen = FolderListing.lineage(of: path)
    var level: [Place] = []
    for folder in listing.folders {
      guard !seen.contains(folder.identity) else {
        problems.append(Self.again(folder))
        continue
      }
      level.append(Place(names: [folder.name], listing: try FolderListing(folder.path)))
    }
    seen.formUnion(listing.folders.map(\.identity))
    // Files whose names are no pictures' count only where no others are.
    var (found, anyFiles): ([Place]?, [Place]?) = (nil, nil)
    for _ in 1...Self.deepest where found == nil && !level.isEmpty {
      if level.contains(where: { $0.listing.holdsPictures }) {
        found = level
      } else {
        if anyFiles == nil, level.contains(where: { !$0.listing.files.isEmpty }) {
          anyFiles = level
        }
        level = try below(level, &seen)
      }
    }
    for place in found ?? anyFiles ?? [] { take(place, isSure: found != nil) }
    partByFolder()
    dropCommonNames()
  }

  private mutating func below(
    _ level: [Place],
    _ seen: inout Set<FolderListing.Identity>
  ) throws(DatasetError) -> [Place] {
    var next: [Place] = []
    for place in level {
      for folder in place.listing.folders {
        guard seen.insert(folder.identity).inserted else {
          problems.append(Self.again(folder))
          continue
        }
        next.append(
          Place(names: place.names + [folder.name], listing: try FolderListing(folder.path))
        )
      }
    }
    return next
  }

  private static func again(_ folder: FolderListing.Item) -> DatasetError {
    DatasetError(
      path: folder.path,
      reason:
        "is a link to a folder that is read already or that holds this one; it is not followed"
    )
  }

  private mutating func take(_ place: Place, isSure: Bool) {
    let listing = place.listing
    problems += listing.problems
    if isSure, !listing.holdsPictures, !listing.files.isEmpty {
      notes.append("\(place.name) holds no images and is passed over")
      return
    }
    problems += listing.folders.map {
      DatasetError(
        path: $0.path,
        reason:
          "is a folder inside a class; its images are not used, for all classes must lie at the "
          + "same depth"
      )
    }
    classes.append(
      PendingClass(
        name: place.name,
        group: place.names.dropLast().joined(separator: "/"),
        images: listing.files.map { PendingImage(name: $0.name, origin: .file($0.path)) }
      )
    )
  }

  /// Where every class has `train`, `test` and the like at the same place of its path, as in
  /// `cat/train` and `cat/test`, these are parts, and the rest of the path is the class.
  private mutating func partByFolder() {
    guard classes.first?.name.contains("/") == true else { return }
    let paths = classes.map { $0.name.split(separator: "/").map(String.init) }
    let depth = paths[0].count
    let place = (0..<depth).first { place in
      let parts = paths.map { MetaSplit(named: $0[place]) }
      return parts.allSatisfy { $0 != nil } && Set(parts).count > 1
    }
    guard let place else { return }
    for (index, var names) in paths.enumerated() {
      classes[index].part = MetaSplit(named: names.remove(at: place))
      classes[index].name = names.joined(separator: "/")
      classes[index].group = names.dropLast().joined(separator: "/")
    }
  }

  /// Folders that lead to all classes say nothing about any.
  private mutating func dropCommonNames() {
    while let first = classes.first?.name.split(separator: "/").first,
      classes.allSatisfy({ $0.name.hasPrefix(first + "/") })
    {
      for index in classes.indices {
        classes[index].name.removeFirst(first.count + 1)
        classes[index].group = String(classes[index].group.dropFirst(first.count + 1))
      }
    }
  }
}

extension FolderListing {
  /// Whether some file is named as a picture, or has a name without an ending.
  var holdsPictures: Bool { files.contains { Self.isPicture($0.name) } }

  static func isPicture(_ name: String) -> Bool {
    guard let dot = name.lastIndex(of: ".") else { return true }
    return endings.contains(name[name.index(after: dot)...].lowercased())
  }

  /// Those we do not read are told as bad files, not passed over.
  private static let endings: Set<String> = [
    "png", "jpg", "jpeg", "jpe", "jfif", "bmp", "gif", "tif", "tiff", "webp", "ppm", "pgm", "heic",
    "avif",
  ]
}
