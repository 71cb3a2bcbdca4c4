import Files
import Recording

extension TransferPlan.Options {
  /// Takes in what was written on the command line; nil where nothing was.
  package mutating func apply(
    arms: String?,
    classes: String?,
    testImages: String?,
    seeds: String?,
    images: String?
  ) throws(ConfigurationError) {
    if let arms { self.arms = arms.split(separator: ",").map { String($0).lowercased() } }
    self.classes = try Self.whole("classes", classes, 2...10_000) ?? self.classes
    self.testImages = try Self.whole("test-images", testImages, 1...10_000) ?? self.testImages
    self.seeds = try Self.whole("seeds", seeds, 1...1_000) ?? self.seeds
    guard let images else { return }
    self.images = []
    for text in images.split(separator: ",", omittingEmptySubsequences: false) {
      guard let size = try Self.whole("images", String(text), 1...10_000) else { continue }
      if !self.images.contains(size) { self.images.append(size) }
    }
  }

  private static func whole(
    _ option: String,
    _ text: String?,
    _ range: ClosedRange<Int>
  ) throws(ConfigurationError) -> Int? {
    guard let text else { return nil }
    do throws(OptionValueError) {
      return try wholeNumber(text, range)
    } catch {
      throw ConfigurationError(.usage, "--\(option): \(error.reason)")
    }
  }
}
