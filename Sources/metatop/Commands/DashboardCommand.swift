import ArgumentParser

/// `metatop`: the dashboard; training starts at once.
struct DashboardCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dashboard",
    abstract: "Train with the full screen (what metatop does without a command)."
  )

  @OptionGroup var runs: RunOptions
  @OptionGroup var screen: ScreenOptions

  mutating func run() throws {
    guard try !runs.printed(Self.self) else { return }
    try screen.check()
    try screen.show(
      try runs.prepare(isWatched: true),
      isReplaceable: true,
      others: try runs.others(Self.self)
    )
  }
}
