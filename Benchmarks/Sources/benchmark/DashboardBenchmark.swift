import Foundation

/// The product itself on a 200×50 terminal.
///
/// `dashboard.py` and `instrument.py` with the release build, which is made first.
enum DashboardBenchmark: Benchmark {
  static let name = "dashboard"

  static func run() throws {
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../..").standardizedFileURL.path
    try execute([
      "swift", "build", "--package-path", package, "-c", "release", "--product", "metatop",
    ])
    for script in ["dashboard", "instrument"] {
      try execute([
        "python3", package + "/Benchmarks/\(script).py", package + "/.build/release/metatop",
      ])
    }
  }

  private static func execute(_ command: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      print("dashboard: \(command[0]) ended with status \(process.terminationStatus)")
      exit(1)
    }
  }
}
