import Files
import Synchronization
import TestSupport
import Testing

@testable import Recording

/// Who may go on with a run: nobody while it is being written, wherever that is.
@Suite struct RunWriterTests {
  private let disk = MemoryDisk()
  private let run = RunDirectory(path: "runs/a")

  private func state(
    _ heartbeat: Double,
    status: String = "running",
    pid: Int = 7,
    host: String = "other",
    machine: String? = "elsewhere 5",
    every: Double? = 1
  ) {
    let own = machine.map { #","machine":"\#($0)""# } ?? ""
    let interval = every.map { #","heartbeat_every":\#($0)"# } ?? ""
    disk.put(
      #"{"status":"\#(status)","pid":\#(pid),"host":"\#(host)","heartbeat":\#(heartbeat)"#
        + own + interval + "}",
      at: run.state
    )
  }

  /// Whether somebody writes the run, and how many seconds were watched.
  private func found() -> (isTaken: Bool, watched: Int?) {
    var watched: Int?
    let finding = RunWriter.find(run, in: disk.environment) { watched = $1 }
    if case .taken = finding { return (true, watched) }
    return (false, watched)
  }

  /// Its clock may be hours ahead or behind: what counts is whether the heartbeat moves.
  @Test(arguments: [-90_000.0, -1, 0, 5_000])
  func anotherHostThatWrites(_ clock: Double) {
    let start = disk.environment.now() + clock
    state(start)
    disk.whileWaiting { [self] in state(start + 1) }
    #expect(found() == (true, 4))
  }

  @Test(arguments: [-90_000.0, -1, 0, 5_000])
  func anotherHostThatIsDead(_ clock: Double) {
    state(disk.environment.now() + clock)
    let begun = disk.environment.now()
    #expect(found() == (false, 4))
    #expect(disk.environment.now() - begun == 4, "it watches no longer than it said")
  }

  /// A paused run tells of itself every 20 seconds only, and is watched for longer.
  @Test func aRestingRun() {
    state(5, status: "paused", every: 20)
    let looks = Mutex(0)
    disk.whileWaiting { [self] in
      if looks.withLock({
        $0 += 1
        return $0
      }) == 25 {
        state(25, status: "paused", every: 20)
      }
    }
    #expect(found() == (true, 32) && looks.withLock { $0 } == 25)
  }

  /// Two containers with one name, and one number for two processes.
  @Test func aContainerOfTheSameName() {
    let now = disk.environment.now()
    state(now, pid: 42, host: "host", machine: "kernel 2")
    disk.whileWaiting { [self] in state(now + 1, pid: 42, host: "host", machine: "kernel 2") }
    #expect(found().isTaken)
  }

  @Test func processesThatCanBeSeen() {
    let now = disk.environment.now()
    // Gone, or a zombie: one's own does not block, and nobody waits.
    state(now, host: "host", machine: "kernel 1")
    #expect(found() == (false, nil))
    disk.begin(process: 7)
    #expect(found() == (true, nil))
    // The number of a process that ended long ago, given to another.
    state(now - 3_600, host: "host", machine: "kernel 1")
    #expect(found() == (false, 4))
    // After a container began anew the number may be this process's own.
    state(now, pid: 42, host: "host", machine: "kernel 1")
    #expect(found() == (false, 4))
  }

  @Test func whatHasEndedIsFreeUnlessTheFolderIsKept() {
    state(disk.environment.now(), status: "finished")
    #expect(found() == (false, nil))
    disk.lock(run.path)
    #expect(found() == (true, nil), "a dashboard still has it open")
  }

  /// Of versions that said neither machine nor interval.
  @Test func olderVersions() {
    let now = disk.environment.now()
    state(now - 61, machine: nil, every: nil)
    #expect(found() == (false, nil))
    state(now - 30, machine: nil, every: nil)
    #expect(found() == (false, 32))
    disk.begin(process: 7)
    state(now, host: "host", machine: nil, every: nil)
    #expect(found() == (true, nil))
  }

  @Test func theKernelsLockIsLetGoWithItsHolder() throws {
    let folder = try TemporaryFolder()
    try SystemFile.createFolder(folder / "a")
    var lock = try FolderLock(folder / "a")
    // Not every file system has locks of folders.
    guard lock != nil else { return }
    let error = #expect(throws: SystemError.self) { _ = try FolderLock(folder / "a") }
    #expect(error?.code == 11)
    lock = nil
    #expect(try FolderLock(folder / "a") != nil)
    withExtendedLifetime(lock) {}
  }

  @Test func thisProcessIsAliveAndAZombieIsNot() {
    let environment = RecordingEnvironment.system
    #expect(environment.isRunning(environment.processID))
    #expect(!environment.isRunning(0) && !environment.isRunning(1 << 30))
    #expect(environment.machine.split(separator: " ").count == 2)
  }
}
