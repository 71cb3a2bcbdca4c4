import Files

extension TransferPlan {
  /// Trains all cells, several at a time, and tells of each that has ended.
  ///
  /// - Returns: What each came to; nil for one that was stopped.
  package func make(
    threads: Int,
    out: String,
    isStopped: () -> Bool
  ) throws(Failure) -> [RunPool.Result?] {
    runs.first?.notes.forEach(complain)
    let progress = PoolProgress(total: runs.count)
    complain("\(runs.count) runs, \(threads) at a time, recorded in \(out)")
    return try RunPool(threads: threads).run(
      runs.count,
      prepare: { (index, _) throws(Failure) in
        try TrainingRun(pooled: runs[index], out: out)
      },
      isStopped: isStopped,
      finished: { (index, count, result) throws(Failure) in
        if let failure = result.failure { throw failure }
        let cell = cells[index]
        let accuracy = result.test?.accuracy.map { "\(Int(($0 * 100).rounded())) %" }
        let words =
          "\(arms[cell.arm].descriptor.name), \(cell.images) images a class, seed \(cell.seed): "
          + (accuracy ?? result.status.rawValue)
        complain(progress.line(count, words))
      }
    )
  }
}
