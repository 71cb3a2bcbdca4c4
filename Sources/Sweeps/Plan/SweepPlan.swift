import Experiments
import Files
import Recording
import Training

/// Every run of a sweep: what `sweep.json` holds, so that it can be gone on with anywhere.
package struct SweepPlan: Equatable {
  /// More are a mistake, or take longer than anybody waits.
  static let mostRuns = 10_000

  /// One method with everything that its runs have in common.
  package struct Method: Equatable {
    package let id: String
    package let name: String
    /// Options by their names on the command line, defaults filled in.
    package let options: [String: String]
    /// Hyperparameters that are set for all runs.
    package let settings: [Setting]
    /// The values that the swept hyperparameters have otherwise.
    let usual: [Setting]
  }

  package struct Setting: Equatable, Hashable {
    package let id: String
    package let text: String

    package init(id: String, text: String) { (self.id, self.text) = (id, text) }
  }

  /// A method at one combination of values.
  package struct Combination: Equatable, Hashable {
    package let method: String
    package let values: [Setting]

    package init(method: String, values: [Setting]) {
      self.method = method
      self.values = values
    }
  }

  package struct Run: Equatable {
    /// From 1 on.
    package let index: Int
    package let combination: Combination
    package let seed: UInt64
    /// The name of its directory in the sweep's.
    package let folder: String
  }

  package var name: String
  package let methods: [Method]
  /// Names of the swept hyperparameters, in the order they were given.
  let axes: [String]
  let random: Int?
  package let seeds: [UInt64]
  package let runs: [Run]
  /// The number of outer steps of all runs together.
  package let steps: Int
  package var baseline: String?
  /// What all runs are trained on; empty in a plan that was read back.
  package var data = RunData()

  /// Each once, in the order of their first runs.
  package let combinations: [Combination]
  /// Identifiers of the swept hyperparameters, whichever methods have them.
  let ids: [String]

  package init(
    name: String,
    methods: [Method],
    axes: [String],
    random: Int?,
    seeds: [UInt64],
    runs: [Run],
    steps: Int,
    baseline: String? = nil
  ) {
    self.name = name
    self.methods = methods
    self.axes = axes
    self.random = random
    self.seeds = seeds
    self.runs = runs
    self.steps = steps
    self.baseline = baseline
    var seen: Set<Combination> = []
    combinations = runs.map(\.combination).filter { seen.insert($0).inserted }
    ids = combinations.flatMap { $0.values.map(\.id) }
      .reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  package func method(_ id: String) -> Method? { methods.first { $0.id == id } }

  /// The combination in words: `METHOD, inner-lr 0.1, outer-lr 0.01`.
  package func words(_ combination: Combination) -> String {
    let name = method(combination.method)?.name ?? combination.method
    return ([name] + combination.values.map { "\($0.id) \($0.text)" }).joined(separator: ", ")
  }
}

extension SweepPlan {
  // MARK: One run

  /// What makes the run.
  package func options(_ run: Run) throws(ConfigurationError) -> TrainingOptions {
    guard let method = method(run.combination.method) else {
      throw ConfigurationError(.badData, "sweep: \(name) has no method \(run.combination.method)")
    }
    var options = TrainingOptions()
    options.takesFirstSize = method.options[OptionName.split.rawValue] == nil
    for (key, text) in method.options.sorted(by: { $0.key < $1.key }) {
      guard let option = OptionName(rawValue: key) else {
        throw ConfigurationError(.badData, "sweep: \(key) is no option of this version")
      }
      do {
        try options.apply(option, text, origin: "sweep: \(key)")
      } catch {
        throw ConfigurationError(.badData, "sweep: \(key): \(error.reason)")
      }
    }
    options.seed = run.seed
    for value in method.settings + run.combination.values {
      options.set.append(.init(method: nil, id: value.id, text: value.text, origin: "sweep"))
    }
    return options
  }

  // MARK: Baseline

  /// The combination that `text` (`METHOD,inner-lr=0.01`) names.
  package func baseline(
    _ text: String,
    origin: String
  ) throws(ConfigurationError) -> Combination {
    let parts = text.split(separator: ",").map(String.init)
    let method = parts.first { !$0.contains("=") }?.lowercased()
    let values = parts.filter { $0.contains("=") }.map { part in
      let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return Setting(id: String(sides[0]), text: String(sides[1]))
    }
    let fitting = combinations.filter { combination in
      (method == nil || combination.method == method)
        && values.allSatisfy { value in
          combination.values.contains { $0.id == value.id && Self.isSame($0.text, value.text) }
        }
    }
    guard fitting.count == 1, let first = fitting.first else {
      let example = combinations.first.map { combination in
        ([combination.method] + combination.values.map { "\($0.id)=\($0.text)" })
          .joined(separator: ",")
      }
      throw ConfigurationError(
        .usage,
        "\(origin): \"\(text)\" names \(fitting.isEmpty ? "no" : "\(fitting.count)") combinations of "
          + "this sweep; name one, as in \(example ?? "")"
      )
    }
    return first
  }

  private static func isSame(_ first: String, _ second: String) -> Bool {
    first == second || (Double(first) != nil && Double(first) == Double(second))
  }

  /// The given baseline; else the combination with the usual values, or the first.
  var comparedWith: Combination? {
    if let baseline, let named = try? self.baseline(baseline, origin: "") { return named }
    let usual = combinations.first { combination in
      let values = method(combination.method)?.usual ?? []
      return combination.values.allSatisfy { values.contains($0) }
    }
    return usual ?? combinations.first
  }
}
