import Glibc

/// Whether files are other ones than when somebody last looked: by number, time and length.
///
/// Looking costs a `stat` for each, and a list of each folder, so that it can be done every second.
package struct WatchedFiles {
  private struct Mark: Equatable {
    var number: UInt
    var seconds: Int
    var nanoseconds: Int
    var size: Int
  }

  private let files: [String]
  private let folders: [String]
  private let suffix: String
  private var marks: [String: Mark] = [:]

  /// Watches these files, and in these folders those whose names end so; none needs to be there.
  package init(files: [String] = [], folders: [String] = [], suffix: String = "") {
    (self.files, self.folders, self.suffix) = (files, folders, suffix)
    marks = found
  }

  /// Whether anything has come, gone or changed since the last look.
  package mutating func haveChanged() -> Bool {
    let now = found
    defer { marks = now }
    return now != marks
  }

  private var found: [String: Mark] {
    let listed = folders.flatMap { folder in
      SystemFile.names(in: folder).filter { $0.hasSuffix(suffix) }.map { "\(folder)/\($0)" }
    }
    return (files + listed).reduce(into: [:]) { all, path in
      var status = stat()
      guard stat(path, &status) == 0 else { return }
      all[path] = Mark(
        number: UInt(status.st_ino),
        seconds: status.st_mtim.tv_sec,
        nanoseconds: status.st_mtim.tv_nsec,
        size: Int(status.st_size)
      )
    }
  }
}
