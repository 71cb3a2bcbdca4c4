import Glibc

/// Where metatop's own files and a person's may be: one rule for themes, data manifests and settings.
///
/// A pure function of the environment and of the folder that the program lies in; whether anything is
/// there is not its business.
package struct Places {
  /// Files that ship with metatop and that a person may add to, by the name of their folder.
  package enum Resource: String, CaseIterable {
    case themes
    case datasets = "Datasets"
    case recipes = "Recipes"
  }

  /// The folder of the running program, without links; nil where it is unknown.
  let program: String?
  private let environment: (String) -> String?

  /// The running program's.
  package static var here: Self { Self(program: programFolder, environment: variable) }

  package init(program: String?, environment: @escaping (String) -> String?) {
    self.program = program
    self.environment = environment
  }

  // MARK: What ships

  /// The folders that are looked in, in this order: what a person named, the person's own, those the
  /// program came with, the system's, the working directory's.
  ///
  /// The program's come before the system's, so that a program somebody just built never takes the
  /// files of another version that is installed beside it.
  package func folders(of resource: Resource) -> [String] {
    let named = resource == .datasets ? dataFolders : []
    let own = [home, configuration, own("XDG_DATA_HOME", "/.local/share")]
    let homes = (own + programHomes + systemHomes).compactMap { $0 }
    var seen: Set<String> = []
    return (named + homes.map { "\($0)/\(resource.rawValue)" } + [resource.rawValue])
      .filter { seen.insert($0).inserted }
  }

  /// The folder of `METATOP_HOME`, which has themes and data sets of one's own.
  package var home: String? { value(of: "METATOP_HOME") }

  /// The folders of `METATOP_DATA`, which hold data sets.
  package var dataFolders: [String] {
    (value(of: "METATOP_DATA") ?? "").split(separator: ":").map {
      SystemFile.expanded(String($0))
    }
  }

  /// Beside the program, then `share/metatop` of the prefix whose `bin` it lies in, then the source
  /// tree that it was built in.
  private var programHomes: [String?] {
    guard let program else { return [] }
    let parts = program.split(separator: "/", omittingEmptySubsequences: false)
    let prefix = parts.last == "bin" ? parts.dropLast().joined(separator: "/") : nil
    let tree = parts.lastIndex { $0.hasPrefix(".build") }.map {
      parts[..<$0].joined(separator: "/")
    }
    return [program, prefix.map { "\($0)/share/metatop" }, tree]
  }

  private var systemHomes: [String] {
    let listed = (value(of: "XDG_DATA_DIRS") ?? "/usr/local/share:/usr/share").split(separator: ":")
    return listed.filter { $0.hasPrefix("/") }.map { "\($0)/metatop" }
  }

  // MARK: What is a person's own

  /// Keys and themes of one's own; nil where there is no home.
  package var configuration: String? { own("XDG_CONFIG_HOME", "/.config") }

  /// What is kept between starts.
  package var state: String? { own("XDG_STATE_HOME", "/.local/state") }

  /// metatop's folder in one of a person's folders; a relative one is passed over, as the XDG rules
  /// want it.
  private func own(_ name: String, _ usual: String) -> String? {
    let base = absolute(name) ?? absolute("HOME").map { $0 + usual }
    return base.map { "\($0)/metatop" }
  }

  /// Variables whose relative paths are passed over, for a sentence about them.
  package var unusable: [String] {
    ["XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "HOME"].filter {
      value(of: $0) != nil && absolute($0) == nil
    }
      + (value(of: "XDG_DATA_DIRS")?.split(separator: ":").allSatisfy { $0.hasPrefix("/") } == false
        ? ["XDG_DATA_DIRS"] : [])
  }

  private func absolute(_ name: String) -> String? {
    value(of: name).flatMap { $0.hasPrefix("/") ? $0 : nil }
  }

  private func value(of name: String) -> String? {
    environment(name).flatMap { $0.isEmpty ? nil : $0 }
  }
}

/// The folder that the running program lies in.
var programFolder: String? {
  var path = [CChar](repeating: 0, count: 4096)
  let count = readlink("/proc/self/exe", &path, path.count - 1)
  guard count > 0 else { return nil }
  let text = String(decoding: path[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  return text.lastIndex(of: "/").map { String(text[..<$0]) }
}

/// An environment variable that is set and not empty.
package func variable(_ name: String) -> String? {
  guard let value = getenv(name), value.pointee != 0 else { return nil }
  return String(cString: value)
}
