import Recording
import Training

extension DivergencePolicy {
  /// What `--on-divergence` names; only where somebody watches can one go on after a pause.
  package init(named text: String, isWatched: Bool) throws(ConfigurationError) {
    let policies = Self.allCases.filter { isWatched || $0 != .pause }
    guard let policy = policies.first(where: { $0.rawValue == text }) else {
      let known = policies.map(\.rawValue).joined(separator: ", ")
      let reason =
        text == Self.pause.rawValue
        ? "nobody could go on after a pause without a screen"
        : "\"\(text.printable)\" is not allowed"
      throw ConfigurationError(.usage, "--on-divergence: \(reason); use \(known)")
    }
    self = policy
  }
}
