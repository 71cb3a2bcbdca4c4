/// What is done to a stored picture on its way to 0…255, so that a person can be told of it.
package enum ImageConversion: Int, Sendable, CaseIterable {
  case deep
  case shallow
  case palette
  case transparency
  case vanished
  case profile
  case turned
  case inks
  case unit
  case truth
  case clamped
  case coloursToGrey
  case greyToColours
  case resized
  case inverted

  /// What happened, in words that follow "12 pictures: ".
  package var words: String {
    switch self {
    case .deep: "16-bit numbers divided by 257"
    case .shallow: "greys of 1, 2 or 4 bits stretched to 0…255"
    case .palette: "palette colours looked up"
    case .transparency: "transparency laid on white"
    case .vanished: "hardly to be seen on that white"
    case .profile: "gamma or colour profile not applied"
    case .turned: "turned upright by EXIF orientation"
    case .inks: "printing inks (CMYK) turned into red, green and blue"
    case .unit: "numbers from 0 to 1 multiplied by 255"
    case .truth: "0 and 1 taken as black and white"
    case .clamped: "numbers just outside their range set to its end"
    case .coloursToGrey: "colours turned into grey"
    case .greyToColours: "grey repeated as red, green and blue"
    case .resized: "resized to the shape of the set"
    case .inverted: "dark and light exchanged"
    }
  }
}

/// The conversions of one picture.
package struct ImageConversions: Sendable, Hashable {
  private var mask: UInt32 = 0

  package init(_ conversions: ImageConversion...) {
    for conversion in conversions { insert(conversion) }
  }

  package mutating func insert(_ conversion: ImageConversion) { mask |= 1 << conversion.rawValue }

  package func contains(_ conversion: ImageConversion) -> Bool {
    mask & 1 << conversion.rawValue != 0
  }

  mutating func formUnion(_ other: Self) { mask |= other.mask }

  var isEmpty: Bool { mask == 0 }
}

/// How many pictures of a set each conversion happened to.
package struct ConversionCounts: Sendable, Equatable {
  private var counts = [Int](repeating: 0, count: ImageConversion.allCases.count)

  package init() {}

  package subscript(conversion: ImageConversion) -> Int { counts[conversion.rawValue] }

  mutating func add(_ conversions: ImageConversions) {
    guard !conversions.isEmpty else { return }
    for conversion in ImageConversion.allCases where conversions.contains(conversion) {
      counts[conversion.rawValue] += 1
    }
  }

  mutating func add(_ other: Self) {
    for index in counts.indices { counts[index] += other.counts[index] }
  }

  /// A line for each conversion that happened: "12 pictures: palette colours looked up".
  package var lines: [String] {
    ImageConversion.allCases.filter { self[$0] > 0 }.map { conversion in
      "\(self[conversion]) \(self[conversion] == 1 ? "picture" : "pictures"): \(conversion.words)"
    }
  }
}
