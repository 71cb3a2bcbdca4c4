import Experiments
import Files
import Foundation
import TestSupport
import Testing

@Suite("A disk that fills up while a run records", .serialized)
struct FullDiskTests {
  @Test("Training goes on to its end, and one sentence and status 74 say what is missing")
  func train() throws {
    guard let disk = try SmallDisk(kibibytes: 96) else { return }
    let program = try Program.run(
      ["train", "--json", "--methods", "maml", "--steps", "3000", "--evaluate-every", "0"],
      in: disk.folder
    )
    #expect(program.status == 74, "\(program.errors)")
    let last = program.complaints.last ?? ""
    #expect(last.hasPrefix("metatop: runs/sinusoid-maml-"))
    #expect(last.contains("(No space left on device)"))
    // The run, how to go on, and what is missing.
    #expect(program.complaints.filter { $0.hasPrefix("metatop: ") }.count == 3)
    let line = try JSONValue(parsing: Array(program.output.utf8.dropLast()))
    #expect(line["steps"] == 3000 && line["test_loss"]?.double != nil)
  }

  @Test("A disk without room for the first file is refused before any step")
  func start() throws {
    guard let disk = try SmallDisk(kibibytes: 4) else { return }
    let program = try Program.run(["train", "--methods", "maml", "--steps", "3"], in: disk.folder)
    #expect(program.status == 74 && program.complaints.count == 1, "\(program.errors)")
    #expect(program.errors.contains("No space left on device"))
  }

  @Test("The dashboard says so, stays usable, and ends with status 74")
  func dashboard() throws {
    guard let disk = try SmallDisk(kibibytes: 96) else { return }
    let session = try DashboardSession(["--methods", "maml"], folder: disk.folder)
    #expect(session.shows(" 1 / 1 "))
    session.send("gev")
    #expect(session.shows("recording fails"), "\(session.text)")
    #expect(session.shows("No space left on device"), "\(session.text)")
    session.leave()
    #expect(session.exitStatus() == 74)
    session.expectRestored()
    #expect(session.text.contains("metatop: "))
  }
}

/// A file system of a few pages in memory, where this user may mount one; removed with it.
private final class SmallDisk {
  let folder: TemporaryFolder

  init?(kibibytes: Int) throws {
    folder = try TemporaryFolder()
    let options = ["-t", "tmpfs", "-o", "size=\(kibibytes)k", "tmpfs", folder.path]
    guard Self.run("/bin/mount", options) else {
      print("skipped: this user may not mount a small file system")
      return nil
    }
  }

  deinit { _ = Self.run("/bin/umount", ["-l", folder.path]) }

  private static func run(_ program: String, _ arguments: [String]) -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}
