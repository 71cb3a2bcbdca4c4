import Kernels

/// Finds equal pictures: by their hashes first, then by their bytes.
struct CopySearch {
  let batch: DecodedBatch
  let shape: ImageShape
  /// For each class, its usable pictures' places.
  let classes: [[Int]]

  /// Places of equal pictures, two or more, in the order of the classes.
  func groups() -> [[Int]] {
    var firsts: [Int: Int] = [:]
    firsts.reserveCapacity(batch.hashes.count)
    var suspects: [Int: [Int]] = [:]
    for index in classes.joined() {
      let hash = batch.hashes[index]
      if let first = firsts[hash] {
        suspects[hash, default: [first]].append(index)
      } else {
        firsts[hash] = index
      }
    }
    var groups: [[Int]] = []
    for var rest in suspects.values {
      while let first = rest.first {
        let same = rest.filter { isSame(first, $0) }
        if same.count > 1 { groups.append(same) }
        rest.removeAll { isSame(first, $0) }
      }
    }
    guard groups.count > 1 else { return groups }
    let order = Dictionary(
      zip(classes.joined(), 0...),
      uniquingKeysWith: { first, _ in first }
    )
    return groups.sorted { order[$0[0], default: 0] < order[$1[0], default: 0] }
  }

  private func isSame(_ first: Int, _ second: Int) -> Bool {
    batch.pixels.isEqual(first * shape.count, second * shape.count, count: shape.count)
  }
}

/// Where a picture stands: its class's number, and its name with the class's.
private struct Owner {
  let classNumber: Int
  let name: String
}

extension PictureCopies {
  /// What groups of equal pictures come to, and the places of all but the first of each in its
  /// class; `owners` are by the pictures' places.
  fileprivate static func count(
    _ groups: [[Int]],
    _ owners: [Int: Owner]
  ) -> (PictureCopies, repeated: Set<Int>) {
    var copies = PictureCopies()
    var repeated: Set<Int> = []
    for group in groups {
      var firsts: [Int: Owner] = [:]
      for index in group {
        guard let owner = owners[index] else { continue }
        if let first = firsts[owner.classNumber] {
          repeated.insert(index)
          copies.example = copies.example ?? (owner.name, first.name)
        } else {
          firsts[owner.classNumber] = owner
        }
      }
      guard firsts.count > 1 else { continue }
      copies.classesOfShared.append(firsts.keys.sorted())
      let names = firsts.sorted { $0.key < $1.key }.map(\.value.name)
      copies.sharedExample = copies.sharedExample ?? (names[1], names[0])
    }
    copies.withinClasses = repeated.count
    return (copies, repeated)
  }
}

extension StoredImages {
  /// The pictures of a batch in their classes, copies within a class counted once.
  init(
    _ batch: DecodedBatch,
    _ shape: ImageShape,
    classes: [(name: String, group: String, slots: [Slot])],
    keepsCopies: Bool,
    report: inout LoadReport
  ) {
    let places = classes.map { $0.slots.map(\.index) }
    let groups = CopySearch(batch: batch, shape: shape, classes: places).groups()
    var repeated: Set<Int> = []
    if !groups.isEmpty {
      var owners: [Int: Owner] = [:]
      for (number, kind) in classes.enumerated() {
        for slot in kind.slots {
          owners[slot.index] = Owner(classNumber: number, name: "\(kind.name)/\(slot.name)")
        }
      }
      (report.copies, repeated) = PictureCopies.count(groups, owners)
    }
    if keepsCopies {
      report.copies.treatment = .published
    } else if !repeated.isEmpty,
      places.allSatisfy({ $0.count { !repeated.contains($0) } <= 1 })
    {
      report.copies.treatment = .nothingElse
    }
    self.init(
      shape: shape,
      pixels: batch.pixels,
      classes: classes,
      leavingOut: report.copies.treatment == .countedOnce ? repeated : []
    )
  }
}
