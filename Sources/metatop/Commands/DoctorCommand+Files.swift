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
    return places.unusable.map { name in
      Finding(
        name: "variable",
        text: "\(name) holds a path that is not absolute and is passed over; begin it with /",
        isGood: false
      )
    } + [
      folder("configuration", places.configuration, missing: "not there; nothing needs it"),
      file("keys", files.keys, missing: "not there; the standard keys hold", isWritten: false),
      folder("state", places.state, missing: "not there yet", isWritten: true),
      file("view", files.view, missing: "not there yet", isWritten: true),
      file("recent", files.recent, missing: "not there yet", isWritten: true),
    ]
  }

  private static func file(
    _ name: String,
    _ path: String?,
    missing: String,
    isWritten: Bool
  ) -> Finding {
    finding(name, path, missing: missing, mode: isWritten ? R_OK | W_OK : R_OK, isWritten)
  }

  private static func folder(
    _ name: String,
    _ path: String?,
    missing: String,
    isWritten: Bool = false
  ) -> Finding {
    let mode = isWritten ? R_OK | W_OK | X_OK : R_OK | X_OK
    return finding(name, path, missing: missing, mode: mode, isWritten)
  }

  private static func finding(
    _ name: String,
    _ path: String?,
    missing: String,
    mode: Int32,
    _ isWritten: Bool
  ) -> Finding {
    guard let path else {
      return Finding(name: name, text: "none; HOME is not set to an absolute path", isGood: false)
    }
    let action = isWritten ? "written" : "read"
    if access(path, F_OK) == 0 {
      let isGood = access(path, mode) == 0
      let state = isGood ? "there, can be \(action)" : "cannot be \(action); change its permissions"
      return Finding(name: name, text: "\(path) (\(state))", isGood: isGood)
    }
    guard isWritten, let obstacle = obstacle(toMaking: path) else {
      let state = isWritten ? "\(missing), can be made" : missing
      return Finding(name: name, text: "\(path) (\(state))")
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
    let canWrite = access(directory, W_OK) == 0
    return Finding(
      name: "runs/",
      text: canWrite
        ? "run directories go into ./runs" : "this folder cannot be written; use --out",
      isGood: canWrite
    )
  }
}
