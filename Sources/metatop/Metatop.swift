import ArgumentParser
import Events
import Experiments
import Files
import Glibc
import MetaLearning
import Recording

/// The front door: the dashboard, and the commands beside it.
@main
struct Metatop: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "metatop",
    abstract: "Train meta-learning methods side by side, and watch while it happens.",
    discussion: """
      Without a command the dashboard opens and training starts at once; `metatop help dashboard` \
      lists its options, for example `metatop --methods \(MethodCatalog.twoNames) --shot 5 --set inner-lr=0.02`.
      """,
    version: versionLine(commit: BuildCommit.found()),
    subcommands: [
      DashboardCommand.self, TrainCommand.self, EvaluateCommand.self, CompareCommand.self,
      RunsCommand.self, RecipeCommand.self,
      SweepCommand.self, TransferCommand.self, ExportCommand.self, ReplayCommandLine.self,
      AttachCommand.self,
      MethodsCommand.self, DataCommand.self, ThemesCommand.self,
      DoctorCommand.self, ManualCommand.self,
    ],
    defaultSubcommand: DashboardCommand.self
  )

  /// Every failure is one sentence on standard error and an exit status of its own.
  static func main() {
    signal(SIGPIPE, SIG_IGN)
    occupyStandardDescriptors()
    let arguments: ExpandedArguments
    do throws(ConfigurationError) {
      arguments = try ExpandedArguments(Array(CommandLine.arguments.dropFirst()))
    } catch {
      end(with: Failure(error))
    }
    do {
      var command = try parseAsRoot(arguments.arguments)
      try command.run()
    } catch let failure as Failure {
      end(with: arguments.located(failure))
    } catch {
      guard exitCode(for: error) != .success else { exit(withError: error) }
      if let code = error as? ExitCode { Glibc.exit(code.rawValue) }
      let told = misspelt(arguments.arguments[...]) ?? sentence(message(for: error))
      complain("metatop: \(told); see `metatop --help`")
      Glibc.exit(exitCode(for: error).rawValue)
    }
  }

  private static func end(with failure: Failure) -> Never {
    complain("metatop: \(failure.sentence)")
    Glibc.exit(failure.status)
  }

  /// What to say of a word in a command's place that is none, where one is written like it.
  private static func misspelt(
    _ words: ArraySlice<String>,
    of commands: [any ParsableCommand.Type] = Metatop.configuration.subcommands
  ) -> String? {
    guard let word = words.first, !word.hasPrefix("-") else { return nil }
    if let known = commands.first(where: { $0._commandName == word }) {
      return misspelt(words.dropFirst(), of: known.configuration.subcommands)
    }
    return word.nearest(among: commands.map { $0._commandName }) { _ in min(2, word.count / 2) }
      .map { "there is no command '\(word)' (did you mean '\($0)'?)" }
  }

  /// The argument parser's message as the beginning of one sentence.
  private static func sentence(_ message: String) -> String {
    let line = message.split(whereSeparator: \.isNewline).joined(separator: " ")
    let parts = line.split(separator: ". Did you mean ", maxSplits: 1)
    let hint = parts.count == 2 ? " (did you mean \(parts[1]))" : ""
    return (parts.first ?? "").prefix(1).lowercased() + (parts.first ?? "").dropFirst() + hint
  }
}
