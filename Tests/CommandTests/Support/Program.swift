import Experiments
import Foundation
import Glibc
import TestSupport
import VirtualTerminal

/// `metatop` started without a terminal, with its output in files.
struct Program {
  let status: Int32
  let output: String
  let errors: String

  /// The lines of standard error, its last line end left out.
  var complaints: [String] {
    errors.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
  }

  /// Runs the program to its end; a program that hangs is killed, and shows as status 137.
  static func run(
    _ arguments: [String],
    in folder: TemporaryFolder,
    environment: [String: String] = ["LC_ALL": "C.UTF-8"],
    shell: String = "exec \"$@\""
  ) throws -> Program {
    let started = try Started(arguments, in: folder, environment: environment, shell: shell)
    return try started.end()
  }

  /// A program that runs meanwhile.
  final class Started {
    private let process = Process()
    private let ended = DispatchSemaphore(value: 0)
    private let words: TemporaryFolder
    private let files: (output: String, errors: String)

    /// Starts it; `shell` is what a shell does with the program and its arguments in `"$@"`.
    init(
      _ arguments: [String],
      in folder: TemporaryFolder,
      environment: [String: String] = ["LC_ALL": "C.UTF-8"],
      shell: String = "exec \"$@\""
    ) throws {
      words = try TemporaryFolder()
      files = (words / "output", words / "errors")
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-c", shell, "sh", builtExecutable("metatop")] + arguments
      process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
      process.environment = environment
      process.standardInput = FileHandle.nullDevice
      let handles = [try Self.file(files.output), try Self.file(files.errors)]
      process.standardOutput = handles[0]
      process.standardError = handles[1]
      process.terminationHandler = { [ended] _ in ended.signal() }
      try process.run()
      // The program has its own. Nothing else closes them, and with some 1,360 of them open
      // Foundation reads beyond the list of descriptors that it goes through before it starts one.
      for handle in handles { try handle.close() }
    }

    private static func file(_ path: String) throws -> FileHandle {
      try Data().write(to: URL(fileURLWithPath: path))
      return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Everything it has said on standard error so far.
    var errors: String { (try? String(contentsOfFile: files.errors, encoding: .utf8)) ?? "" }

    /// Waits until it has said so on standard error; false when that has not come in so many
    /// seconds.
    func says(_ words: String, within seconds: Double = 120) -> Bool {
      let watch = inotify_init()
      defer { close(watch) }
      inotify_add_watch(watch, files.errors, UInt32(IN_MODIFY))
      let end = Date().addingTimeInterval(seconds)
      // Looked at after the watch has begun, so that nothing is missed between the two.
      while !errors.contains(words) {
        var request = pollfd(fd: watch, events: Int16(POLLIN), revents: 0)
        let left = Int32(max(end.timeIntervalSinceNow, 0) * 1000)
        guard poll(&request, 1, left) > 0 else { return errors.contains(words) }
        var events = [UInt8](repeating: 0, count: 4096)
        guard read(watch, &events, events.count) > 0 else { return false }
      }
      return true
    }

    /// Waits for its end, and kills it if that has not come after so many seconds.
    func end(killedAfter seconds: Double = 300) throws -> Program {
      if ended.wait(timeout: .now() + seconds) == .timedOut {
        process.terminationHandler = nil
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
      }
      let isSignal = process.terminationReason == .uncaughtSignal
      return Program(
        status: isSignal ? 128 + process.terminationStatus : process.terminationStatus,
        output: try String(contentsOfFile: files.output, encoding: .utf8),
        errors: try String(contentsOfFile: files.errors, encoding: .utf8)
      )
    }
  }
}
