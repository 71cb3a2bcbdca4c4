import Experiments
import Recording

/// What a person asked of a sweep, on the command line or in a file.
package struct SweepOptions {
  package var training = TrainingOptions()
  var axes: [SweepAxis] = []
  /// Combinations to draw instead of all of the grid's.
  var random: Int?
  package var seeds = 3
  /// The name of the sweep's folder under `training.out`.
  package var name: String?
  /// The combination that others are compared with, as in `METHOD,inner-lr=0.01`.
  package var baseline: String?
  /// The file that says all this, if any.
  package var file: String?

  /// Keys of a file that only sweeps have.
  package static let keys = ["grid", "random", "seeds", "name", "baseline"]
  static let mostSeeds = 1_000

  package init() {}

  /// Reads a sweep's file: the training options, and its own.
  package init(_ source: ConfigurationFile) throws(ConfigurationError) {
    var own = SweepOptions()
    let training = try source.options(
      { (key, entry) throws(ConfigurationError) in try own.take(key, entry) }
    )
    self = own
    self.training = training
    file = source.path
  }

  private mutating func take(
    _ key: String,
    _ entry: ConfigurationFile.Entry
  ) throws(ConfigurationError) -> Bool {
    switch key {
    case "grid": axes = try Self.axes(entry)
    case "random": random = try Self.whole(entry.text(), 1...SweepPlan.mostRuns, entry.origin)
    case "seeds": seeds = try Self.whole(entry.text(), 1...Self.mostSeeds, entry.origin)
    case "name": name = try Self.folderName(entry.text(), entry.origin)
    case "baseline": baseline = try entry.text()
    default: return false
    }
    return true
  }

  private static func axes(
    _ entry: ConfigurationFile.Entry
  ) throws(ConfigurationError) -> [SweepAxis] {
    var axes: [SweepAxis] = []
    for field in try entry.fields(of: "hyperparameters", example: "inner-lr: [0.1, 0.4]") {
      let (key, value) = (field.key, field.value)
      let texts = value.sequence?.map { $0.scalar?.string } ?? [value.scalar?.string]
      guard texts.allSatisfy({ $0 != nil }) else {
        throw ConfigurationError(
          .badData,
          "\(entry.origin): \(key.string ?? ""): is no list of values; write one such as [0.1, 0.4]"
        )
      }
      axes.append(
        try SweepAxis(
          name: key.string ?? "",
          text: texts.compactMap { $0 }.joined(separator: ","),
          origin: entry.origin
        )
      )
    }
    return axes
  }

  /// Takes in what stands on the command line, which wins.
  package mutating func apply(
    grid: [String],
    random: String?,
    seeds: String?,
    name: String?,
    baseline: String?
  ) throws(ConfigurationError) {
    var own: [SweepAxis] = []
    for argument in grid { own.append(try SweepAxis(argument)) }
    axes.removeAll { axis in own.contains { $0.name == axis.name } }
    axes += own
    if let random { self.random = try Self.whole(random, 1...SweepPlan.mostRuns, "--random") }
    if let seeds { self.seeds = try Self.whole(seeds, 1...Self.mostSeeds, "--seeds") }
    if let name { self.name = try Self.folderName(name, "--name") }
    if let baseline { self.baseline = baseline }
  }

  package static func whole(
    _ text: String,
    _ range: ClosedRange<Int>,
    _ origin: String
  ) throws(ConfigurationError) -> Int {
    do {
      return try wholeNumber(text, range)
    } catch {
      throw SweepAxis.problem(origin, error.reason)
    }
  }

  private static func folderName(
    _ text: String,
    _ origin: String
  ) throws(ConfigurationError) -> String {
    let isSafe = text.allSatisfy {
      $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0))
    }
    guard isSafe, !text.isEmpty, text.count <= 100, !text.hasPrefix("."), !text.hasPrefix("-")
    else {
      throw SweepAxis.problem(
        origin,
        "\"\(text)\" is not allowed; use a folder's name of letters, digits, \".\", \"_\" and \"-\""
      )
    }
    return text
  }
}
