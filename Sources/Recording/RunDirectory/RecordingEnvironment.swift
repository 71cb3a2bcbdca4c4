import Files
import Glibc

/// What recording takes from the outside world, so that a test can stop the clock or fill the disk.
package struct RecordingEnvironment: Sendable {
  /// The file operations that a run directory needs.
  package struct Files: Sendable {
    package var createFolders: @Sendable (String) throws(SystemError) -> Void
    package var createFolder: @Sendable (String) throws(SystemError) -> Void
    /// All bytes of the file at the path.
    package var read: @Sendable (_ path: String) throws(SystemError) -> [UInt8]
    /// Appends bytes to the file at the path.
    package var append: @Sendable (_ bytes: [UInt8], _ path: String) throws(SystemError) -> Void
    /// Replaces the file at the path in one step; durably, when it must survive a power cut.
    package var replace:
      @Sendable (_ path: String, _ bytes: [UInt8], _ isDurable: Bool) throws(SystemError) -> Void

    /// Writes over the file at the path where it stands: possible on a full disk, but not in one step.
    package var overwrite: @Sendable (_ bytes: [UInt8], _ path: String) throws(SystemError) -> Void
    /// Gives a file another name.
    package var move: @Sendable (_ path: String, _ other: String) throws(SystemError) -> Void
    /// Keeps a folder for this process; nil where that cannot be done.
    package var lock: @Sendable (_ path: String) throws(SystemError) -> FolderLock?

    package init(
      createFolders: @escaping @Sendable (String) throws(SystemError) -> Void,
      createFolder: @escaping @Sendable (String) throws(SystemError) -> Void,
      read: @escaping @Sendable (String) throws(SystemError) -> [UInt8] = {
        (path) throws(SystemError) in
        try SystemFile.read(path)
      },
      append: @escaping @Sendable ([UInt8], String) throws(SystemError) -> Void,
      replace: @escaping @Sendable (String, [UInt8], Bool) throws(SystemError) -> Void,
      overwrite: @escaping @Sendable ([UInt8], String) throws(SystemError) -> Void,
      move: @escaping @Sendable (String, String) throws(SystemError) -> Void,
      lock: @escaping @Sendable (String) throws(SystemError) -> FolderLock?
    ) {
      self.createFolders = createFolders
      self.createFolder = createFolder
      self.read = read
      self.append = append
      self.replace = replace
      self.overwrite = overwrite
      self.move = move
      self.lock = lock
    }
  }

  package var files: Files
  /// Unix seconds.
  package var now: @Sendable () -> Double
  /// Four hexadecimal digits for a new directory's name.
  package var random: @Sendable () -> UInt16
  /// Peak resident memory of this process in MiB.
  package var peakMemory: @Sendable () -> Double
  package var host: String
  package var processID: Int
  /// The kernel that runs, a space, and the namespace of the processes that can be seen: host names
  /// tell neither.
  package var machine: String
  /// Whether a process that can be seen is alive, which a zombie is not.
  package var isRunning: @Sendable (_ processID: Int) -> Bool
  /// Waits so many seconds.
  package var wait: @Sendable (Double) -> Void

  package init(
    files: Files,
    now: @escaping @Sendable () -> Double,
    random: @escaping @Sendable () -> UInt16,
    peakMemory: @escaping @Sendable () -> Double,
    host: String,
    processID: Int,
    machine: String,
    isRunning: @escaping @Sendable (Int) -> Bool,
    wait: @escaping @Sendable (Double) -> Void
  ) {
    self.files = files
    self.now = now
    self.random = random
    self.peakMemory = peakMemory
    self.host = host
    self.processID = processID
    self.machine = machine
    self.isRunning = isRunning
    self.wait = wait
  }
}

extension RecordingEnvironment {
  /// The machine itself.
  package static let system = RecordingEnvironment(
    files: .system,
    now: {
      var time = timespec()
      clock_gettime(CLOCK_REALTIME, &time)
      return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    },
    random: { UInt16.random(in: .min ... .max) },
    peakMemory: {
      var usage = rusage()
      getrusage(RUSAGE_SELF.rawValue, &usage)
      return Double(usage.ru_maxrss) / 1024
    },
    host: hostName(),
    processID: Int(getpid()),
    machine: machineName(),
    isRunning: { isProcessRunning($0) },
    wait: { usleep(UInt32($0 * 1e6)) }
  )

  private static func machineName() -> String {
    let boot = head(of: "/proc/sys/kernel/random/boot_id").prefix { $0 != "\n" }
    var link = [CChar](repeating: 0, count: 64)
    let length = max(readlink("/proc/self/ns/pid", &link, link.count), 0)
    let digits = link.prefix(length).map { UInt8(bitPattern: $0) }
      .filter { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    return "\(boot) \(String(decoding: digits, as: UTF8.self))"
  }

  private static func isProcessRunning(_ processID: Int) -> Bool {
    guard let id = pid_t(exactly: processID), id > 0 else { return false }
    guard kill(id, 0) == 0 || errno == EPERM else { return false }
    // The state follows the program's name, which may hold any character.
    let status = head(of: "/proc/\(id)/stat")
    guard let end = status.lastIndex(of: ")") else { return true }
    return !["Z", "X"].contains(status[end...].dropFirst(2).first)
  }

  /// The beginning of a file that the kernel makes; it has no size that a reader could ask for.
  private static func head(of path: String) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 512)
    let count = max(Glibc.read(descriptor, &bytes, bytes.count), 0)
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }

  private static func hostName() -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      guard let start = buffer.baseAddress, gethostname(start, 255) == 0 else { return "unknown" }
      start[255] = 0
      return String(cString: start)
    }
  }
}

extension RecordingEnvironment.Files {
  /// The disk.
  package static let system = Self(
    createFolders: { (path) throws(SystemError) in try SystemFile.createFolders(path) },
    createFolder: { (path) throws(SystemError) in try SystemFile.createFolder(path) },
    append: { (bytes, path) throws(SystemError) in try SystemFile.append(bytes, to: path) },
    replace: { (path, bytes, isDurable) throws(SystemError) in
      try SystemFile.replace(path, with: [bytes[...]], isDurable: isDurable)
    },
    overwrite: { (bytes, path) throws(SystemError) in
      try SystemFile.overwrite(path, with: bytes)
    },
    move: { (path, other) throws(SystemError) in try SystemFile.move(path, to: other) },
    lock: { (path) throws(SystemError) in try FolderLock(path) }
  )
}
