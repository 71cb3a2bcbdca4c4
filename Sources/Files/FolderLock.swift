import Glibc

/// A folder that one process keeps for itself until it lets go or ends, however it ends.
///
/// The lock is the kernel's, on the folder itself: it leaves no file behind that could be left over.
package final class FolderLock: Sendable {
  private let descriptor: Int32

  /// Takes the lock; nil where the file system has none for folders, as most network ones.
  ///
  /// - Throws: `EWOULDBLOCK` when another process, or another part of this one, has it.
  package init?(_ path: String) throws(SystemError) {
    descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    guard flock(descriptor, LOCK_EX | LOCK_NB) != 0 else { return }
    guard errno == EWOULDBLOCK else { return nil }
    // A half-made object is not taken apart; `deinit` closes the descriptor.
    throw SystemError(path: path, action: "locked", code: EWOULDBLOCK)
  }

  deinit { if descriptor >= 0 { close(descriptor) } }
}

extension SystemFile {
  /// Gives a file another name in one step; what had that name before is gone.
  package static func move(_ path: String, to other: String) throws(SystemError) {
    guard rename(path, other) == 0 else {
      throw SystemError(path: path, action: "moved", code: errno)
    }
  }

  /// Writes over a file where it stands, which needs no room on a full disk.
  ///
  /// Not in one step, as `replace`: for a few bytes when there is no other way.
  package static func overwrite(_ path: String, with bytes: [UInt8]) throws(SystemError) {
    func failure() -> SystemError { SystemError(path: path, action: "written", code: errno) }
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure() }
    defer { close(descriptor) }
    let written = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    guard written == bytes.count, ftruncate(descriptor, off_t(bytes.count)) == 0 else {
      throw failure()
    }
  }
}
