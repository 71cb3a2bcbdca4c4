import Files

/// What happened while a data set was read: told by `metatop data check`.
package struct LoadReport: Sendable, Equatable {
  package var imageCount = 0
  /// Pictures that could not be used; the set goes on without them.
  package var badImages: [DatasetError] = []
  /// Anything else a person should know, in sentences.
  package var notes: [String] = []
  /// How many pictures each conversion happened to.
  package var conversions = ConversionCounts()
  /// The file of the first picture that nearly vanishes on the white ground.
  package var firstVanished: String?
  /// Pictures that are there more than once.
  package var copies = PictureCopies()
  /// How many pictures have each size in their files.
  package var sizes: [ImageSize: Int] = [:]
  /// In a survey, what would be refused otherwise.
  package var problems: [DatasetError] = []

  package init() {}

  /// All that happened and can be said in a sentence.
  package var remarks: [String] {
    copies.treatment == .published ? warnings + copies.withinSentences : warnings
  }

  /// What a person should know before training: not that a published set is what it always was.
  package var warnings: [String] {
    var sentences = notes
    if copies.treatment != .published { sentences += copies.withinSentences }
    sentences += copies.acrossSentences
    if let firstVanished {
      let count = conversions[.vanished]
      sentences.append(
        "\(count) transparent \(count == 1 ? "picture nearly vanishes" : "pictures nearly vanish") "
          + "on the white ground (\(firstVanished)); save what is bright on a dark ground"
      )
    }
    return sentences
  }

  mutating func add(_ batch: DecodedBatch, pathOf: (Int) -> String) {
    badImages += batch.problems.map(\.error)
    imageCount += batch.hashes.count - batch.problems.count
    conversions.add(batch.conversions)
    sizes.merge(batch.sizes) { $0 + $1 }
    if firstVanished == nil { firstVanished = batch.firstVanished.map { pathOf($0).printable } }
  }
}

/// How pictures are brought into one shape.
package struct ImageOptions: Sendable, Equatable {
  /// Height and width; nil for those of the pictures, up to 84, where all have the same.
  package var size: Int?
  package var resize: Resize = .area
  /// 1 or 3; nil for colour where the first picture of some class has it.
  package var channels: Int?
  /// Dark strokes on light paper become bright ones on a dark ground.
  package var isInverted = false
  /// Copies of a picture stay in its class: for published sets, whose numbers are compared.
  package var keepsCopies = false
  /// For a split of the classes by lot.
  package var seed: UInt64 = 0
  /// What a person asks beside; a size that is asked for goes before the data set's own.
  package var asked = DataOptions()

  package init() {}

  package init(asked: DataOptions) { self.asked = asked }

  /// The height and width that somebody gave.
  var givenSize: Int? { asked.imageSize ?? size }

  /// Throws, or notes the problem in a survey.
  func refuse(_ problem: DatasetError, _ report: inout LoadReport) throws(DatasetError) {
    guard asked.isSurvey else { throw problem }
    report.problems.append(problem)
  }
}
