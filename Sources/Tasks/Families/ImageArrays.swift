import Kernels

/// Pictures as arrays: `images` [N, H, W] or [N, H, W, C] with `labels` [N], in a `.npz` file or as
/// `images.npy` and `labels.npy` beside each other.
struct ImageArrays {
  let path: String
  let options: ImageOptions

  func load(_ report: inout LoadReport) throws(DatasetError) -> (StoredImages, ClassSplits) {
    let (images, labels) = try arrays()
    let original = try shape(images)
    let members = try classes(labels, count: images.shape[0])
    let shape = ImageShape(
      height: options.size ?? original.height,
      width: options.size ?? original.width,
      channels: options.channels ?? original.channels
    )
    let scale = try scale(images)
    let pixels = PixelBuffer(count: images.shape[0] * shape.count)
    for index in 0..<images.shape[0] {
      let range = index * original.count..<(index + 1) * original.count
      let image = DecodedImage(shape: original, bytes: bytes(images, range, scale))
        .with(channels: shape.channels)
        .resized(height: shape.height, width: shape.width, options.resize)
      pixels.write((options.isInverted ? image.inverted : image).bytes, at: index * shape.count)
    }
    report.imageCount += images.shape[0]
    let stored = StoredImages(
      shape: shape,
      pixels: pixels,
      classes: members.map { label, indices in
        (
          name: "\(label)", group: "",
          slots: indices.map { StoredImages.Slot(index: $0, name: "\($0)") }
        )
      }
    )
    return (stored, try ClassSplits(byLotOf: members.count, seed: options.seed, path: path))
  }

  // MARK: Files

  private func arrays() throws(DatasetError) -> (images: NumpyArray, labels: NumpyArray) {
    guard path.hasSuffix(".npz") else {
      let folder = path.hasSuffix(".npy") ? SystemFile.folder(of: path) : path
      let images = path.hasSuffix(".npy") ? path : path + "/images.npy"
      return (try array(images), try array(folder + "/labels.npy"))
    }
    let archive = try ZipArchive(reading: path)
    return (try array("images", of: archive), try array("labels", of: archive))
  }

  private func array(_ path: String) throws(DatasetError) -> NumpyArray {
    try NumpyArray(bytes: try SystemFile.content(path), path: path)
  }

  private func array(_ name: String, of archive: ZipArchive) throws(DatasetError) -> NumpyArray {
    guard let entry = archive.entries.first(where: { $0.name == name + ".npy" }) else {
      let names = archive.entries.map(\.name).joined(separator: ", ")
      throw DatasetError(
        path: path,
        reason: "has no array \(name) (it has \(names)); save it with "
          + "numpy.savez(file, images=…, labels=…)"
      )
    }
    return try NumpyArray(bytes: try archive.content(of: entry), path: "\(path)/\(entry.name)")
  }

  // MARK: Content

  private func shape(_ images: NumpyArray) throws(DatasetError) -> ImageShape {
    let sizes = images.shape
    guard sizes.count == 3 || (sizes.count == 4 && [1, 3].contains(sizes[3])),
      sizes.allSatisfy({ $0 > 0 }), [.uint8, .float32].contains(images.element)
    else {
      throw DatasetError(
        path: path,
        reason: "its images are \(images.element.rawValue) \(sizes); use |u1 or <f4 of "
          + "[N, height, width] or [N, height, width, 1 or 3]"
      )
    }
    return ImageShape(
      height: sizes[1],
      width: sizes[2],
      channels: sizes.count == 4 ? sizes[3] : 1
    )
  }

  /// What brings a number to 0…255: floats lie in [0, 1], or in [0, 255] if one is above 1.
  private func scale(_ images: NumpyArray) throws(DatasetError) -> Double {
    guard images.element == .float32 else { return 1 }
    var largest = 0.0
    for index in 0..<images.count {
      let number = images.number(at: index)
      guard number >= 0, number <= 255 else {
        throw DatasetError(path: path, reason: "its images contain \(number); use [0, 1]")
      }
      largest = max(largest, number)
    }
    return largest > 1 ? 1 : 255
  }

  private func bytes(_ images: NumpyArray, _ range: Range<Int>, _ scale: Double) -> [UInt8] {
    guard images.element == .float32 else { return Array(images.bytes(range)) }
    return range.map { UInt8((images.number(at: $0) * scale).rounded()) }
  }

  private func classes(
    _ labels: NumpyArray,
    count: Int
  ) throws(DatasetError) -> [(label: Int, indices: [Int])] {
    guard labels.shape == [count], labels.element.isWhole else {
      throw DatasetError(
        path: path,
        reason: "its labels are \(labels.element.rawValue) \(labels.shape); use whole numbers of "
          + "[\(count)], one an image"
      )
    }
    let indices = Dictionary(grouping: 0..<count) { labels.integer(at: $0) }
    return indices.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}
