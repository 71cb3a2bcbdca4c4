import Glibc
import Tasks

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

    package init(
      createFolders: @escaping @Sendable (String) throws(SystemError) -> Void,
      createFolder: @escaping @Sendable (String) throws(SystemError) -> Void,
      read: @escaping @Sendable (String) throws(SystemError) -> [UInt8] = {
        (path) throws(SystemError) in
        try SystemFile.read(path)
      },
      append: @escaping @Sendable ([UInt8], String) throws(SystemError) -> Void,
      replace: @escaping @Sendable (String, [UInt8], Bool) throws(SystemError) -> Void
    ) {
      self.createFolders = createFolders
      self.createFolder = createFolder
      self.read = read
      self.append = append
      self.replace = replace
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

  package init(
    files: Files,
    now: @escaping @Sendable () -> Double,
    random: @escaping @Sendable () -> UInt16,
    peakMemory: @escaping @Sendable () -> Double,
    host: String,
    processID: Int
  ) {
    self.files = files
    self.now = now
    self.random = random
    self.peakMemory = peakMemory
    self.host = host
    self.processID = processID
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
    processID: Int(getpid())
  )

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
    }
  )
}
