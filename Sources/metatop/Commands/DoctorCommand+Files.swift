import Files
import Glibc
import Tasks

/// Every path that metatop reads or writes, and what is there.
extension DoctorCommand {
  static func files(_ places: Places, directory: String = ".") -> [Finding] {
    settings(places) + themes(places) + data(places) + [runs(directory)]
  }

  // MARK: Settings

  private static func settings(_ places: Places) -> [Finding] {
    let files = UserFiles.found(places)
    let variables = places.unusable.map { name in
      Finding(
        name: "variable",
        text: "\(name) holds a path that is not absolute and is passed over; begin it with /",
        isGood: false
      )
    }
    return variables + [
      read("configuration", places.configuration, missing: "nothing needs it"),
      read("keys", files.keys, missing: "the standard keys hold"),
      written("state", places.state), written("view", files.view),
      written("recent", files.recent),
    ]
  }

  private static let homeless = "none; HOME is not set to an absolute path"

  /// What is read where it is there.
  private static func read(_ name: String, _ path: String?, missing: String) -> Finding {
    guard let path else { return Finding(name: name, text: homeless, isGood: false) }
    guard access(path, F_OK) == 0 else {
      return Finding(name: name, text: "\(path) (not there; \(missing))")
    }
    let isGood = access(path, R_OK) == 0
    let state = isGood ? "there, can be read" : "cannot be read; change its permissions"
    return Finding(name: name, text: "\(path) (\(state))", isGood: isGood)
  }

  /// What is made when it is needed, and read again.
  private static func written(_ name: String, _ path: String?) -> Finding {
    guard let path else { return Finding(name: name, text: homeless, isGood: false) }
    if access(path, F_OK) == 0 {
      let isGood = access(path, R_OK | W_OK) == 0
      let state = isGood ? "there, can be written" : "cannot be written; change its permissions"
      return Finding(name: name, text: "\(path) (\(state))", isGood: isGood)
    }
    guard let obstacle = obstacle(toMaking: path) else {
      return Finding(name: name, text: "\(path) (not there yet, can be made)")
    }
    let state =
      "cannot be made: \(obstacle) is no folder that can be written; "
      + "move it or change its permissions"
    return Finding(name: name, text: "\(path) (\(state))", isGood: false)
  }

  /// The nearest thing that is there above a path, when nothing can be made in it.
  private static func obstacle(toMaking path: String) -> String? {
    var folder = SystemFile.folder(of: path)
    while access(folder, F_OK) != 0, folder != "/", folder != "." {
      folder = SystemFile.folder(of: folder)
    }
    var status = stat()
    let isFolder = stat(folder, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    return isFolder && access(folder, W_OK | X_OK) == 0 ? nil : folder
  }

  // MARK: What ships

  private static func themes(_ places: Places) -> [Finding] {
    let found = ThemeFolder.found(places)
    let names = found.themes.map(\.name).sorted().joined(separator: ", ")
    let errors = found.errors.map { Finding(name: "theme", text: $0.description, isGood: false) }
    let folders = places.folders(of: .themes).map { folder in
      searched("themes in", folder, count: found.origins.count { $0 == folder })
    }
    let own = found.origins.count { $0 == nil }
    return [Finding(name: "themes", text: names)] + errors + home(places) + folders
      + [Finding(name: "themes in", text: "the program itself (\(own) used)")]
  }

  /// A folder that a person named must be there.
  private static func home(_ places: Places) -> [Finding] {
    guard let home = places.home else { return [] }
    return [searched("home", home, variable: "METATOP_HOME")]
  }

  private static func data(_ places: Places) -> [Finding] {
    let tasks = TaskCatalog.names(roots: DataRoots.found(places)) + ["folder:PATH"]
    let named = places.dataFolders
    return [Finding(name: "tasks", text: tasks.joined(separator: ", "))]
      + places.folders(of: .datasets).map { folder in
        searched("data in", folder, variable: named.contains(folder) ? "METATOP_DATA" : nil)
      }
  }

  /// What is in a folder that is looked in; where a variable names it, it must be there.
  private static func searched(
    _ name: String,
    _ folder: String,
    variable: String? = nil,
    count: Int? = nil
  ) -> Finding {
    let shown = folder.hasPrefix("/") ? folder : "./\(folder)"
    if access(folder, F_OK) != 0 {
      guard let variable else { return Finding(name: name, text: "\(shown) (not there)") }
      return Finding(name: name, text: "\(shown) is not there; mend \(variable)", isGood: false)
    }
    guard access(folder, R_OK | X_OK) == 0 else {
      let remedy = variable.map { "mend \($0)" } ?? "change its permissions"
      return Finding(name: name, text: "\(shown) cannot be read; \(remedy)", isGood: false)
    }
    return Finding(name: name, text: "\(shown) (there\(count.map { ", \($0) used" } ?? ""))")
  }

  private static func runs(_ directory: String) -> Finding {
    let folder = "\(directory)/runs"
    let isThere = access(folder, F_OK) == 0
    guard access(isThere ? folder : directory, W_OK | X_OK) == 0 else {
      let obstacle = isThere ? "./runs" : "this folder"
      return Finding(name: "runs/", text: "\(obstacle) cannot be written; use --out", isGood: false)
    }
    let state = isThere ? "there" : "not there yet"
    return Finding(name: "runs/", text: "run directories go into ./runs (\(state))")
  }
}
