import ArgumentParser
import Glibc

/// The front door: the dashboard, and the commands beside it.
@main
struct Metatop: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "metatop",
    abstract: "Meta-train MAML, CML and MetaPerturb side by side, and watch while it happens.",
    discussion: "Without a command the dashboard opens and training starts at once.",
    version: version,
    subcommands: [
      DashboardCommand.self, TrainCommand.self, DataCommand.self, DoctorCommand.self,
    ],
    defaultSubcommand: DashboardCommand.self
  )

  /// Every failure is one sentence on standard error and an exit status of its own.
  static func main() {
    signal(SIGPIPE, SIG_IGN)
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let failure as Failure {
      complain("metatop: \(failure.sentence)")
      Glibc.exit(failure.status)
    } catch {
      guard exitCode(for: error) != .success else { exit(withError: error) }
      if let code = error as? ExitCode { Glibc.exit(code.rawValue) }
      complain("metatop: \(message(for: error)); see `metatop --help`".oneLine)
      Glibc.exit(exitCode(for: error).rawValue)
    }
  }
}

/// A sentence for standard error, and the exit status that goes with it.
struct Failure: Error {
  let status: Int32
  let sentence: String

  static let usage: Int32 = 64
  static let badData: Int32 = 65
  static let inputOutput: Int32 = 74
}

extension String {
  /// The text with line breaks as spaces.
  fileprivate var oneLine: String {
    split(whereSeparator: \.isNewline).joined(separator: " ")
  }
}
