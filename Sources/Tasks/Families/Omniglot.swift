import Files

/// What a person may choose of Omniglot.
package struct OmniglotOptions: Sendable, Equatable {
  package enum Split: String, Sendable, CaseIterable {
    /// 1028, 172 and 423 characters, as almost all of the field's numbers.
    case vinyals
    /// Lake's own: 30 background alphabets to learn from, 20 others to be judged by; harder.
    case lake
  }

  /// What a character turned by 90, 180 and 270 degrees is, in meta-training.
  package enum Rotations: String, Sendable, CaseIterable {
    /// Three more classes.
    case classes
    case none
  }

  package var split = Split.vinyals
  package var rotations = Rotations.classes
  package var withinAlphabet = false
  /// Nearest keeps strokes black and white, and is what the published 28×28 copies were made with.
  package var image = ImageOptions()

  package init() {
    image.size = 28
    image.resize = .nearest
    image.channels = 1
    image.isInverted = true
    // Six drawings equal another of their character at 28×28, and 5-shot episodes with 15 queries,
    // as the field has them, need all twenty.
    image.keepsCopies = true
  }
}

/// Omniglot: 1623 characters of 50 alphabets, each drawn by 20 people (Lake et al., 2015).
///
/// Read from `images_background` and `images_evaluation`, as folders or as the zip files they come
/// in; strokes are 1, paper is 0.
struct Omniglot {
  private static let parts = ["images_background", "images_evaluation"]

  let folder: String
  let options: OmniglotOptions
  /// The file that lists the Vinyals split; nil for the list that ships with metatop.
  let splitFile: String?

  /// Whether a folder has both parts.
  static func isIn(_ folder: String) -> Bool {
    parts.allSatisfy { part in
      ["", ".zip"].contains { FolderListing.exists("\(folder)/\(part)\($0)") }
    }
  }

  /// Reads everything; `report` gets what could not be read.
  func load(_ report: inout LoadReport) throws(DatasetError) -> (StoredImages, ClassSplits) {
    let background = try classes(of: Self.parts[0], &report)
    let evaluation = try classes(of: Self.parts[1], &report)
    let all = background + evaluation
    let splits =
      switch options.split {
      case .vinyals: try vinyals(all.map(\.name))
      case .lake: lake(background: background.map(\.group), count: all.count)
      }
    let loader = ImageLoader(path: folder, options: options.image, classes: all)
    return (try loader.load(&report), splits)
  }

  // MARK: Files

  private func classes(
    of part: String,
    _ report: inout LoadReport
  ) throws(DatasetError) -> [PendingClass] {
    let path = "\(folder)/\(part)"
    let found =
      FolderListing.exists(path)
      ? try Self.classes(inFolder: path, &report)
      : try Self.classes(inArchive: path + ".zip")
    guard !found.isEmpty else {
      throw DatasetError(
        path: path,
        reason: "has no images; they are expected as <alphabet>/character<number>/<image>.png"
      )
    }
    return found
  }

  private static func classes(
    inFolder path: String,
    _ report: inout LoadReport
  ) throws(DatasetError) -> [PendingClass] {
    var classes: [PendingClass] = []
    for alphabet in try FolderListing(path).folders {
      for character in try FolderListing(alphabet.path).folders {
        let listing = try FolderListing(character.path)
        report.badImages += listing.problems
        classes.append(
          PendingClass(
            name: "\(alphabet.name)/\(character.name)",
            group: alphabet.name,
            images: listing.files.map { PendingImage(name: $0.name, origin: .file($0.path)) }
          )
        )
      }
    }
    return classes
  }

  private static func classes(inArchive path: String) throws(DatasetError) -> [PendingClass] {
    let archive = try ZipArchive(reading: path)
    var classes: [String: PendingClass] = [:]
    for entry in archive.entries where entry.name.hasSuffix(".png") {
      let parts = entry.name.split(separator: "/").map(String.init)
      guard parts.count >= 3, !parts.contains(where: FolderListing.isDebris) else { continue }
      let name = parts.dropLast().suffix(2).joined(separator: "/")
      classes[name, default: PendingClass(name: name, group: parts[parts.count - 3])].images
        .append(PendingImage(name: parts[parts.count - 1], origin: .entry(entry, of: archive)))
    }
    return classes.values.sorted { $0.name < $1.name }.map { pending in
      var pending = pending
      pending.images.sort { $0.name < $1.name }
      return pending
    }
  }

  // MARK: Splits

  private func trained(_ indices: [Int]) -> [EpisodeClass] {
    let turns = options.rotations == .classes ? 0..<4 : 0..<1
    return indices.flatMap { index in turns.map { EpisodeClass(index, quarterTurns: $0) } }
  }

  /// Rotations are classes of meta-training only: tests are on characters as they were drawn.
  private func vinyals(_ names: [String]) throws(DatasetError) -> ClassSplits {
    let list =
      if let splitFile { try CharacterList(reading: splitFile) } else {
        try CharacterList.vinyals()
      }
    let indices = Dictionary(zip(names, names.indices), uniquingKeysWith: { first, _ in first })
    var parts: [MetaSplit: [Int]] = [:]
    for (split, name) in list.characters {
      guard let index = indices[name] else {
        throw DatasetError(path: folder, reason: "\(name) is missing; fetch the data set again")
      }
      parts[split, default: []].append(index)
    }
    return ClassSplits(
      metaTrain: trained(parts[.metaTrain] ?? []),
      metaValidation: (parts[.metaValidation] ?? []).map { EpisodeClass($0) },
      metaTest: (parts[.metaTest] ?? []).map { EpisodeClass($0) }
    )
  }

  /// Lake has no validation classes: every sixth background alphabet serves.
  private func lake(background alphabets: [String], count: Int) -> ClassSplits {
    let known = Set(alphabets).sorted()
    let held = Set(known.enumerated().filter { $0.offset % 6 == 5 }.map(\.element))
    let indices = alphabets.indices
    return ClassSplits(
      metaTrain: trained(indices.filter { !held.contains(alphabets[$0]) }),
      metaValidation: indices.filter { held.contains(alphabets[$0]) }.map { EpisodeClass($0) },
      metaTest: (alphabets.count..<count).map { EpisodeClass($0) }
    )
  }
}

extension ImageTask {
  /// Few-shot classification of Omniglot's characters, read from `folder`.
  package init(
    omniglot folder: String,
    way: Int,
    options: OmniglotOptions = OmniglotOptions(),
    splitFile: String?,
    name: String = "omniglot"
  ) throws(DatasetError) {
    try self.init(
      omniglot: folder,
      options: options,
      asked: DataOptions(way: way),
      splitFile: splitFile,
      name: name
    )
  }

  /// The same with what else a person asked.
  package init(
    omniglot folder: String,
    options: OmniglotOptions,
    asked: DataOptions,
    splitFile: String?,
    name: String
  ) throws(DatasetError) {
    let reason = "has splits of its own, by character (\(options.split.rawValue))"
    if let refusal = asked.refusal(of: name, reason, ["split"]) { throw refusal }
    var options = options
    options.image.asked = asked
    var report = LoadReport()
    var (images, splits) = try Omniglot(folder: folder, options: options, splitFile: splitFile)
      .load(&report)
    splits.leaveOutSmall(images.classes, asked, &report)
    try self.init(
      name: name,
      collection: images,
      splits: splits,
      defaults: .images(steps: 10_000, width: 64),
      options: asked,
      withinGroups: options.withinAlphabet,
      report: report
    )
  }
}
