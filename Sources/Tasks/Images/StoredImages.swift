import Dispatch
import Files
import Kernels
import Synchronization

/// Decoded pictures in memory, one byte a number.
package struct StoredImages: ImageCollection {
  package let shape: ImageShape
  package let classes: [ImageClass]
  /// For each class, where its pictures lie in `pixels`, counted in pictures.
  private let slots: [[Int]]
  private let names: [[String]]
  /// Every usable picture, copies too: what the digest is of, whatever becomes of copies.
  private let allSlots: [[Int]]
  private let pixels: PixelBuffer
  private let digests: [UInt64]

  /// One usable picture: its place in `pixels` and its name.
  struct Slot {
    let index: Int
    let name: String
  }

  init(
    shape: ImageShape,
    pixels: PixelBuffer,
    classes: [(name: String, group: String, slots: [Slot])],
    leavingOut left: Set<Int> = []
  ) {
    self.shape = shape
    self.pixels = pixels
    let kept = classes.map { kind in
      left.isEmpty ? kind.slots : kind.slots.filter { !left.contains($0.index) }
    }
    self.classes = zip(classes, kept).map {
      ImageClass(name: $0.name, group: $0.group, imageCount: $1.count)
    }
    slots = kept.map { $0.map(\.index) }
    names = kept.map { $0.map(\.name) }
    allSlots = left.isEmpty ? slots : classes.map { $0.slots.map(\.index) }
    digests = Self.digests(allSlots, of: pixels, shape)
  }

  private init(_ images: Self, classes: [ImageClass], slots: [[Int]], names: [[String]]) {
    (shape, pixels) = (images.shape, images.pixels)
    (self.classes, self.slots, self.names) = (classes, slots, names)
    allSlots = slots
    digests = Self.digests(slots, of: images.pixels, images.shape)
  }

  /// The same pictures in other classes, in the same memory.
  func regrouped(_ groups: [(name: String, images: [ImageReference])]) -> Self {
    Self(
      self,
      classes: groups.map { ImageClass(name: $0.name, imageCount: $0.images.count) },
      slots: groups.map { $0.images.map { slots[$0.classIndex][$0.example] } },
      names: groups.map { $0.images.map { names[$0.classIndex][$0.example] } }
    )
  }

  /// One a class, on all cores.
  private static func digests(
    _ slots: [[Int]],
    of pixels: PixelBuffer,
    _ shape: ImageShape
  ) -> [UInt64] {
    let all = Mutex([UInt64](repeating: 0, count: slots.count))
    // Pieces small enough that no core waits long for the last one.
    let piece = 64
    DispatchQueue.concurrentPerform(iterations: (slots.count + piece - 1) / piece) { number in
      let range = number * piece..<min((number + 1) * piece, slots.count)
      let own = slots[range].map { images in
        images.reduce(UInt64(images.count)) { value, index in
          pixels.fingerprint(index * shape.count..<(index + 1) * shape.count, after: value)
        }
      }
      all.withLock { $0.replaceSubrange(range, with: own) }
    }
    return all.withLock { $0 }
  }

  package func digest(ofClass index: Int) -> UInt64? { digests[index] }

  package var byteCount: Int { pixels.count }

  package var sha256: String? {
    var digest = SHA256()
    for (index, kind) in classes.enumerated() {
      digest.add(kind.name.utf8)
      for slot in allSlots[index] {
        let start = slot * shape.count
        digest.add(pixels.bytes(start..<start + shape.count))
      }
    }
    return digest.digits
  }

  package func name(of image: ImageReference) -> String {
    "\(classes[image.classIndex].name)/\(names[image.classIndex][image.example])"
  }

  package func write(_ images: [ImageReference], into buffer: AlignedBuffer, at offset: Int) {
    for (position, image) in images.enumerated() {
      buffer.write(
        shape,
        of: pixels,
        from: slots[image.classIndex][image.example] * shape.count,
        quarterTurns: image.quarterTurns,
        at: offset + position * shape.count
      )
    }
  }

  /// A picture's bytes as they are stored.
  package func bytes(of image: ImageReference) -> [UInt8] {
    let start = slots[image.classIndex][image.example] * shape.count
    return pixels.bytes(start..<start + shape.count)
  }
}
