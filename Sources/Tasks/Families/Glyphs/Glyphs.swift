import Files
import Kernels

/// Handwriting that nobody wrote: alphabets of stroke programs, drawn as Omniglot's characters are.
///
/// A class is a program of strokes, an example one trembling execution of it, 28×28, ink 1. Every
/// picture has a random stream of its own, so any one can be drawn at any time on any thread.
package struct Glyphs: ImageCollection {
  package let parameters: GlyphParameters
  package let shape = ImageShape(height: GlyphPen.side, width: GlyphPen.side, channels: 1)
  package let classes: [ImageClass]
  package let byteCount = 0
  package let sha256: String? = nil
  private let programs: [GlyphProgram]
  private let examples: RandomStream

  package init(_ parameters: GlyphParameters = GlyphParameters()) throws(DatasetError) {
    try Self.check(parameters)
    self.parameters = parameters
    let root = RandomStream(seed: parameters.seed)
    examples = root.split(3)
    let alphabets = (0..<parameters.alphabets).map { alphabet in
      var draws = RandomDraws(root.split(1).split(UInt64(alphabet)))
      return GlyphAlphabet(&draws)
    }
    programs = (0..<parameters.classes).map { index in
      var draws = RandomDraws(root.split(2).split(UInt64(index)))
      return GlyphProgram(&draws, alphabets[parameters.alphabet(of: index)])
    }
    classes = (0..<parameters.classes).map { index in
      let alphabet = "alphabet" + twoDigits(parameters.alphabet(of: index) + 1)
      return ImageClass(
        name: "\(alphabet)/character" + twoDigits(parameters.numberInAlphabet(index) + 1),
        group: alphabet,
        imageCount: parameters.examples
      )
    }
  }

  private static func check(_ parameters: GlyphParameters) throws(DatasetError) {
    let problem: String? =
      if !(3...10_000).contains(parameters.alphabets) {
        "\(parameters.alphabets) alphabets; use 3 to 10000"
      } else if !(parameters.alphabets...1_000_000).contains(parameters.classes) {
        "\(parameters.classes) classes; use \(parameters.alphabets) (one an alphabet) to 1000000"
      } else if !(2...1_000_000).contains(parameters.examples) {
        "\(parameters.examples) examples of a class; use 2 to 1000000"
      } else if !(0...10).contains(parameters.jitter) {
        "jitter \(parameters.jitter); use 0 to 10"
      } else {
        nil
      }
    if let problem { throw DatasetError(path: "glyphs", reason: problem) }
  }

  package func name(of image: ImageReference) -> String {
    "\(classes[image.classIndex].name)/" + twoDigits(image.example + 1)
  }

  package func write(_ images: [ImageReference], into buffer: AlignedBuffer, at offset: Int) {
    var pen = GlyphPen(jitter: GlyphJitter(parameters.jitter))
    for (position, image) in images.enumerated() {
      var draws = RandomDraws(
        examples.split(UInt64(image.classIndex)).split(UInt64(image.example))
      )
      pen.draw(programs[image.classIndex], &draws)
      buffer.write(pixels: pen.pixels, at: offset + position * shape.count)
    }
  }
}

extension GlyphParameters {
  func alphabet(of index: Int) -> Int { index * alphabets / classes }

  func numberInAlphabet(_ index: Int) -> Int { index - firstClass(of: alphabet(of: index)) }

  /// The first class of an alphabet; of the one behind the last, the number of classes.
  func firstClass(of alphabet: Int) -> Int { (alphabet * classes + alphabets - 1) / alphabets }

  /// Whole alphabets apart: of 50, 32 to train, 5 to validate and 13 to test (1039, 163 and 421
  /// classes of 1623).
  var splits: ClassSplits {
    let test = max(alphabets * 26 / 100, 1)
    let validation = max(alphabets / 10, 1)
    let borders = [0, alphabets - test - validation, alphabets - test, alphabets].map(firstClass)
    let parts = zip(borders, borders.dropFirst()).map { ($0..<$1).map { EpisodeClass($0) } }
    return ClassSplits(metaTrain: parts[0], metaValidation: parts[1], metaTest: parts[2])
  }
}

extension ImageTask {
  /// Few-shot classification of generated glyphs.
  package init(
    glyphs parameters: GlyphParameters = GlyphParameters(),
    way: Int,
    name: String = "glyphs"
  ) throws(DatasetError) {
    try self.init(glyphs: parameters, name: name, options: DataOptions(way: way))
  }

  /// The same with what else a person asked.
  package init(
    glyphs parameters: GlyphParameters,
    name: String = "glyphs",
    options: DataOptions
  ) throws(DatasetError) {
    let side = GlyphPen.side
    let reason = "its images are generated, \(side)×\(side), and its splits are whole alphabets"
    if let refusal = options.refusal(of: name, reason, ["image-size", "split"]) { throw refusal }
    try self.init(
      name: name,
      collection: try Glyphs(parameters),
      splits: parameters.splits,
      defaults: .images(steps: 2_000, width: 32),
      options: options,
      withinGroups: parameters.withinAlphabet
    )
  }

  /// The same task with at least so many pictures of each class, where they are drawn on demand.
  package func drawn(examples: Int) throws(DatasetError) -> Self {
    guard let glyphs = collection as? Glyphs, glyphs.parameters.examples < examples else {
      return self
    }
    var parameters = glyphs.parameters
    parameters.examples = examples
    return try Self(glyphs: parameters, name: name, options: options)
  }
}

/// A number with at least two digits.
func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
