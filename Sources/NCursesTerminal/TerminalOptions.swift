import Glibc

/// What a person or the environment asks of the terminal, whatever it can do.
package struct TerminalOptions: Sendable {
  /// Plain ASCII although the locale could do more (`--ascii`).
  package var forceASCII: Bool
  /// No colour although the terminal has some (`--no-color`, `NO_COLOR`, `CLICOLOR=0`).
  package var noColor: Bool
  /// Clicks and the wheel come as input; the terminal's own text selection then needs Shift.
  package var usesMouse: Bool
  /// The font is said to have braille patterns.
  package var hasBraille = true

  package init(forceASCII: Bool = false, noColor: Bool = false, usesMouse: Bool = true) {
    self.forceASCII = forceASCII
    self.noColor = noColor
    self.usesMouse = usesMouse
  }
}

/// What in the environment asks for no colours, as a person would write it: NO_COLOR, or CLICOLOR=0
/// without CLICOLOR_FORCE; nil where nothing does.
package func colorRefusal(_ variable: (String) -> String?) -> String? {
  if variable("NO_COLOR") != nil { return "NO_COLOR" }
  let isForced = variable("CLICOLOR_FORCE").map { $0 != "0" } ?? false
  return variable("CLICOLOR") == "0" && !isForced ? "CLICOLOR=0" : nil
}

/// An environment variable; an empty one counts as unset, as NO_COLOR and the XDG rules have it.
func environment(_ name: String) -> String? {
  guard let value = getenv(name), value.pointee != 0 else { return nil }
  return String(cString: value)
}
