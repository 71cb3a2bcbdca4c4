import Files

/// Arrays by name: the members of a `.npz` file, or the `.npy` files of a folder.
struct ArrayStore {
  /// Images with their labels: the whole set's, or those of one part of it.
  struct Pair {
    let part: MetaSplit?
    let images: String
    let labels: String
  }

  /// Names the store in messages.
  let path: String
  /// Without `.npy`, in alphabetical order.
  let names: [String]
  private let archive: ZipArchive?
  private let folder: String
  /// The file that was asked for, whatever it is called.
  private let chosen: String?

  init(_ path: String) throws(DatasetError) {
    self.path = path
    func stems(_ files: [String]) -> [String] {
      files.filter { $0.hasSuffix(".npy") }.map { String($0.dropLast(4)) }.sorted()
    }
    if path.hasSuffix(".npz") {
      let archive = try ZipArchive(reading: path)
      names = stems(archive.entries.map(\.name))
      (self.archive, folder, chosen) = (archive, "", nil)
      return
    }
    archive = nil
    guard path.hasSuffix(".npy") else {
      (folder, chosen) = (path, nil)
      names = stems(SystemFile.names(in: path))
      return
    }
    folder = SystemFile.folder(of: path)
    let stem = path.split(separator: "/").last.map { String($0.dropLast(4)) } ?? ""
    chosen = ArrayName(stem)?.part == nil ? stem : nil
    names = stems(SystemFile.names(in: folder))
  }

  /// Whether a path leads to arrays rather than to pictures.
  static func isAt(_ path: String) -> Bool {
    if path.hasSuffix(".npz") || path.hasSuffix(".npy") { return true }
    return SystemFile.names(in: path).contains { name in
      name.hasSuffix(".npy") && ArrayName(String(name.dropLast(4)))?.role == .images
    }
  }

  func array(_ name: String) throws(DatasetError) -> NumpyArray {
    guard let archive else {
      let file = "\(folder)/\(name).npy"
      return try NumpyArray(bytes: try SystemFile.content(file), path: file)
    }
    guard let entry = archive.entries.first(where: { $0.name == name + ".npy" }) else {
      throw missing(name)
    }
    return try NumpyArray(bytes: try archive.content(of: entry), path: "\(path)/\(entry.name)")
  }

  // MARK: Who is who

  /// The pairs that the names make, those of training first.
  func pairs() throws(DatasetError) -> [Pair] {
    var images: [MetaSplit?: String] = [:]
    var labels: [MetaSplit?: String] = [:]
    if let chosen { images[nil] = chosen }
    for name in names {
      guard let meaning = ArrayName(name), chosen == nil || meaning.role == .labels else {
        continue
      }
      let other = meaning.role == .images ? images[meaning.part] : labels[meaning.part]
      if let other {
        let kind = meaning.role == .images ? "images" : "labels"
        throw DatasetError(
          path: path,
          reason: "has both \(other) and \(name), and either could be its \(kind); keep one of them"
        )
      }
      if meaning.role == .images {
        images[meaning.part] = name
      } else {
        labels[meaning.part] = name
      }
    }
    if let pair = unnamedPair(images.isEmpty && labels.isEmpty) { return [pair] }
    let parts = MetaSplit.allCases.filter {
      images[$0] != nil || (chosen == nil && labels[$0] != nil)
    }
    if let whole = images[nil], let first = parts.first.flatMap({ images[$0] ?? labels[$0] }) {
      throw DatasetError(
        path: path,
        reason: "has \(first) beside \(whole); keep the parts or the whole, not both"
      )
    }
    var pairs: [Pair] = []
    for part in parts.isEmpty ? [nil] : parts.map(Optional.some) {
      pairs.append(try pair(part, images[part], labels[part]))
    }
    return pairs
  }

  private func pair(
    _ part: MetaSplit?,
    _ images: String?,
    _ labels: String?
  ) throws(DatasetError) -> Pair {
    let ending =
      switch part {
      case nil: ""
      case .metaTrain: "_train"
      case .metaValidation: "_val"
      case .metaTest: "_test"
      }
    guard let images else { throw missing(part == nil ? "images" : "x" + ending) }
    guard let labels else { throw missing(part == nil ? "labels" : "y" + ending) }
    return Pair(part: part, images: images, labels: labels)
  }

  /// Two arrays that numpy has numbered for want of names, pictures first.
  private func unnamedPair(_ nothingNamed: Bool) -> Pair? {
    guard nothingNamed, names == ["arr_0", "arr_1"] else { return nil }
    return Pair(part: nil, images: "arr_0", labels: "arr_1")
  }

  private func missing(_ name: String) -> DatasetError {
    let found = names.isEmpty ? "none" : names.joined(separator: ", ")
    return DatasetError(
      path: path,
      reason: "has no array \(name) (it has \(found)); save it with "
        + "numpy.savez(file, images=…, labels=…)"
    )
  }
}
