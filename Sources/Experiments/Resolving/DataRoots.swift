import Files
import Glibc

/// Where data sets are looked for.
package enum DataRoots {
  /// Every folder of the rule, each once; those that exist without links and dots.
  package static func found(_ places: Places = .here) -> [String] {
    var seen: Set<String> = []
    return places.folders(of: .datasets).map { realPath($0) ?? $0 }
      .filter { seen.insert($0).inserted }
  }

  /// The path without links and dots; nil when there is nothing.
  private static func realPath(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }
}
