/// Which checkpoint of a run directory is meant.
package enum CheckpointKind: Sendable, Hashable {
  /// The parameters as they are now (of a diverged run: the last finite ones).
  case last
  /// Those with the best meta-validation so far: the highest accuracy, in regression the lowest
  /// loss.
  case best
  /// Those after an outer step, where they were kept.
  case step(Int)

  /// Reads what a person writes: `last`, `best`, or an outer step as in `500` or `step-000500`.
  package init?(_ text: String) {
    switch text {
    case "last": self = .last
    case "best": self = .best
    default:
      let digits = text.hasPrefix(Self.prefix) ? text.dropFirst(Self.prefix.count) : text[...]
      guard let step = Int(digits), step > 0, digits.first != "+" else { return nil }
      self = .step(step)
    }
  }

  /// How people write it.
  package var text: String {
    switch self {
    case .last: "last"
    case .best: "best"
    case .step(let step): "\(step)"
    }
  }

  /// What kind of a checkpoint it is, in a word before that.
  package var title: String { if case .step = self { "kept" } else { text } }

  private static let prefix = "step-"
  private static let suffix = ".safetensors"

  /// `step-000500.safetensors`: files of up to a million steps stand in their order.
  var fileName: String {
    guard case .step(let step) = self else { return text + Self.suffix }
    let digits = String(step)
    return Self.prefix + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
      + Self.suffix
  }

  /// The kept checkpoint that a file's name says; nil for any other file.
  init?(keptAs name: String) {
    guard name.hasPrefix(Self.prefix), name.hasSuffix(Self.suffix),
      let kind = Self(String(name.dropLast(Self.suffix.count))), kind.fileName == name
    else { return nil }
    self = kind
  }
}
