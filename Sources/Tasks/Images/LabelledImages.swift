import Kernels

/// Pictures with labels 0 ..< `classCount`: what one network is trained or scored on.
package struct LabelledImages: Sendable {
  package let collection: any ImageCollection
  package let images: [ImageReference]
  package let labels: [Int]
  package let classCount: Int

  package init(
    collection: any ImageCollection,
    images: [ImageReference],
    labels: [Int],
    classCount: Int
  ) {
    precondition(images.count == labels.count, "\(images.count) images, \(labels.count) labels")
    self.collection = collection
    self.images = images
    self.labels = labels
    self.classCount = classCount
  }

  package var count: Int { images.count }
  package var shape: ImageShape { collection.shape }

  /// Writes pictures as numbers in [0, 1] and their labels one-hot, one after the other.
  package func write(
    _ indices: some Sequence<Int>,
    into buffer: AlignedBuffer,
    inputs: Int,
    targets: Int
  ) {
    var chosen: [ImageReference] = []
    for (position, index) in indices.enumerated() {
      chosen.append(images[index])
      for label in 0..<classCount {
        buffer[targets + position * classCount + label] = label == labels[index] ? 1 : 0
      }
    }
    collection.write(chosen, into: buffer, at: inputs)
  }

  /// `count` different pictures by lot.
  package func batch(_ count: Int, _ stream: RandomStream) -> ArraySlice<Int> {
    var draws = RandomDraws(stream)
    return draws.sample(count, below: images.count)
  }
}

/// Classes of a collection whose pictures are divided in two.
package struct DividedClasses: Sendable {
  package let first: LabelledImages
  package let second: LabelledImages

  /// Each class's pictures by lot, `firstCount` of them for the first part and at most
  /// `secondCount` of the rest for the second.
  package init(
    _ classes: [EpisodeClass],
    of collection: any ImageCollection,
    first firstCount: (_ imageCount: Int) -> Int,
    second secondCount: (_ rest: Int) -> Int = { $0 },
    stream: RandomStream
  ) {
    var parts: [[(ImageReference, Int)]] = [[], []]
    for (label, member) in classes.enumerated() {
      let count = collection.classes[member.index].imageCount
      var draws = RandomDraws(stream.split(UInt64(member.index)))
      let order = draws.sample(count, below: count).map {
        ImageReference(classIndex: member.index, example: $0, quarterTurns: member.quarterTurns)
      }
      let border = min(firstCount(count), count)
      parts[0] += order[..<border].map { ($0, label) }
      parts[1] += order[border...].prefix(secondCount(count - border)).map { ($0, label) }
    }
    let sets = parts.map { part in
      LabelledImages(
        collection: collection,
        images: part.map(\.0),
        labels: part.map(\.1),
        classCount: classes.count
      )
    }
    (first, second) = (sets[0], sets[1])
  }

  private init(first: LabelledImages, second: LabelledImages) {
    (self.first, self.second) = (first, second)
  }

  /// The same with the parts' roles exchanged.
  package var swapped: Self { Self(first: second, second: first) }
}
