/// Which way the folders of a target look: each may name what lies in those before it, and no other.
///
/// `.` is what lies in the target's own folder.
enum Folders {
  static let order: [String: [String]] = [
    "Files": [".", "Places"],
    "Recording": [".", "RunDirectory", "Selection", "Tables", "Export", "Replay"],
    "Experiments": [
      ".", "Methods", "Options", "Reference", "Resolving", "Running", "Reports", "Transfer",
      "Recipes",
    ],
    "MetaLearning": [".", "Batches", "Methods", "Catalog"],
    "Training": ["Episodes", "Workers", "Parameters", "Steps", "Runs", "Session"],
    "Sweeps": ["Plan", "Results", "Making", "Watching"],
    "Tasks": ["Graphs", "Episodes", "Images", "Nodes", "Families", "Datasets", "."],
    "Dashboard": [
      "Theme", "Layout", "Keys", "Drawing", "State", "Input", "Panels", "Screen", "Sweep",
    ],
    "metatop": ["Places", "Options", "Loop", "Commands", "."],
  ]

  /// A folder that names a type of one that is not before it.
  struct Crossing: Equatable {
    let path: String
    let name: String
    let folder: String
  }

  static func crossings(_ files: [ProjectFiles.File], order: [String]) -> [Crossing] {
    var homes: [String: Set<String>] = [:]
    for file in files {
      for name in declared(file) { homes[name, default: []].insert(folder(file)) }
    }
    return files.flatMap { file in
      let own = order.firstIndex(of: folder(file)) ?? -1
      return names(file).sorted().compactMap { name -> Crossing? in
        // A name that several folders have says nothing.
        guard let home = homes[name], home.count == 1, let other = home.first,
          other != folder(file), order.firstIndex(of: other).map({ $0 > own }) ?? true
        else { return nil }
        return Crossing(path: file.path, name: name, folder: other)
      }
    }
  }

  /// The folder of a file within its target.
  static func folder(_ file: ProjectFiles.File) -> String {
    let parts = file.path.split(separator: "/").dropFirst(2)
    return parts.count > 1 ? parts.first.map(String.init) ?? "." : "."
  }

  private static let kinds = ["struct", "class", "enum", "protocol", "actor", "typealias"]

  /// The types that a file declares at its left margin.
  private static func declared(_ file: ProjectFiles.File) -> [String] {
    file.code.compactMap { line in
      guard line.first.map({ $0 != " " }) ?? false else { return nil }
      let words = line.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init)
      guard !words.contains("private"), !words.contains("fileprivate"),
        let kind = words.firstIndex(where: { kinds.contains($0) }), kind + 1 < words.count
      else { return nil }
      return words[kind + 1]
    }
  }

  /// The names with a capital that stand in a file's code.
  private static func names(_ file: ProjectFiles.File) -> Set<String> {
    Set(
      file.code.flatMap { line in
        line.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init)
          .filter { $0.first?.isUppercase == true }
      }
    )
  }
}
