import Experiments
import Files
import Recording

extension SweepRunner {
  /// Says what is about to be made: `open` runs that are not there yet, so many at a time.
  package func announce(_ open: Int, workers: Int, isHalving: Bool) {
    let (seeds, all) = (plan.seeds.count, plan.runs.count)
    guard open > 0 else { return complain("all \(all) runs are there, in \(directory.path)") }
    let most = isHalving ? "at most " : ""
    let done = open < all ? ", \(all - open) of them are there" : ""
    complain(
      "\(all) runs: \(plan.combinations.count) combinations × \(seeds) "
        + "\(seeds == 1 ? "seed" : "seeds")\(done); \(most)\(grouped(plan.steps)) outer steps in all, "
        + "\(workers) at a time, recorded in \(directory.path)"
    )
    if workers < threads {
      complain("more of them side by side would not fit into the machine's memory")
    }
  }
}

extension SweepPlan {
  package func words(_ run: Run) -> String { words(run.combination) + ", seed \(run.seed)" }
}

extension RunPool.Result {
  /// What a run came to in a few words: the test's score, or how it ended.
  package var score: String {
    guard let test = reports.last(where: \.isMetaTest) else { return status.rawValue }
    guard let accuracy = test.accuracy else { return "test loss \(fixed(Double(test.loss), 4))" }
    return "test accuracy \(fixed(Double(accuracy) * 100, 2)) %"
  }
}
