import Dispatch
import Files
import Kernels
import Synchronization

extension ImageLoader {
  /// Whether pictures of two sizes are refused, as soon as they are seen.
  var mustAgree: Bool {
    options.givenSize == nil && !options.asked.takesFirstSize && !options.asked.isSurvey
  }

  /// No picture can be read: says why of the first.
  var unreadable: DatasetError {
    guard let first = classes.lazy.compactMap(\.images.first).first else {
      return DatasetError(path: path, reason: "has no images; add PNG or JPEG files")
    }
    let reason: String
    do throws(DatasetError) {
      _ = try first.decoded()
      reason = "it can be read now"
    } catch {
      reason = error.description
    }
    return DatasetError(
      path: path,
      reason: "has no image that can be read; the first that was looked for is \(reason)"
    )
  }

  /// The sentence that asks for a size.
  func differing(_ sizes: [ImageSize: Int]) -> DatasetError {
    DatasetError(
      path: path,
      reason:
        "its images are of \(sizes.count) sizes (height×width): \(sizes.listed); choose one for "
        + "all, as in --image-size 84"
    )
  }

  /// How many pictures have each size, from the headers of all files alone.
  func storedSizes() -> [ImageSize: Int] {
    let images = classes.flatMap(\.images)
    let sizes = Mutex<[ImageSize: Int]>([:])
    let piece = 64
    DispatchQueue.concurrentPerform(iterations: (images.count + piece - 1) / piece) { number in
      var own: [ImageSize: Int] = [:]
      for image in images[number * piece..<min((number + 1) * piece, images.count)] {
        if let size = image.storedSize() { own[size, default: 0] += 1 }
      }
      sizes.withLock { $0.merge(own) { $0 + $1 } }
    }
    return sizes.withLock { $0 }
  }
}

extension ImageSize {
  init(_ shape: ImageShape) { self.init(height: shape.height, width: shape.width) }
}

extension PendingImage {
  /// Behind the notes that cameras write, a JPEG's size may stand this far in; else all is read.
  private static let headerLength = 64 << 10

  fileprivate func storedSize() -> ImageSize? {
    switch origin {
    case .file(let path):
      guard let head = try? SystemFile.read(path, from: 0, count: Self.headerLength) else {
        return nil
      }
      if let size = DecodedImage.storedSize(header: head) { return size }
      guard head.count == Self.headerLength, let all = try? SystemFile.read(path) else {
        return nil
      }
      return DecodedImage.storedSize(header: all)
    case .entry(let entry, let archive):
      return (try? archive.content(of: entry)).flatMap { DecodedImage.storedSize(header: $0) }
    }
  }
}
