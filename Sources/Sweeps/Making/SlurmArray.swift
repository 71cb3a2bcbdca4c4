import Experiments
import Files
import Glibc
import Recording

/// A sweep as one Slurm job array: each task makes one run, and is put back into the queue when its
/// node dies or its time ends.
package struct SlurmArray {
  package let plan: SweepPlan
  package let directory: SweepDirectory
  /// Further options of sbatch.
  package let options: [String]
  /// Further options of each run.
  var further: [String] = []

  package init(
    plan: SweepPlan,
    directory: SweepDirectory,
    options: [String],
    further: [String] = []
  ) {
    self.plan = plan
    self.directory = directory
    self.options = options
    self.further = further
  }

  /// Seconds before a task's time ends at which it is told to leave a checkpoint.
  private static let warning = 60

  /// Writes the script for the runs of these numbers, which have not come to their end, and submits
  /// it.
  package func submit(_ runs: [Int]) throws(Failure) {
    guard !runs.isEmpty else {
      return complain("all \(plan.runs.count) runs are there; nothing was submitted")
    }
    let path = directory.path + "/slurm.sh"
    do throws(SystemError) {
      let text = script(runs)
      try SystemFile.replace(path, with: [Array(text.utf8)[...]], isDurable: false)
    } catch {
      throw Failure(
        status: Failure.inputOutput,
        sentence: "\(path): cannot be written (\(error.reason))"
      )
    }
    let result = ChildProcess.run(["sbatch", "--parsable", path])
    guard let result else {
      throw Failure(
        status: Failure.usage,
        sentence: "--slurm: there is no sbatch on this machine; run \(path.printable) where there "
          + "is, or use --print-commands"
      )
    }
    guard result.status == 0 else {
      let words = result.errors.split(separator: "\n").last.map(String.init) ?? ""
      throw Failure(
        status: Failure.usage,
        sentence: "--slurm: sbatch refused \(path.printable): \(words.printable)"
      )
    }
    let job = result.output.split { $0 == "\n" || $0 == ";" }.first.map(String.init) ?? "?"
    // Who watches the sweep asks the queue for them; without the file they see its runs all the same.
    try? SystemFile.append(Array("\(job.printable)\n".utf8), to: directory.jobs)
    complain(
      "\(runs.count) \(runs.count == 1 ? "run" : "runs") submitted as job array \(job.printable), recorded in \(directory.path)"
    )
    complain("when they have ended: metatop sweep --resume \(directory.path)")
  }

  /// The batch script; `submit` with sbatch, or by hand.
  func script(_ runs: [Int]) -> String {
    let folder = RunResolver.absolute(directory.path)
    let program = RunResolver.absolute("/proc/self/exe")
    // Each task is one run on one core, unless sbatch is told otherwise.
    let directives = options.map { "#SBATCH \($0)\n" }.joined()
    let words = further.map { " " + $0.shellQuoted }.joined()
    return """
      #!/bin/bash
      #SBATCH --job-name=\(plan.name)
      #SBATCH --array=\(Self.ranges(runs))
      #SBATCH --requeue
      #SBATCH --open-mode=append
      #SBATCH --output=\(folder)/slurm-%a.log
      #SBATCH --signal=B:USR1@\(Self.warning)
      #SBATCH --ntasks=1
      \(directives)# The time is nearly over: leave a checkpoint, and go on in another turn.
      ends() {
        kill -TERM "$run"
        wait "$run"
        scontrol requeue "${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}"
        exit 0
      }
      trap ends USR1
      \(program.shellQuoted) sweep --resume \(folder.shellQuoted) \\
        --run "$SLURM_ARRAY_TASK_ID" --threads "${SLURM_CPUS_PER_TASK:-1}"\(words) &
      run=$!
      wait "$run"
      """ + "\n"
  }

  /// Numbers as sbatch writes them: `1-4,7`.
  static func ranges(_ numbers: [Int]) -> String {
    var parts: [ClosedRange<Int>] = []
    for number in numbers.sorted() {
      if let last = parts.last, last.upperBound == number - 1 {
        parts[parts.count - 1] = last.lowerBound...number
      } else {
        parts.append(number...number)
      }
    }
    return parts.map { part in
      part.count == 1 ? "\(part.lowerBound)" : "\(part.lowerBound)-\(part.upperBound)"
    }.joined(separator: ",")
  }
}
