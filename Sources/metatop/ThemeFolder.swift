import CellGrid
import Dashboard
import Glibc
import Tasks

/// The looks that were found: those that ship with metatop, then the user's own.
struct ThemeFolder {
  private(set) var themes: [Theme] = []
  /// Files that are not themes; told by `metatop doctor` and when one is asked for by name.
  private(set) var errors: [ThemeError] = []
  let folders: [String]

  static func found() -> Self { Self(folders: standardFolders) }

  init(folders: [String]) {
    self.folders = folders.filter { access($0, R_OK | X_OK) == 0 }
    for folder in self.folders {
      for name in Self.names(in: folder) where !themes.contains(where: { $0.name == name }) {
        do throws(ThemeError) {
          themes.append(try Theme.load(file: "\(folder)/\(name).yaml"))
        } catch {
          errors.append(error)
        }
      }
    }
  }

  /// The theme a person asked for: a name, a file's path, or `auto`.
  func theme(
    named name: String,
    colors: Int,
    environment: (String) -> String?
  ) throws(ThemeError)
    -> Theme
  {
    if name == "auto" { return automatic(colors: colors, environment) }
    if Self.isPath(name) { return try Theme.load(file: name) }
    if let theme = themes.first(where: { $0.name == name }) { return theme }
    if name == Theme.terminal.name { return .terminal }
    if let error = errors.first(where: { $0.file.hasSuffix("/\(name).yaml") }) { throw error }
    let known = themes.map(\.name).sorted().joined(separator: ", ")
    throw ThemeError(
      file: name,
      line: nil,
      problem: "there is no such theme; use auto, a theme's file"
        + (known.isEmpty ? "" : ", or one of \(known)")
    )
  }

  /// Whether a person means a file, not a name.
  static func isPath(_ name: String) -> Bool { name.hasSuffix(".yaml") || name.contains("/") }

  /// The terminal's own colours where there are few; else the dark look, or the light one where
  /// the terminal says that its background is light.
  private func automatic(colors: Int, _ environment: (String) -> String?) -> Theme {
    guard colors >= 256 else { return .terminal }
    let background = environment("COLORFGBG")?.split(separator: ";").last.map(String.init)
    let isLight = background == "7" || background == "15"
    return themes.first { $0.name == (isLight ? "metatop-light" : "metatop-dark") } ?? .terminal
  }

  private static func names(in folder: String) -> [String] {
    SystemFile.names(in: folder).filter { $0.hasSuffix(".yaml") && !$0.hasPrefix(".") }
      .map { String($0.dropLast(5)) }.sorted()
  }

  // MARK: Where looks are

  /// The user's own first, then beside the program, then the working directory.
  private static var standardFolders: [String] {
    var folders: [String] = []
    if let base = variable("XDG_CONFIG_HOME") ?? variable("HOME").map({ $0 + "/.config" }) {
      folders.append(base + "/metatop/themes")
    }
    if let program = programFolder {
      folders.append(program + "/../share/metatop/themes")
      folders.append(program + "/themes")
      folders += (1...4).map { program + String(repeating: "/..", count: $0) + "/themes" }
    }
    return folders + ["themes"]
  }
}

/// The folder that the running program lies in.
var programFolder: String? {
  var path = [CChar](repeating: 0, count: 4096)
  let count = readlink("/proc/self/exe", &path, path.count - 1)
  guard count > 0 else { return nil }
  let text = String(decoding: path[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  return text.lastIndex(of: "/").map { String(text[..<$0]) }
}

/// An environment variable that is set and not empty.
func variable(_ name: String) -> String? {
  guard let value = getenv(name), value.pointee != 0 else { return nil }
  return String(cString: value)
}
