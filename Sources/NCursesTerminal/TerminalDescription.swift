import CNCurses
import CellGrid
import Glibc

/// What the terminfo database says about the terminal, asked once before the screen goes up.
struct TerminalDescription {
  let name: String
  /// The description with 16 million colours, as a value of TERMINFO, if those can be shown.
  let directColor: String?
  let pairLimit: Int
  let colorCount: Int
  /// Brings the terminal back to its normal screen, from whatever state a crash left it in.
  let restoreSequence: String
  /// Erases the screen's last line where the terminal has no second screen to leave; else empty.
  let eraseLastLine: String
  /// Sequences of the keys that the database names.
  let keys: [[UInt8]: Key]
  /// Terminal emulators know private modes (paste, mouse, synchronised output) or ignore them;
  /// consoles and real VTs may print them.
  let isEmulator: Bool
  /// Curses fills the last corner by inserting there; see `WindowPainter`.
  let cornerIsInserted: Bool

  init(output: Int32) throws(TerminalError) {
    guard let asked = environment("TERM") else { throw .terminalTypeIsUnset }
    var status: Int32 = 0
    var name = asked
    if asked == "xterm", Self.showsAnyColor(asked, environment),
      setupterm("xterm-256color", output, &status) == OK
    {
      // Some set the oldest name for terminals that say otherwise that they show any colour.
      name = "xterm-256color"
    } else if setupterm(name, output, &status) != OK {
      // Newer terminals than the database nearly all understand what the commonest does.
      name = "xterm-256color"
      let isName = asked.allSatisfy {
        $0.isASCII && ($0.isLetter || $0.isNumber || "-+._".contains($0))
      }
      guard isName, !asked.hasPrefix("dumb"), setupterm(name, output, &status) == OK else {
        throw .terminalTypeIsUnknown(asked)
      }
    }
    // newterm() makes its own copy; this one is only for asking.
    defer { del_curterm(set_curterm(nil)) }
    guard nc_string("cup") != nil else { throw .cursorCannotMove(name) }
    self.name = name
    colorCount = max(Int(nc_number("colors")), 0)
    pairLimit = max(Int(nc_number("pairs")), 0)
    let isDirect = nc_number("colors") == 256 && Self.showsAnyColor(name, environment)
    directColor = isDirect ? DirectColorEntry.terminfo(named: name) : nil
    isEmulator = !Self.consoles.contains { name.hasPrefix($0) }
    cornerIsInserted = nc_string("smam") == nil || nc_string("rmam") == nil
    keys = Self.namedKeys()
    let leave = Self.unpadded("rmcup") ?? "\r\n"
    eraseLastLine = nc_string("rmcup") == nil ? "\r" + (Self.unpadded("el") ?? "\n") : ""
    let modes = isEmulator ? "\u{1B}[?2026l" + PrivateModes.off : ""
    let cancel = "\u{18}"  // ends a sequence that a crash cut short
    let plain = Self.unpadded("sgr0") ?? ""
    restoreSequence = cancel + modes + plain + (Self.unpadded("cnorm") ?? "") + leave
  }

  /// COLORTERM is how terminals say so; GNU screen passes it on without being able to.
  static func showsAnyColor(_ name: String, _ variable: (String) -> String?) -> Bool {
    guard ["truecolor", "24bit"].contains(variable("COLORTERM")?.lowercased()) else { return false }
    return !name.hasPrefix("screen") || variable("TMUX") != nil
  }

  private static let consoles = [
    "linux", "vt", "cons", "sun", "ansi", "pcansi", "hurd", "mach", "wsvt", "cygwin",
  ]

  /// A capability without its `$<5>` padding, which only tputs() understands.
  private static func unpadded(_ capability: String) -> String? {
    guard let value = nc_string(capability) else { return nil }
    var text = Substring(String(cString: value))
    var result = ""
    while let start = text.firstRange(of: "$<"),
      let end = text[start.upperBound...].firstIndex(of: ">")
    {
      result += text[..<start.lowerBound]
      text = text[text.index(after: end)...]
    }
    return result + text
  }

  private static func namedKeys() -> [[UInt8]: Key] {
    let capabilities: [(String, Key)] =
      [
        ("kcuu1", .up), ("kcud1", .down), ("kcub1", .left), ("kcuf1", .right), ("kpp", .pageUp),
        ("knp", .pageDown), ("khome", .home), ("kend", .end), ("kdch1", .delete),
        ("kcbt", .backTab),
        ("kent", .enter),
      ] + (1...12).map { ("kf\($0)", .function($0)) }
    var keys: [[UInt8]: Key] = [:]
    for (capability, key) in capabilities {
      guard let value = nc_string(capability) else { continue }
      let sequence = Array(String(cString: value).utf8)
      if sequence.count > 1, sequence.first == escape { keys[sequence] = key }
    }
    return keys
  }
}

/// Modes that terminfo has no names for, switched by writing to the terminal directly.
///
/// Curses flushes its own buffer with write(2), so these arrive in order; putp() would not.
enum PrivateModes {
  static let pasteOn = "\u{1B}[?2004h"
  static let mouseOn = "\u{1B}[?1000h\u{1B}[?1002h\u{1B}[?1006h"
  static let off = "\u{1B}[?1006l\u{1B}[?1002l\u{1B}[?1000l\u{1B}[?2004l"
  static let frameBegins = "\u{1B}[?2026h"
  static let frameEnds = "\u{1B}[?2026l"
}

func writeAll(_ text: String, to descriptor: Int32) {
  var text = text
  text.withUTF8 { bytes in
    var rest = UnsafeRawBufferPointer(bytes)
    while let start = rest.baseAddress, !rest.isEmpty {
      let count = write(descriptor, start, rest.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
    }
  }
}
