import Events
import Kernels
import Testing

@testable import Experiments
@testable import Training

/// What every suite of reference trajectories does: the run that the command line makes, and its session.
enum VectorSession {
  /// The first run of options and of `--set`; data sets are looked for in `roots`.
  static func configuration(
    _ given: [OptionName: String],
    _ settings: [String: String],
    roots: [String]? = nil
  ) throws -> RunConfiguration {
    var options = TrainingOptions()
    for (option, text) in given {
      try options.apply(option, text, origin: "--\(option.rawValue)")
    }
    for (id, text) in settings { try options.apply(setting: id, text, origin: "--set") }
    var resolver = RunResolver(options: options, cores: 2)
    if let roots { resolver.roots = roots }
    var run = try #require(try resolver.configurations().first)
    // At the steps that a trajectory has, whatever they cost.
    run.probeShare = nil
    return run
  }

  static func make(
    _ configuration: RunConfiguration,
    post: @escaping @Sendable (RunEvent) -> Void = { _ in }
  ) throws -> TrainingSession {
    try TrainingSession(
      id: RunID(0),
      configuration: configuration,
      team: WorkerTeam(count: configuration.threads),
      save: { _, _, _ in },
      post: post
    )
  }
}
