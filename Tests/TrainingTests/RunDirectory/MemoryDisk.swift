import Glibc
import Synchronization
import Tasks
import Training

/// A disk in memory with a clock beside it, so that a test decides when it is full and what time
/// it is.
final class MemoryDisk: Sendable {
  private struct State {
    var files: [String: [UInt8]] = [:]
    var folders: Set<String> = []
    var writes: [String: Int] = [:]
    var refusals: [String: Int32] = [:]
    var time = 1_790_000_000.5
    var random: UInt16 = 0x00AB
  }

  private let state = Mutex(State())

  var environment: RecordingEnvironment {
    RecordingEnvironment(
      files: RecordingEnvironment.Files(
        createFolders: { [self] (path) throws(SystemError) in try makeFolder(path, isNew: false) },
        createFolder: { [self] (path) throws(SystemError) in try makeFolder(path, isNew: true) },
        append: { [self] (bytes, path) throws(SystemError) in try write(path) { $0 + bytes } },
        replace: { [self] (path, bytes, _) throws(SystemError) in try write(path) { _ in bytes } }
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
      processID: 42
    )
  }

  /// From now on the system refuses every path that ends with `suffix`.
  func refuse(_ suffix: String, _ code: Int32) { state.withLock { $0.refusals[suffix] = code } }

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

  private func check(_ path: String, action: String) throws(SystemError) {
    let code = state.withLock { $0.refusals.first { path.hasSuffix($0.key) }?.value }
    if let code { throw SystemError(path: path, action: action, code: code) }
  }
}
