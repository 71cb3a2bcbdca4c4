import Recording

extension TrainingOptions {
  /// Takes in options of the command line as they were written.
  package mutating func apply(
    _ given: [(OptionName, String?)],
    settings: [String]
  ) throws(ConfigurationError) {
    for (name, text) in given {
      guard let text else { continue }
      do {
        try apply(name, text, origin: "--\(name.rawValue)")
      } catch {
        throw ConfigurationError(.usage, "--\(name.rawValue): \(error.reason)")
      }
    }
    for setting in settings {
      let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      do {
        let text = parts.count == 2 ? String(parts[1]) : ""
        try apply(setting: String(parts[0]), text, origin: "--set")
      } catch {
        throw ConfigurationError(.usage, "--set: \(error.reason)")
      }
    }
  }
}
