import Glibc

/// What lies in a folder, by name; hidden files are left out, and so is what systems leave behind.
package struct FolderListing {
  /// The device and the number of a file there: what two paths to the same folder have in common.
  package struct Identity: Hashable {
    let device: UInt
    let number: UInt
  }

  package struct Item {
    /// For opening; never shown unsanitised.
    package let path: String
    package let name: String
    package let identity: Identity
  }

  package private(set) var folders: [Item] = []
  package private(set) var files: [Item] = []
  /// Names that are not UTF-8, links that lead nowhere or in a circle.
  package private(set) var problems: [DatasetError] = []

  package func has(_ name: String) -> Bool {
    files.contains { $0.name == name } || folders.contains { $0.name == name }
  }

  package init(_ path: String) throws(DatasetError) {
    guard let directory = opendir(path) else {
      let reason = String(cString: strerror(errno))
      throw DatasetError(path: path, reason: "cannot be read as a folder (\(reason)); name another")
    }
    defer { closedir(directory) }
    while let entry = readdir(directory) { add(SystemFile.name(of: entry), in: path) }
    folders.sort { $0.name < $1.name }
    files.sort { $0.name < $1.name }
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
    guard !Self.isDebris(name) else { return }
    let path = "\(folder)/\(name)"
    var status = stat()
    guard stat(path, &status) == 0 else {
      let reason = String(cString: strerror(errno))
      problems.append(DatasetError(path: path, reason: "cannot be read (\(reason))"))
      return
    }
    let item = Item(
      path: path,
      name: name,
      identity: Identity(device: UInt(status.st_dev), number: UInt(status.st_ino))
    )
    if status.st_mode & S_IFMT == S_IFDIR { folders.append(item) } else { files.append(item) }
  }

  /// Whether a name is of what systems and archives leave behind, and no data: `__MACOSX`,
  /// `.DS_Store`, `._x`, `Thumbs.db`.
  package static func isDebris(_ name: String) -> Bool {
    // Most names are numbers or longer than these.
    name.hasPrefix(".") || (name.utf8.count <= 25 && debris.contains(name.lowercased()))
  }

  private static let debris: Set<String> = [
    "__macosx", "thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "icon\r", "@eadir",
    "$recycle.bin", "recycler", "system volume information", "lost+found", "__pycache__",
  ]

  /// A folder and all those above it, into which no link from inside should be followed.
  package static func lineage(of path: String) -> Set<Identity> {
    var found: Set<Identity> = []
    var (place, status) = (path, stat())
    // The folder above the highest one is itself.
    while stat(place, &status) == 0,
      found.insert(Identity(device: UInt(status.st_dev), number: UInt(status.st_ino))).inserted
    {
      place += "/.."
    }
    return found
  }

  /// Whether a path leads to a file or a folder, through links.
  package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
