import Files
import Glibc
import Recording
import Synchronization

/// A disk in memory with a clock beside it, so that a test decides when it is full and what time
/// it is.
final class MemoryDisk: Sendable {
  private struct State {
    var files: [String: [UInt8]] = [:]
    var folders: Set<String> = []
    var writes: [String: Int] = [:]
    var refusals: [String: Int32] = [:]
    var locks: [String: Int32] = [:]
    var processes: Set<Int> = [42]
    var waiting: (@Sendable () -> Void)?
    var time = 1_790_000_000.5
    var random: UInt16 = 0x00AB
  }

  private let state = Mutex(State())

  var environment: RecordingEnvironment {
    RecordingEnvironment(
      files: RecordingEnvironment.Files(
        createFolders: { [self] (path) throws(SystemError) in try makeFolder(path, isNew: false) },
        createFolder: { [self] (path) throws(SystemError) in try makeFolder(path, isNew: true) },
        read: { [self] (path) throws(SystemError) in
          guard let bytes = state.withLock({ $0.files[path] }) else {
            throw SystemError(path: path, action: "read", code: ENOENT)
          }
          return bytes
        },
        append: { [self] (bytes, path) throws(SystemError) in try write(path) { $0 + bytes } },
        replace: { [self] (path, bytes, _) throws(SystemError) in try write(path) { _ in bytes } },
        overwrite: { [self] (bytes, path) throws(SystemError) in try overwrite(path, bytes) },
        move: { [self] (path, other) throws(SystemError) in
          state.withLock { $0.files[other] = $0.files.removeValue(forKey: path) }
        },
        lock: { [self] (path) throws(SystemError) in
          if let code = state.withLock({ $0.locks[path] }) {
            throw SystemError(path: path, action: "locked", code: code)
          }
          return nil
        }
      ),
      now: { [self] in state.withLock { $0.time } },
      random: { [self] in
        state.withLock { state in
          defer { state.random += 1 }
          return state.random
        }
      },
      peakMemory: { 12.34 },
      host: "host",
      processID: 42,
      machine: "kernel 1",
      isRunning: { [self] id in state.withLock { $0.processes.contains(id) } },
      wait: { [self] seconds in
        let action = state.withLock { state in
          state.time += seconds
          return state.waiting
        }
        action?()
      }
    )
  }

  /// From now on the system refuses every path that ends with `suffix`.
  func refuse(_ suffix: String, _ code: Int32) { state.withLock { $0.refusals[suffix] = code } }

  /// There is room again.
  func accept(_ suffix: String) { state.withLock { $0.refusals[suffix] = nil } }

  /// Another process keeps the folder for itself.
  func lock(_ path: String) { state.withLock { $0.locks[path] = EWOULDBLOCK } }

  /// A process that can be seen.
  func begin(process: Int) { state.withLock { _ = $0.processes.insert(process) } }

  /// What happens elsewhere while somebody waits, each time.
  func whileWaiting(_ action: @escaping @Sendable () -> Void) {
    state.withLock { $0.waiting = action }
  }

  func put(_ text: String, at path: String) { state.withLock { $0.files[path] = Array(text.utf8) } }

  func advance(_ seconds: Double) { state.withLock { $0.time += seconds } }

  func resetRandom() { state.withLock { $0.random = 0x00AB } }

  func text(_ path: String) -> String? {
    state.withLock { $0.files[path].map { String(decoding: $0, as: UTF8.self) } }
  }

  func lines(_ path: String) throws -> [JSONValue] {
    try (text(path) ?? "").split(separator: "\n").map { try JSONValue(parsing: $0.utf8) }
  }

  func document(_ path: String) throws -> JSONValue {
    try JSONValue(parsing: (text(path) ?? "").utf8)
  }

  func writes(_ path: String) -> Int { state.withLock { $0.writes[path] ?? 0 } }

  private func makeFolder(_ path: String, isNew: Bool) throws(SystemError) {
    try check(path, action: "created")
    let inserted = state.withLock { $0.folders.insert(path).inserted }
    if isNew, !inserted { throw SystemError(path: path, action: "created", code: EEXIST) }
  }

  private func write(_ path: String, _ change: ([UInt8]) -> [UInt8]) throws(SystemError) {
    try check(path, action: "written")
    state.withLock { state in
      state.files[path] = change(state.files[path] ?? [])
      state.writes[path, default: 0] += 1
    }
  }

  /// What stands there needs no room, unless the disk itself is broken.
  private func overwrite(_ path: String, _ bytes: [UInt8]) throws(SystemError) {
    let code = state.withLock { $0.refusals.first { path.hasSuffix($0.key) }?.value }
    if let code, code != ENOSPC { throw SystemError(path: path, action: "written", code: code) }
    state.withLock { $0.files[path] = bytes }
  }

  private func check(_ path: String, action: String) throws(SystemError) {
    let code = state.withLock { $0.refusals.first { path.hasSuffix($0.key) }?.value }
    if let code { throw SystemError(path: path, action: action, code: code) }
  }
}
