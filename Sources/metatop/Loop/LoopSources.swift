import CTermGuard
import Glibc
import Kernels
import NCursesTerminal

/// Signals that came since they were last taken.
struct Signals: OptionSet {
  let rawValue: UInt32

  /// Ctrl-C at the terminal, which the dashboard takes for a key.
  static let typedInterrupt = Self(rawValue: 1)
  static let interrupt = Self(rawValue: 1 << UInt32(SIGINT))
  static let terminate = Self(rawValue: 1 << UInt32(SIGTERM))
  static let hangUp = Self(rawValue: 1 << UInt32(SIGHUP))
  static let quit = Self(rawValue: 1 << UInt32(SIGQUIT))
  static let resize = Self(rawValue: 1 << UInt32(SIGWINCH))
  static let stop = Self(rawValue: 1 << UInt32(SIGTSTP))
  static let `continue` = Self(rawValue: 1 << UInt32(SIGCONT))

  /// 128 + the signal's number, as shells report it, if one of these ends the program.
  var exitStatus: Int32? {
    let ending: [(Self, Int32)] = [
      (.hangUp, SIGHUP), (.terminate, SIGTERM), (.interrupt, SIGINT), (.quit, SIGQUIT),
      (.init(rawValue: 1 << UInt32(SIGUSR1)), SIGUSR1),
      (.init(rawValue: 1 << UInt32(SIGUSR2)), SIGUSR2),
      (.init(rawValue: 1 << UInt32(SIGALRM)), SIGALRM),
    ]
    return ending.first { contains($0.0) }.map { 128 + $0.1 }
  }
}

/// What can end the main loop's wait.
struct LoopReadiness: OptionSet {
  let rawValue: Int

  static let input = Self(rawValue: 1)
  static let signals = Self(rawValue: 2)
  static let wake = Self(rawValue: 4)
  /// The terminal takes more output.
  static let output = Self(rawValue: 8)
}

/// The process around the main loop: its clock, its waits, its signals.
struct LoopSources {
  /// Seconds on a clock that never jumps.
  var now: () -> Double
  /// Waits for any of the sources, or for so many seconds.
  var wait: (_ sources: LoopReadiness, _ seconds: Double) -> LoopReadiness
  var takeSignals: () -> Signals
  var clearWakes: () -> Void
  /// Stops the process until it is continued.
  var stop: () -> Void

  /// Those of this process; the terminal has installed the signal handlers by then.
  static var process: Self {
    Self(
      now: monotonicSeconds,
      wait: waitForDescriptors,
      takeSignals: { Signals(rawValue: term_guard_take_signals()) },
      clearWakes: term_guard_clear_wakes,
      stop: { kill(getpid(), SIGSTOP) }
    )
  }
}

extension LoopSources {
  /// The same for lines: what is at its end is not waited for, and what nobody reads ends the loop.
  static func plain(_ terminal: PlainTerminal) -> Self {
    var sources = process
    let wait = sources.wait
    sources.wait = { awaited, seconds in
      if terminal.isClosed { return .input }
      return wait(terminal.isAtEnd ? awaited.subtracting(.input) : awaited, seconds)
    }
    return sources
  }
}

private func waitForDescriptors(_ sources: LoopReadiness, _ seconds: Double) -> LoopReadiness {
  let all: [(LoopReadiness, Int32, Int32)] = [
    (.input, STDIN_FILENO, POLLIN),
    (.signals, term_guard_signal_descriptor(), POLLIN),
    (.wake, term_guard_wake_descriptor(), POLLIN),
    (.output, STDOUT_FILENO, POLLOUT),
  ]
  // A negative descriptor is skipped by poll().
  var requests = all.map { source, descriptor, events in
    pollfd(fd: sources.contains(source) ? descriptor : -1, events: Int16(events), revents: 0)
  }
  let milliseconds = Int32(max(seconds * 1000, 0).rounded(.up))
  guard poll(&requests, nfds_t(requests.count), milliseconds) > 0 else { return [] }
  return zip(all, requests).reduce(into: []) { ready, pair in
    if pair.1.revents != 0 { ready.insert(pair.0.0) }
  }
}

private func monotonicSeconds() -> Double {
  var now = timespec()
  clock_gettime(CLOCK_MONOTONIC, &now)
  return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
}
