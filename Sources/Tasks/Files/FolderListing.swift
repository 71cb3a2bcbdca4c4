import Glibc

/// What lies in a folder, by name; hidden files are left out.
struct FolderListing {
  struct Item {
    /// For opening; never shown unsanitised.
    let path: String
    let name: String
    let isFolder: Bool
  }

  private(set) var items: [Item] = []
  /// Names that are not UTF-8, links that lead nowhere or in a circle.
  private(set) var problems: [DatasetError] = []

  var folders: [Item] { items.filter(\.isFolder) }
  var files: [Item] { items.filter { !$0.isFolder } }

  func folder(_ names: String...) -> Item? {
    folders.first { names.contains($0.name) }
  }

  func has(_ name: String) -> Bool { items.contains { $0.name == name } }

  init(_ path: String) throws(DatasetError) {
    guard let directory = opendir(path) else {
      let reason = String(cString: strerror(errno))
      throw DatasetError(path: path, reason: "cannot be read as a folder (\(reason)); name another")
    }
    defer { closedir(directory) }
    while let entry = readdir(directory) { add(Self.name(of: entry), in: path) }
    items.sort { $0.name < $1.name }
    problems.sort { $0.path < $1.path }
  }

  private mutating func add(_ bytes: [UInt8], in folder: String) {
    guard bytes.first != UInt8(ascii: ".") else { return }
    guard let name = String(validating: bytes, as: UTF8.self) else {
      let shown = String(decoding: bytes, as: UTF8.self)
      problems.append(
        DatasetError(path: "\(folder)/\(shown)", reason: "its name is not UTF-8; rename it")
      )
      return
    }
    let path = "\(folder)/\(name)"
    var status = stat()
    guard stat(path, &status) == 0 else {
      let reason = String(cString: strerror(errno))
      problems.append(DatasetError(path: path, reason: "cannot be read (\(reason))"))
      return
    }
    items.append(Item(path: path, name: name, isFolder: status.st_mode & S_IFMT == S_IFDIR))
  }

  private static func name(of entry: UnsafeMutablePointer<dirent>) -> [UInt8] {
    withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
  }

  /// Whether a path leads to a file or a folder, through links.
  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
