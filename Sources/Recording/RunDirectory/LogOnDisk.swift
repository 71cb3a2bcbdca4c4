import Files

/// A growing log on a disk that may be full for a while.
///
/// Lines that cannot be written wait in memory and follow when there is room. Where they become too
/// many they are given up, and it is known which.
struct LogOnDisk {
  /// Bytes that wait at most.
  static let mostWaiting = 1 << 20

  /// What a write came to, where it is worth a word.
  enum News: Equatable {
    /// It fails, and did not before.
    case fails(SystemError)
    /// It failed and does not any more; these steps' lines were given up.
    case goesOn(missing: ClosedRange<Int>?)
  }

  let path: String
  private var waiting: [UInt8] = []
  private(set) var failure: SystemError?
  /// Steps of lines given up since writing began to fail.
  private var missing: ClosedRange<Int>?
  /// Whether lines were given up at any time.
  private(set) var hasGaps = false

  init(_ path: String) { self.path = path }

  /// Writes what waits, and whole lines after it.
  mutating func write(_ lines: [UInt8], _ files: RecordingEnvironment.Files) -> News? {
    waiting += lines
    guard !waiting.isEmpty else { return nil }
    do throws(SystemError) {
      try files.append(waiting, path)
    } catch {
      let isNew = failure == nil
      failure = error
      if waiting.count > Self.mostWaiting { giveUp() }
      return isNew ? .fails(error) : nil
    }
    waiting = []
    guard failure != nil else { return nil }
    defer { (failure, missing) = (nil, nil) }
    return .goesOn(missing: missing)
  }

  /// Everything that is not on the disk, when nobody will write it any more.
  mutating func giveUp() {
    defer { waiting = [] }
    let ends = [waiting.split(separator: 0x0A).first, LinesFromTheEnd(waiting).first { _ in true }]
      .compactMap { $0.flatMap { try? JSONView($0) }?["step"]?.integer }
    guard let first = ends.first, let last = ends.last else { return }
    let range = min(first, last)...max(first, last)
    missing = missing.map { min($0.lowerBound, first)...max($0.upperBound, last) } ?? range
    hasGaps = true
  }

  /// The steps that are not in the file: `outer step 7`, `outer steps 7 to 12`; nil where none are.
  var missingText: String? { missing.map(Self.text) }

  static func text(_ steps: ClosedRange<Int>) -> String {
    steps.count == 1
      ? "outer step \(steps.lowerBound)"
      : "outer steps \(steps.lowerBound) to \(steps.upperBound)"
  }
}
