import Dispatch
import Files
import Kernels
import Synchronization

/// Pictures made and fitted on all cores, with what became of each.
struct DecodedBatch {
  struct Problem: Sendable {
    let index: Int
    let error: DatasetError
  }

  let pixels: PixelBuffer
  /// In the pictures' order.
  private(set) var problems: [Problem] = []
  private(set) var conversions = ConversionCounts()
  /// The first picture that nearly vanishes on the white ground.
  private(set) var firstVanished: Int?
  /// How many pictures have each size, before they are fitted.
  private(set) var sizes: [ImageSize: Int] = [:]
  /// Equal for equal pictures, and almost always different for different ones.
  private(set) var hashes: [Int]

  /// What one thread found in a few pictures that follow each other.
  private struct Piece: Sendable {
    let start: Int
    var problems: [Problem] = []
    var conversions = ConversionCounts()
    var firstVanished: Int?
    var sizes: [ImageSize: Int] = [:]
    var hashes: [Int] = []
  }

  /// Makes `count` pictures; an error of `make` leaves its picture out.
  ///
  /// Where their sizes must agree, the rest is left as soon as two differ, and nothing but `sizes`
  /// is of use.
  init(
    count: Int,
    _ shape: ImageShape,
    _ options: ImageOptions,
    mustAgree: Bool = false,
    _ make: @Sendable (Int) throws(DatasetError) -> DecodedImage
  ) {
    let pixels = PixelBuffer(count: count * shape.count)
    let pieces = Mutex<[Piece]>([])
    let seen = Mutex<Set<ImageSize>>([])
    // Pieces small enough that no core waits long for the last one.
    let size = 64
    DispatchQueue.concurrentPerform(iterations: (count + size - 1) / size) { number in
      guard !mustAgree || seen.withLock({ $0.count < 2 }) else { return }
      let range = number * size..<min((number + 1) * size, count)
      let piece = Self.piece(range, shape, options, pixels, make)
      if mustAgree { seen.withLock { $0.formUnion(piece.sizes.keys) } }
      pieces.withLock { $0.append(piece) }
    }
    self.pixels = pixels
    hashes = []
    hashes.reserveCapacity(count)
    for piece in pieces.withLock({ $0.sorted { $0.start < $1.start } }) {
      problems += piece.problems
      conversions.add(piece.conversions)
      firstVanished = firstVanished ?? piece.firstVanished
      sizes.merge(piece.sizes) { $0 + $1 }
      hashes += piece.hashes
    }
  }

  private static func piece(
    _ range: Range<Int>,
    _ shape: ImageShape,
    _ options: ImageOptions,
    _ pixels: PixelBuffer,
    _ make: (Int) throws(DatasetError) -> DecodedImage
  ) -> Piece {
    var piece = Piece(start: range.lowerBound)
    for index in range {
      do throws(DatasetError) {
        let made = try make(index)
        piece.sizes[ImageSize(made.shape), default: 0] += 1
        let image = made.fitted(shape, options)
        pixels.write(image.bytes, at: index * shape.count)
        piece.conversions.add(image.conversions)
        if image.conversions.contains(.vanished), piece.firstVanished == nil {
          piece.firstVanished = index
        }
      } catch {
        piece.problems.append(Problem(index: index, error: error))
      }
      piece.hashes.append(pixels.hash(index * shape.count..<(index + 1) * shape.count))
    }
    return piece
  }
}
