import ArgumentParser
import Experiments
import Files
import Glibc
import Kernels
import NCursesTerminal

/// `metatop doctor`: what was found, and what to do about what was not.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract:
      "Check terminal, locale, colours, libraries, cores and every path that is read or written."
  )

  mutating func run() throws {
    let findings = terminal + machine + Self.files(.here)
    let width = findings.map(\.name.count).max() ?? 0
    let text = findings.map { finding in
      let gap = String(repeating: " ", count: width - finding.name.count + 2)
      return "\(finding.mark)  \(finding.name)\(gap)\(finding.text.printable)\n"
    }.joined()
    guard say(Array(text.utf8)) else {
      throw Failure(
        status: Failure.inputOutput,
        sentence: "standard output cannot be written; give it a reader"
      )
    }
  }

  typealias Finding = PathFinding

  // MARK: Terminal

  private var terminal: [Finding] {
    let obstacle = NCursesTerminal.obstacle
    let name = variable("TERM") ?? "unset"
    return [
      Finding(
        name: "terminal",
        text: obstacle?.description ?? "TERM=\(name)",
        isGood: obstacle == nil
      ),
      size, locale, colors,
    ]
  }

  private var size: Finding {
    var window = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0 else {
      return Finding(name: "size", text: "unknown (standard output is not a terminal)")
    }
    let isEnough = window.ws_col >= 40 && window.ws_row >= 12
    return Finding(
      name: "size",
      text: "\(window.ws_col)×\(window.ws_row)"
        + (isEnough ? "" : "; the dashboard needs 40×12: enlarge the window"),
      isGood: isEnough
    )
  }

  private var locale: Finding {
    let wanted = variable("LC_ALL") ?? variable("LC_CTYPE") ?? variable("LANG") ?? "unset"
    setlocale(LC_ALL, "")
    let codeset = String(cString: nl_langinfo(Int32(CODESET)))
    let mentionsUnicode =
      wanted.lowercased().contains("utf-8") || wanted.lowercased().contains("utf8")
    if codeset == "UTF-8" { return Finding(name: "locale", text: "\(wanted), UTF-8") }
    if mentionsUnicode {
      return Finding(
        name: "locale",
        text: "\(wanted) is not installed here; C.UTF-8 is used in its place"
      )
    }
    return Finding(
      name: "locale",
      text:
        "\(wanted) (\(codeset)): drawing falls back to ASCII; set LANG=C.UTF-8 for braille charts",
      isGood: false
    )
  }

  private var colors: Finding {
    if let refusal = colorRefusal(variable) {
      return Finding(name: "colours", text: "none (\(refusal) is set)")
    }
    guard let count = NCursesTerminal.colorCount else {
      return Finding(name: "colours", text: "unknown without a terminal")
    }
    let hint =
      count == 256 ? " (COLORTERM=truecolor in a terminal that can show more)" : ""
    return Finding(
      name: "colours",
      text: count > 256 ? "16 million" : "\(count)\(hint)",
      isGood: count >= 8
    )
  }

  // MARK: Machine

  private var machine: [Finding] {
    let gibibytes = (physicalMemory() / 1_073_741_824 * 10).rounded() / 10
    return [
      Finding(name: "cores", text: "\(availableCores())"),
      Finding(name: "memory", text: "\(gibibytes) GiB"),
      Finding(name: "kernels", text: kernelNames),
      Finding(name: "products", text: blasDescription),
      Finding(name: "version", text: versionLine(commit: BuildCommit.found())),
    ]
  }
}
