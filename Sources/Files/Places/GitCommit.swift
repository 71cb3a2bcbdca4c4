/// The commit that a folder's repository stands at, read from its files: no other program is needed.
package enum GitCommit {
  /// The commit's digits; nil outside of a repository, or in one that has none yet.
  package static func found(in folder: String) -> String? {
    var folder = folder
    while true {
      if let store = store(folder + "/.git") { return commit(store) }
      guard let slash = folder.lastIndex(of: "/"), slash > folder.startIndex else { return nil }
      folder = String(folder[..<slash])
    }
  }

  /// The repository's own folder; in a further work tree `.git` is a file that names it.
  private static func store(_ path: String) -> String? {
    if text(path + "/HEAD") != nil { return path }
    guard let line = text(path), let named = rest(of: line, after: "gitdir: ") else { return nil }
    let base = path.dropLast("/.git".count)
    let store = named.hasPrefix("/") ? named : "\(base)/\(named)"
    return text(store + "/HEAD") == nil ? nil : store
  }

  private static func commit(_ store: String) -> String? {
    guard let head = text(store + "/HEAD") else { return nil }
    guard let name = rest(of: head, after: "ref: ") else { return digits(head) }
    // Branches of a further work tree are kept with the first.
    let common = text(store + "/commondir").map { $0.hasPrefix("/") ? $0 : "\(store)/\($0)" }
    for folder in [store, common ?? store] {
      if let commit = text("\(folder)/\(name)").flatMap(digits) { return commit }
    }
    let packed = text((common ?? store) + "/packed-refs") ?? ""
    let line = packed.split(separator: "\n").first { $0.hasSuffix(" \(name)") }
    return line.flatMap { digits(String($0.prefix { $0 != " " })) }
  }

  private static func rest(of text: String, after prefix: String) -> String? {
    text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : nil
  }

  private static func digits(_ text: String) -> String? {
    let isCommit = [40, 64].contains(text.utf8.count) && text.allSatisfy(\.isHexDigit)
    return isCommit ? text : nil
  }

  private static func text(_ path: String) -> String? {
    guard let bytes = try? SystemFile.read(path, limit: 16 << 20) else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    return text.hasSuffix("\n") ? String(text.dropLast()) : text
  }
}
