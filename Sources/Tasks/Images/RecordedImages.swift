import Kernels

/// Pictures that a file has as numbers, all in one class: they are told apart by their labels alone.
package struct RecordedImages: ImageCollection {
  package let shape: ImageShape
  package let classes: [ImageClass]
  /// One picture after the other, channels last.
  private let values: [Float]

  package init(shape: ImageShape, values: [Float]) {
    precondition(values.count % shape.count == 0, "\(values.count) numbers of \(shape)")
    self.shape = shape
    self.values = values
    classes = [ImageClass(name: "pictures", imageCount: values.count / shape.count)]
  }

  package var byteCount: Int { values.count * MemoryLayout<Float>.size }
  /// The file's own digest is kept instead.
  package var sha256: String? { nil }
  package func name(of image: ImageReference) -> String { "picture \(image.example + 1)" }

  package func picture(_ number: Int) -> ArraySlice<Float> {
    values[number * shape.count..<(number + 1) * shape.count]
  }

  package func write(_ images: [ImageReference], into buffer: AlignedBuffer, at offset: Int) {
    for (position, image) in images.enumerated() {
      let start = image.example * shape.count
      buffer.write(values, range: start..<start + shape.count, at: offset + position * shape.count)
    }
  }
}
