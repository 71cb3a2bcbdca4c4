import Foundation
import Testing

@testable import Files

@Suite("Entries of folders")
struct FolderEntryTests {
  /// The last entry of a folder may stand at the end of the memory that the system has given.
  @Test func aNameIsReadNoFurtherThanItsEnd() throws {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let memory = try #require(
      mmap(nil, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    )
    defer { munmap(memory, 2 * page) }
    #expect(mprotect(memory + page, page, PROT_NONE) == 0)
    let name = Array("1361".utf8)
    let start = memory + page - 24
    let offset = try #require(MemoryLayout.offset(of: \dirent.d_name))
    (start + offset).copyMemory(from: name + [0], byteCount: name.count + 1)
    #expect(SystemFile.name(of: start.assumingMemoryBound(to: dirent.self)) == name)
  }
}
