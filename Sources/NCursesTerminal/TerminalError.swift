/// Why there can be no full-screen terminal; each a sentence that says what would help.
package enum TerminalError: Error, Equatable, CustomStringConvertible {
  case inputIsNotATerminal
  case outputIsNotATerminal
  case terminalTypeIsUnset
  case terminalTypeIsUnknown(String)
  case cursorCannotMove(String)
  /// A system call failed; `reason` is the system's sentence.
  case setupFailed(reason: String)

  package var description: String {
    switch self {
    case .inputIsNotATerminal:
      "standard input is not a terminal: metatop needs one for its dashboard; use `metatop train` "
        + "when there is none"
    case .outputIsNotATerminal:
      "standard output is not a terminal: metatop needs one for its dashboard; use `metatop train` "
        + "when there is none"
    case .terminalTypeIsUnset:
      "TERM is not set, so the terminal's abilities are unknown; set it (for example "
        + "TERM=xterm-256color) or use `metatop train`"
    case .terminalTypeIsUnknown(let name):
      "TERM=\(name) is not in this machine's terminfo database; set one that is (for example "
        + "TERM=xterm-256color) or use `metatop train`"
    case .cursorCannotMove(let name):
      "TERM=\(name) says that the terminal cannot move its cursor, which the dashboard needs; "
        + "use `metatop train` there"
    case .setupFailed(let reason):
      "the terminal could not be set up: \(reason); use `metatop train` to go without"
    }
  }
}
