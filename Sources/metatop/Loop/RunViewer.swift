import Glibc

/// Recorded runs in another metatop on this terminal, until the person leaves it.
struct RunViewer {
  /// How to draw, as on a command line.
  let options: [String]

  /// Seconds between two looks at whether it has ended: what a person waits for, not a machine.
  private static let patience = 0.05

  /// Shows the runs, beginning with an action where one is named; says what went wrong, or nil.
  ///
  /// The terminal must have been given back. A signal that ends this program ends the other first
  /// and is left for the caller in `ending`.
  func show(
    _ runs: [String],
    _ action: String?,
    sources: LoopSources,
    ending: inout Int32?
  ) -> String? {
    let beginning = ["--inside-sweep"] + (action.map { ["--begin-with=\($0)"] } ?? [])
    guard let id = start(["metatop", "attach"] + options + beginning + ["--"] + runs) else {
      return "another metatop cannot be started (\(String(cString: strerror(errno))))"
    }
    var status: Int32 = 0
    while true {
      let changed = waitpid(id, &status, WNOHANG | WUNTRACED)
      if changed == id, status & 0xff == 0x7f {
        // Suspended: nobody could continue it, because the shell waits for this program.
        kill(id, SIGCONT)
      } else if changed == id || (changed < 0 && errno != EINTR) {
        break
      }
      guard sources.wait(.signals, Self.patience).contains(.signals) else { continue }
      if let end = sources.takeSignals().exitStatus {
        ending = end
        kill(id, SIGTERM)
      }
    }
    let code = status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
    return code == 0 ? nil : "the runs could not be shown: metatop attach ended with status \(code)"
  }

  private func start(_ words: [String]) -> pid_t? {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    let arguments = words.map { strdup($0) } + [nil]
    defer { for word in arguments { free(word) } }
    var id = pid_t()
    errno = posix_spawn(&id, "/proc/self/exe", nil, &attributes, arguments, environ)
    return errno == 0 ? id : nil
  }
}
