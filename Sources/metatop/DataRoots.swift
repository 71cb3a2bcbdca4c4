import Glibc

/// Where data sets are looked for: the folders of `METATOP_DATA`, then `Datasets` beside the
/// program and in the working directory.
enum DataRoots {
  static func found() -> [String] {
    var roots = (variable("METATOP_DATA") ?? "").split(separator: ":").map(String.init)
    if let program = programFolder {
      roots.append(program + "/../share/metatop/Datasets")
      roots += (1...4).map { program + String(repeating: "/..", count: $0) + "/Datasets" }
    }
    var seen: Set<String> = []
    return (roots + ["Datasets"]).compactMap { realPath($0) }.filter { seen.insert($0).inserted }
  }

  /// The path without links and dots; nil when there is nothing.
  private static func realPath(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }
}
