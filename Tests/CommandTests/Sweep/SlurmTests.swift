import Files
import Foundation
import Glibc
import TestSupport
import Testing

/// A sweep on a real Slurm, one of whose nodes dies.
///
/// `METATOP_CLUSTER=SCRIPT swift test --filter SlurmTests` runs it. The script makes a throw-away
/// cluster in the folder `SLURM_LOCAL_DIR`: `up NODES CPUS`, `env` (prints an export of
/// `SLURM_CONF`), `kill-node n1`, `start-node n1`, `down`. It takes some minutes, since Slurm does.
@Suite(.enabled(if: getenv("METATOP_CLUSTER") != nil))
struct SlurmTests {
  private let sweep: SweepFolder
  private let script = getenv("METATOP_CLUSTER").map { String(cString: $0) } ?? ""

  init() throws { sweep = try SweepFolder() }

  private var environment: [String: String] {
    [
      "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "CLUSTER": script,
      "SLURM_LOCAL_DIR": sweep.folder / "cluster",
    ]
  }

  /// What a shell in the sweep's folder says, with the cluster's configuration.
  @discardableResult
  private func shell(_ text: String) throws -> String {
    let shell = "shift $#; eval $(bash $CLUSTER env); " + text
    let started = try Program.Started(
      [],
      in: sweep.folder,
      environment: environment,
      shell: shell
    )
    let program = try started.end(killedAfter: 1_200)
    #expect(program.status == 0, "\(text): \(program.output)\(program.errors)")
    return program.output
  }

  private func submit(_ line: String) throws {
    let shell = "eval $(bash $CLUSTER env); exec \"$@\""
    let program = try Program.run(
      SweepFolder.words(line),
      in: sweep.folder,
      environment: environment,
      shell: shell
    )
    #expect(program.status == 0, "\(program.errors)")
  }

  /// A command that leaves daemons behind, which must not hold what tells of its own end.
  private func begin(_ command: String) throws {
    let closing =
      "for f in /proc/self/fd/*; do f=${f##*/}; [ $f -lt 3 ] || eval \"exec $f>&-\"; done"
    try shell("exec bash -c '\(closing); bash $CLUSTER \(command)'")
  }

  /// The sweep's array is the cluster's first job; another that depends on it waits in its stead.
  private func waitForTheArray() throws { try shell("srun --dependency=afterany:1 --quiet true") }

  /// Waits until a run has been meta-validated, after which it has a checkpoint worth going on from.
  private func waitForValidation(of folder: String) throws {
    let log = "runs/first/\(folder)/metrics.jsonl"
    try shell("tail -q -n +1 -F \(log) 2>/dev/null | grep -q -m 1 validation_loss")
  }

  @Test func everyRunEndsOnceThoughANodeDies() throws {
    let line = SweepFolder.line.replacingOccurrences(of: "--steps 20", with: "--steps 60000")
      .replacingOccurrences(of: "--evaluate-every 10", with: "--evaluate-every 1000")
    try begin("up 2 2")
    defer { _ = try? shell("bash $CLUSTER down") }
    try submit(line + " --slurm")
    // All four places are taken, and their runs are under way.
    let plan = try JSONValue(parsing: SystemFile.read(sweep.path + "/sweep.json"))
    let folders = plan["runs"]?.array?.compactMap { $0["folder"]?.string } ?? []
    for folder in folders.prefix(4) { try waitForValidation(of: folder) }
    let lost = try shell("squeue -h -r -t R -w n1 -o %K").split(separator: "\n")
    #expect(lost.count == 2)
    try shell("bash $CLUSTER kill-node n1")
    try begin("start-node n1")
    try waitForTheArray()
    let whole = try SweepFolder()
    let table = try whole.run(line)
    let shown = try sweep.run("sweep --resume runs/first")
    #expect(shown.output == table.output)
    #expect(try sweep.testLosses() == whole.testLosses())
    try sweep.checkMetrics(steps: 60_000)
    // Those of the dead node went on from their checkpoints; nobody else began again.
    for name in try sweep.directories() {
      let text = try String(contentsOfFile: sweep.path + "/\(name)/config.json", encoding: .utf8)
      let isLost = lost.contains {
        name.hasPrefix(String(repeating: "0", count: 3 - $0.count) + $0)
      }
      #expect(text.contains("\"resumed\"") == isLost, "\(name)")
    }
  }
}
