import Glibc

/// A refusal of the operating system: which call, on which path, for what reason.
package struct SystemError: Error, Equatable, CustomStringConvertible {
  package let path: String
  /// What was being done, as the end of "cannot be …": `read`, `written`, `created`.
  package let action: String
  package let code: Int32

  package init(path: String, action: String, code: Int32) {
    self.path = path
    self.action = action
    self.code = code
  }

  /// The system's own words, for example `No space left on device`.
  package var reason: String { String(cString: strerror(code)) }

  package var description: String { "\(path): cannot be \(action) (\(reason))".printable }
}

/// Whole files through the C library: short, and quick to start with.
package enum SystemFile {
  /// Reads a regular file of at most `limit` bytes; a folder, a pipe or a device is refused.
  package static func read(_ path: String, limit: Int = .max) throws(SystemError) -> [UInt8] {
    let descriptor = try openFile(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, action: "read")
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure(path, "read") }
    guard status.st_mode & S_IFMT == S_IFREG else {
      let code = status.st_mode & S_IFMT == S_IFDIR ? EISDIR : ESPIPE
      throw SystemError(path: path, action: "read", code: code)
    }
    guard Int(status.st_size) <= limit else {
      throw SystemError(path: path, action: "read", code: EFBIG)
    }
    return try readBytes(descriptor, path, count: Int(status.st_size))
  }

  /// Reads what a regular file has from a byte on, at most so many bytes; nothing when it has become
  /// shorter than that.
  package static func read(
    _ path: String,
    from offset: Int,
    count: Int = .max
  ) throws(SystemError) -> [UInt8] {
    let descriptor = try openFile(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, action: "read")
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw SystemError(path: path, action: "read", code: ESPIPE)
    }
    guard Int(status.st_size) > offset, lseek(descriptor, off_t(offset), SEEK_SET) >= 0 else {
      return []
    }
    return try readBytes(descriptor, path, count: min(count, Int(status.st_size) - offset))
  }

  /// How long a regular file is; nil where there is none.
  package static func size(_ path: String) -> Int? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }

  /// Appends all of `bytes` with one write, or, when the disk is full, nothing of them.
  package static func append(_ bytes: [UInt8], to path: String) throws(SystemError) {
    let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC
    let descriptor = try openFile(path, flags, action: "written")
    defer { close(descriptor) }
    let end = lseek(descriptor, 0, SEEK_END)
    do {
      try write(bytes[...], to: descriptor, path)
    } catch {
      if end >= 0 { ftruncate(descriptor, end) }
      throw error
    }
  }

  /// Replaces a file by `chunks`, so that a reader, or a process killed half way, sees the old or
  /// the new; `isDurable` waits until the disk has it, so that it survives a power cut as well.
  package static func replace(
    _ path: String,
    with chunks: [ArraySlice<UInt8>],
    isDurable: Bool
  ) throws(SystemError) {
    let temporary = "\(path).\(getpid()).tmp"
    let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC
    let descriptor = try openFile(temporary, flags, action: "written", reportedAs: path)
    do throws(SystemError) {
      defer { close(descriptor) }
      for chunk in chunks { try write(chunk, to: descriptor, path) }
      if isDurable, fsync(descriptor) != 0 { throw failure(path, "written") }
    } catch {
      unlink(temporary)
      throw error
    }
    guard rename(temporary, path) == 0 else {
      let error = failure(path, "written")
      unlink(temporary)
      throw error
    }
    if isDurable { try synchronizeFolder(of: path) }
  }

  /// The names of all that is in a folder, in no order; none where it cannot be read.
  package static func names(in folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      names.append(String(decoding: name(of: entry), as: UTF8.self))
    }
    return names
  }

  /// The bytes of an entry's name.
  ///
  /// An entry is as long as its name: the 256 bytes of the declared field may end where no memory
  /// is, so the field is never read whole.
  package static func name(of entry: UnsafeMutablePointer<dirent>) -> [UInt8] {
    guard let offset = MemoryLayout.offset(of: \dirent.d_name) else { return [] }
    let field = UnsafeRawPointer(entry) + offset
    return Array(
      UnsafeRawBufferPointer(start: field, count: strlen(field.assumingMemoryBound(to: CChar.self)))
    )
  }

  /// Takes away what `replace` left in a folder when its process was killed; others' files stay.
  package static func removeRemains(in folder: String) {
    for name in names(in: folder) {
      let parts = name.split(separator: ".", omittingEmptySubsequences: false)
      guard parts.count >= 3, parts.last == "tmp", let id = pid_t(parts[parts.count - 2]),
        kill(id, 0) != 0
      else { continue }
      unlink("\(folder)/\(name)")
    }
  }

  /// Makes a folder; throws with `EEXIST` when there is one already.
  package static func createFolder(_ path: String) throws(SystemError) {
    guard mkdir(path, 0o777) == 0 else { throw failure(path, "created") }
  }

  /// Makes a folder and those above it, where they are missing.
  package static func createFolders(_ path: String) throws(SystemError) {
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return }
    let parent = folder(of: path)
    if parent != path { try createFolders(parent) }
    guard mkdir(path, 0o777) == 0 || errno == EEXIST else { throw failure(path, "created") }
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw SystemError(path: path, action: "created", code: ENOTDIR)
    }
  }

  /// The folder that holds `path`; `.` for a bare name.
  package static func folder(of path: String) -> String {
    let trimmed = path.count > 1 && path.hasSuffix("/") ? path.dropLast() : path[...]
    guard let slash = trimmed.lastIndex(of: "/") else { return path == "." ? path : "." }
    return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
  }

  private static func openFile(
    _ path: String,
    _ flags: Int32,
    action: String,
    reportedAs reported: String? = nil
  ) throws(SystemError) -> Int32 {
    let descriptor = open(path, flags, 0o666)
    guard descriptor >= 0 else { throw failure(reported ?? path, action) }
    return descriptor
  }

  private static func readBytes(
    _ descriptor: Int32,
    _ path: String,
    count: Int
  ) throws(SystemError) -> [UInt8] {
    var code: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let read = Glibc.read(descriptor, buffer.baseAddress?.advanced(by: filled), count - filled)
        if read < 0, errno == EINTR { continue }
        if read < 0 { code = errno }
        guard read > 0 else { return }
        filled += read
      }
    }
    guard code == 0 else { throw SystemError(path: path, action: "read", code: code) }
    return bytes
  }

  private static func write(
    _ bytes: ArraySlice<UInt8>,
    to descriptor: Int32,
    _ path: String
  ) throws(SystemError) {
    let isComplete = bytes.withUnsafeBytes { buffer in
      var rest = buffer[...]
      while !rest.isEmpty {
        let count = Glibc.write(
          descriptor,
          UnsafeRawBufferPointer(rebasing: rest).baseAddress,
          rest.count
        )
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        rest = rest.dropFirst(count)
      }
      return true
    }
    guard isComplete else { throw failure(path, "written") }
  }

  /// A renamed file is safe from a power cut only when its folder has reached the disk, too.
  private static func synchronizeFolder(of path: String) throws(SystemError) {
    let name = folder(of: path)
    let descriptor = try openFile(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC, action: "written")
    defer { close(descriptor) }
    // Some network file systems cannot do this to a folder, and need not.
    guard fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP else {
      throw failure(path, "written")
    }
  }

  private static func failure(_ path: String, _ action: String) -> SystemError {
    SystemError(path: path, action: action, code: errno)
  }
}
