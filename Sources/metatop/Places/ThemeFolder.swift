import CellGrid
import Dashboard
import Files
import Glibc

/// The looks that were found: the user's own, and those that ship with metatop.
struct ThemeFolder {
  private(set) var themes: [Theme] = []
  /// Where each of `themes` is from: a folder, or nil for those in the binary.
  private(set) var origins: [String?] = []
  /// Files that are not themes; told by `metatop doctor` and when one is asked for by name.
  private(set) var errors: [ThemeError] = []

  static func found(_ places: Places = .here) -> Self {
    Self(folders: places.folders(of: .themes), shipped: ShippedThemes.all)
  }

  /// The first folder with a theme of a name wins; what is in the binary comes last.
  init(folders: [String], shipped: [(name: String, bytes: [UInt8])]) {
    for folder in folders where access(folder, R_OK | X_OK) == 0 {
      for name in Self.names(in: folder) where isNew(name) {
        do throws(ThemeError) {
          add(try Theme.load(file: "\(folder)/\(name).yaml"), from: folder)
        } catch {
          errors.append(error)
        }
      }
    }
    for (name, bytes) in shipped where isNew(name) {
      do throws(ThemeError) {
        add(try Theme.parse(String(decoding: bytes, as: UTF8.self), name: name), from: nil)
      } catch {
        errors.append(error)
      }
    }
  }

  private func isNew(_ name: String) -> Bool { !themes.contains { $0.name == name } }

  private mutating func add(_ theme: Theme, from folder: String?) {
    themes.append(theme)
    origins.append(folder)
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
    if Self.isPath(name) { return try Theme.load(file: SystemFile.expanded(name)) }
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
}
