import Files
import Glibc
import Kernels
import Training

/// Where and on what runs are trained, for their `env.json`: nothing that the numbers depend on, but
/// what somebody asks who gets others.
enum RunSurroundings {
  static func fields(_ configurations: [RunConfiguration]) -> [JSONField] {
    [
      JSONField("version", .string(version)),
      JSONField("arguments", .array(CommandLine.arguments.map { .string($0.printable) })),
      JSONField("folder", .string(folder.printable)),
      JSONField("git_commit", GitCommit.found(in: folder).map { .string($0) } ?? .null),
      JSONField("system", .string(system)),
      JSONField("processor", .string(processor)),
      JSONField("instructions", .string(KernelTable.forThisMachine.name)),
      JSONField("matrix_engine", .bool(MatrixEngine.isAvailable)),
      JSONField("cores", .integer(availableCores())),
      JSONField("memory_bytes", .number(physicalMemory())),
      JSONField("data", data(configurations)),
      JSONField("data_changed", changes(configurations)),
      JSONField("slurm", slurm),
    ]
  }

  private static var folder: String {
    guard let path = getcwd(nil, 0) else { return "" }
    defer { free(path) }
    return String(cString: path)
  }

  private static var system: String {
    var name = utsname()
    guard uname(&name) == 0 else { return "" }
    func text<Characters>(_ characters: Characters) -> String {
      withUnsafeBytes(of: characters) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
    }
    return "\(text(name.sysname)) \(text(name.release)) \(text(name.machine))"
  }

  private static var processor: String {
    // The kernel makes this file; it has no size that a reader could ask for.
    guard let file = fopen("/proc/cpuinfo", "r") else { return "" }
    defer { fclose(file) }
    var buffer = [CChar](repeating: 0, count: 512)
    while fgets(&buffer, Int32(buffer.count), file) != nil {
      let line = String(
        decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) },
        as: UTF8.self
      )
      guard line.hasPrefix("model name"), let colon = line.firstIndex(of: ":") else { continue }
      let words = line[line.index(after: colon)...].split { $0 == " " || $0 == "\n" }
      return words.joined(separator: " ").printable
    }
    return ""
  }

  /// The pictures that were read: how many, and a number that others do not have.
  private static func data(_ configurations: [RunConfiguration]) -> JSONValue {
    guard let task = configurations.first?.distribution, let digest = task.digest else {
      return .null
    }
    return .object([
      JSONField("name", .string(task.name.printable)),
      JSONField("classes", .integer(digest.classes)),
      JSONField("images", .integer(digest.images)),
      JSONField("sha256", digest.sha256.map { .string($0) } ?? .null),
    ])
  }

  /// What somebody accepted of data that are no longer those the run was trained on.
  private static func changes(_ configurations: [RunConfiguration]) -> JSONValue {
    let all = configurations.flatMap(\.acceptedChanges)
    return all.isEmpty ? .null : .array(all.map { .string($0.printable) })
  }

  /// What a batch system says of the job.
  private static var slurm: JSONValue {
    let names = [
      "SLURM_JOB_ID", "SLURM_ARRAY_JOB_ID", "SLURM_ARRAY_TASK_ID", "SLURM_RESTART_COUNT",
      "SLURMD_NODENAME",
    ]
    let fields = names.compactMap { name in
      getenv(name).map { JSONField(name.lowercased(), .string(String(cString: $0).printable)) }
    }
    return fields.isEmpty ? .null : .object(fields)
  }
}
