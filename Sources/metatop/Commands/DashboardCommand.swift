import ArgumentParser

/// `metatop`: the dashboard; training starts at once.
struct DashboardCommand: RunCommand {
  static let configuration = CommandConfiguration(
    commandName: "dashboard",
    abstract: "Train with the full screen (what metatop does without a command)."
  )

  @OptionGroup var common: CommonOptions
  @OptionGroup var images: DataSetOptions
  @OptionGroup var runs: RunOptions
  @OptionGroup var data: RecordedDataOptions
  @OptionGroup var screen: ScreenOptions

  mutating func run() throws {
    guard try !printed() else { return }
    try screen.check()
    try screen.show(
      try prepare(isWatched: true),
      isReplaceable: true,
      others: try others()
    )
  }
}
