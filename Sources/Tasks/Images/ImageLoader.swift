import Files
import Glibc
import Kernels

/// A class whose pictures are still to be read.
struct PendingClass: Sendable {
  var name: String
  var group = ""
  /// The split that the layout puts it in.
  var part: MetaSplit?
  var images: [PendingImage] = []
}

/// A picture that is still to be read.
struct PendingImage: Sendable {
  enum Origin: Sendable {
    case file(String)
    case entry(ZipArchive.Entry, of: ZipArchive)
  }

  let name: String
  let origin: Origin

  var path: String {
    switch origin {
    case .file(let path): path
    case .entry(let entry, let archive): "\(archive.path)/\(entry.name)"
    }
  }

  /// No sane picture of a few-shot task has a larger file.
  private static let largestFile = 256 << 20

  func decoded() throws(DatasetError) -> DecodedImage {
    let bytes: [UInt8]
    switch origin {
    case .file(let path): bytes = try SystemFile.content(path, limit: Self.largestFile)
    case .entry(let entry, let archive):
      bytes = try archive.content(of: entry, limit: Self.largestFile)
    }
    do throws(ImageError) {
      return try DecodedImage(encoded: bytes)
    } catch {
      throw DatasetError(path: path, reason: error.description)
    }
  }
}

/// Reads and decodes pictures on all cores, before training begins.
struct ImageLoader {
  /// Names the set in messages.
  let path: String
  let options: ImageOptions
  let classes: [PendingClass]

  /// Bad pictures are noted in `report` and left out.
  func load(_ report: inout LoadReport) throws(DatasetError) -> StoredImages {
    let shape = try shape(&report)
    let images = classes.flatMap(\.images)
    try checkMemory(images.count * shape.count)
    let batch = DecodedBatch(count: images.count, shape, options, mustAgree: mustAgree) {
      index throws(DatasetError) in
      try images[index].decoded()
    }
    if batch.sizes.count > 1, options.givenSize == nil, !options.asked.takesFirstSize {
      try options.refuse(
        differing(options.asked.isSurvey ? batch.sizes : storedSizes()),
        &report
      )
    }
    report.add(batch) { images[$0].path }
    let bad = Set(batch.problems.map(\.index))
    var index = 0
    let stored = classes.map { pending in
      var slots: [StoredImages.Slot] = []
      for image in pending.images {
        if !bad.contains(index) {
          slots.append(StoredImages.Slot(index: index, name: image.name.printable))
        }
        index += 1
      }
      return (name: pending.name.printable, group: pending.group.printable, slots: slots)
    }
    return StoredImages(
      batch,
      shape,
      classes: stored,
      keepsCopies: options.keepsCopies,
      report: &report
    )
  }

  /// What is not said comes from the first picture of each class that can be read.
  private func shape(_ report: inout LoadReport) throws(DatasetError) -> ImageShape {
    if let size = options.givenSize, let channels = options.channels {
      return ImageShape(height: size, width: size, channels: channels)
    }
    let firsts = classes.compactMap { pending in
      pending.images.lazy.compactMap { image in try? image.decoded().shape }.first
    }
    guard let first = firsts.first else { throw unreadable }
    if mustAgree, Set(firsts.map { ImageSize($0) }).count > 1 { throw differing(storedSizes()) }
    return ImageShape(
      height: options.givenSize ?? min(first.height, 84),
      width: options.givenSize ?? min(first.width, 84),
      channels: options.channels ?? firsts.map(\.channels).max() ?? 1
    )
  }

  private func checkMemory(_ bytes: Int) throws(DatasetError) {
    let memory = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
    guard bytes <= memory / 2 else {
      throw DatasetError(
        path: path,
        reason: "its images take \(bytes >> 20) MiB, more than half of this machine's "
          + "\(memory >> 20) MiB; choose a smaller image size"
      )
    }
  }
}
