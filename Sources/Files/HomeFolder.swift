import Glibc

extension SystemFile {
  /// A path whose `~` in front is the home folder, or `~name` somebody else's: no shell sees the paths
  /// that stand behind `folder:` or in a file.
  package static func expanded(_ path: String) -> String {
    guard path.hasPrefix("~") else { return path }
    let name = path.dropFirst().prefix { $0 != "/" }
    guard let home = home(of: String(name)), !home.isEmpty else { return path }
    let rest = path.dropFirst(1 + name.count)
    return (home.count > 1 && home.hasSuffix("/") ? String(home.dropLast()) : home) + rest
  }

  private static func home(of name: String) -> String? {
    if name.isEmpty, let home = getenv("HOME") { return String(cString: home) }
    let entry = name.isEmpty ? getpwuid(getuid()) : getpwnam(name)
    return entry?.pointee.pw_dir.map { String(cString: $0) }
  }
}
