import Files
import Kernels

/// Pictures as arrays: `images` [N, H, W], [N, H, W, C] or [N, C, H, W] with `labels` [N], in a
/// `.npz` file or as `.npy` files beside each other, as a whole or in parts (`x_train`, `y_test`).
struct ImageArrays {
  let path: String
  let options: ImageOptions

  func load(_ report: inout LoadReport) throws(DatasetError) -> (StoredImages, ClassSplits) {
    let parts = try parts(&report)
    let first = parts[0]
    let shape = ImageShape(
      height: options.givenSize ?? first.shape.height,
      width: options.givenSize ?? first.shape.width,
      channels: options.channels ?? first.shape.channels
    )
    let scale = try scale(parts, &report)
    // Which part each picture belongs to, and its number there.
    let places = parts.indices.flatMap { part in
      (0..<parts[part].labels.count).map { (part: part, index: $0) }
    }
    let batch = DecodedBatch(count: places.count, shape, options) { index throws(DatasetError) in
      parts[places[index].part].picture(places[index].index, scale)
    }
    let names = places.map { place in
      parts.count == 1
        ? "\(place.index)" : "\(parts[place.part].names.images)/\(place.index)"
    }
    report.add(batch) { "\(path)/\(names[$0])" }
    let labels = parts.flatMap(\.labels)
    // In a split by examples a class is stored once for each part that it stands in.
    let isParted = options.asked.split == .examples
    let members = Dictionary(grouping: labels.indices) { index in
      Member(label: labels[index], part: isParted ? places[index].part : 0)
    }.sorted { ($0.key.label, $0.key.part) < ($1.key.label, $1.key.part) }
    let stored = StoredImages(
      batch,
      shape,
      classes: members.map { member, indices in
        (
          name: "\(member.label)", group: "",
          slots: indices.map { StoredImages.Slot(index: $0, name: names[$0].printable) }
        )
      },
      keepsCopies: options.keepsCopies,
      report: &report
    )
    return try split(stored, parts, members.map(\.key), &report)
  }

  /// What is stored as a class.
  private struct Member: Hashable {
    let label: Int
    let part: Int
  }

  // MARK: Parts

  private func parts(_ report: inout LoadReport) throws(DatasetError) -> [ArrayPart] {
    let store = try ArrayStore(path)
    var parts: [ArrayPart] = []
    for pair in try store.pairs() {
      let images = try store.array(pair.images)
      let labels = try store.array(pair.labels)
      parts.append(try ArrayPart(pair, images, labels, path: path))
    }
    let first = parts[0]
    for part in parts.dropFirst() {
      guard part.shape == first.shape, part.isLikeStored(first) else {
        throw DatasetError(
          path: path,
          reason: "\(part.names.images) is \(part.description) and \(first.names.images) "
            + "\(first.description); save both in one type and of one shape"
        )
      }
    }
    let used = Set(parts.flatMap { [$0.names.images, $0.names.labels] })
    let unused = store.names.filter { !used.contains($0) }.prefix(5)
    if !unused.isEmpty, !path.hasSuffix(".npy") {
      report.notes.append("arrays that are not used: \(unused.joined(separator: ", "))".printable)
    }
    return parts
  }

  private func scale(
    _ parts: [ArrayPart],
    _ report: inout LoadReport
  ) throws(DatasetError) -> PixelScale {
    var extent = NumberExtent()
    for part in parts {
      let own = NumberExtent(of: part.images)
      if let index = own.firstUnusable {
        let number = part.images.numbers(index..<index + 1)[0]
        throw DatasetError(
          path: path,
          reason: "\(part.names.images)\(part.images.place(of: index)) is \(number), which is no "
            + "brightness; numpy.nan_to_num replaces such numbers"
        )
      }
      extent.formUnion(own)
    }
    let scale = try PixelScale(extent, parts[0].images.element, path: path)
    let brightest = scale.byte(extent.high).0
    if brightest < 32 {
      report.notes.append(
        "its pictures are nearly black: the brightest pixel is \(brightest) of 255"
      )
    }
    return scale
  }

  /// Parts say which split their classes, or in a split by examples their pictures, are in.
  private func split(
    _ stored: StoredImages,
    _ parts: [ArrayPart],
    _ members: [Member],
    _ report: inout LoadReport
  ) throws(DatasetError) -> (StoredImages, ClassSplits) {
    let rule = SplitRule(path: path, options: options)
    guard parts.count > 1 else { return try rule.split(stored, .none, &report) }
    if options.asked.split == .examples {
      return try rule.split(stored, .given(members.map { parts[$0.part].names.part }), &report)
    }
    var seen: [Int: ArrayPart] = [:]
    for part in parts {
      for label in Set(part.labels) {
        if let other = seen[label] {
          report.notes.append(
            "\(other.names.images) and \(part.names.images) have the same classes: their pictures "
              + "are put together, and the classes are parted by lot; --split examples keeps the "
              + "parts"
          )
          return try rule.split(stored, .none, &report)
        }
        seen[label] = part
      }
    }
    return try rule.split(stored, .given(members.map { seen[$0.label]?.names.part }), &report)
  }
}
