import Glibc

/// A line about something that was looked for, a path mostly: what was found, or what to do about it.
package struct PathFinding: Equatable {
  package let name: String
  package let text: String
  package let isGood: Bool

  package init(name: String, text: String, isGood: Bool = true) {
    (self.name, self.text, self.isGood) = (name, text, isGood)
  }

  package var mark: String { isGood ? "ok " : "!! " }
}

extension PathFinding {
  // MARK: Settings

  /// What becomes of a person's own settings.
  package static func settings(_ places: Places) -> [PathFinding] {
    let files = UserFiles.found(places)
    let variables = places.unusable.map { name in
      PathFinding(
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
  private static func read(_ name: String, _ path: String?, missing: String) -> PathFinding {
    guard let path else { return PathFinding(name: name, text: homeless, isGood: false) }
    guard access(path, F_OK) == 0 else {
      return PathFinding(name: name, text: "\(path) (not there; \(missing))")
    }
    let isGood = access(path, R_OK) == 0
    let state = isGood ? "there, can be read" : "cannot be read; change its permissions"
    return PathFinding(name: name, text: "\(path) (\(state))", isGood: isGood)
  }

  /// What is made when it is needed, and read again.
  private static func written(_ name: String, _ path: String?) -> PathFinding {
    guard let path else { return PathFinding(name: name, text: homeless, isGood: false) }
    if access(path, F_OK) == 0 {
      let isGood = access(path, R_OK | W_OK) == 0
      let state = isGood ? "there, can be written" : "cannot be written; change its permissions"
      return PathFinding(name: name, text: "\(path) (\(state))", isGood: isGood)
    }
    guard let obstacle = obstacle(toMaking: path) else {
      return PathFinding(name: name, text: "\(path) (not there yet, can be made)")
    }
    let state =
      "cannot be made: \(obstacle) is no folder that can be written; "
      + "move it or change its permissions"
    return PathFinding(name: name, text: "\(path) (\(state))", isGood: false)
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

  /// What is in a folder that is looked in; where a variable names it, it must be there.
  package static func searched(
    _ name: String,
    _ folder: String,
    variable: String? = nil,
    count: Int? = nil
  ) -> PathFinding {
    let shown = folder.hasPrefix("/") ? folder : "./\(folder)"
    if access(folder, F_OK) != 0 {
      guard let variable else { return PathFinding(name: name, text: "\(shown) (not there)") }
      return PathFinding(name: name, text: "\(shown) is not there; mend \(variable)", isGood: false)
    }
    guard access(folder, R_OK | X_OK) == 0 else {
      let remedy = variable.map { "mend \($0)" } ?? "change its permissions"
      return PathFinding(name: name, text: "\(shown) cannot be read; \(remedy)", isGood: false)
    }
    return PathFinding(name: name, text: "\(shown) (there\(count.map { ", \($0) used" } ?? ""))")
  }

  /// Whether run directories can be made in a folder.
  package static func runs(_ directory: String) -> PathFinding {
    let folder = "\(directory)/runs"
    let isThere = access(folder, F_OK) == 0
    guard access(isThere ? folder : directory, W_OK | X_OK) == 0 else {
      let obstacle = isThere ? "./runs" : "this folder"
      return PathFinding(
        name: "runs/",
        text: "\(obstacle) cannot be written; use --out",
        isGood: false
      )
    }
    let state = isThere ? "there" : "not there yet"
    return PathFinding(name: "runs/", text: "run directories go into ./runs (\(state))")
  }
}
