import Files
import Glibc

/// What reading a graph takes of memory, so that one that does not fit is refused before it is read.
enum GraphMemory {
  /// Bytes of this machine.
  static var machine: Int { sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)) }

  /// Of an archive: the packed bytes, and as they are unpacked one array after the other, the numbers
  /// that are made of them; of a dense matrix its numbers and those of Â X as well.
  static func needed(packed: Int, unpacked: Int, dense: Int) -> Int {
    packed + 2 * unpacked + 2 * dense
  }

  /// Of a table: each field is a text of its own before it is a number.
  static func needed(ofText size: Int) -> Int { 16 * size }

  /// Refuses what needs more than three quarters of the memory.
  static func check(
    _ needed: Int,
    of memory: Int,
    _ path: String,
    _ remedy: String = "use a part of the graph, or a larger machine"
  ) throws(DatasetError) {
    let most = memory / 4 * 3
    guard needed > most else { return }
    throw DatasetError(
      path: path,
      reason: "needs \(grouped(needed >> 20)) MiB to be read, and three quarters of this machine's "
        + "\(grouped(memory >> 20)) MiB are \(grouped(most >> 20)); \(remedy)"
    )
  }
}
