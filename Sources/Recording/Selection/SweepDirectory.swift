import Files
import Glibc

/// The folder of a sweep: `sweep.json`, and a run directory for each of its runs.
package struct SweepDirectory: Equatable {
  package let path: String

  package init(path: String) {
    let isSlashed = path.count > 1 && path.hasSuffix("/")
    self.path = SystemFile.expanded(isSlashed ? String(path.dropLast()) : path)
  }

  package var manifest: String { path + "/sweep.json" }
  /// What its runs are trained on, as in a run's directory.
  package var data: String { RunDirectory(path: path).data }
  /// The numbers of the job arrays it was submitted as, a line each.
  package var jobs: String { path + "/slurm-jobs" }
  package var decisions: String { path + "/decisions.jsonl" }
  package var exists: Bool { access(manifest, F_OK) == 0 }
}
