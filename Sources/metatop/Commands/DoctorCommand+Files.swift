import Experiments
import Files
import Glibc
import Tasks

/// Every path that metatop reads or writes, and what is there.
extension DoctorCommand {
  static func files(_ places: Places, directory: String = ".") -> [Finding] {
    Finding.settings(places) + themes(places) + data(places) + [.runs(directory)]
  }

  // MARK: What ships

  private static func themes(_ places: Places) -> [Finding] {
    let found = ThemeFolder.found(places)
    let names = found.themes.map(\.name).sorted().joined(separator: ", ")
    let errors = found.errors.map { Finding(name: "theme", text: $0.description, isGood: false) }
    let folders = places.folders(of: .themes).map { folder in
      Finding.searched("themes in", folder, count: found.origins.count { $0 == folder })
    }
    let own = found.origins.count { $0 == nil }
    return [Finding(name: "themes", text: names)] + errors + home(places) + folders
      + [Finding(name: "themes in", text: "the program itself (\(own) used)")]
  }

  /// A folder that a person named must be there.
  private static func home(_ places: Places) -> [Finding] {
    guard let home = places.home else { return [] }
    return [.searched("home", home, variable: "METATOP_HOME")]
  }

  private static func data(_ places: Places) -> [Finding] {
    let tasks = TaskCatalog.names(roots: DataRoots.found(places)) + ["folder:PATH", "series:PATH"]
    let named = places.dataFolders
    return [Finding(name: "tasks", text: tasks.joined(separator: ", "))]
      + places.folders(of: .datasets).map { folder in
        Finding.searched("data in", folder, variable: named.contains(folder) ? "METATOP_DATA" : nil)
      }
  }
}
