import MetaLearning

extension BatchTraining {
  /// The plans' arenas, each member's parameters, moments and results, each worker's batch.
  func memoryEstimate(_ run: RunConfiguration) -> MemoryEstimate {
    var (weights, arena, scratch, episode, largest) = (0.0, 0, 0, 0, 0)
    for model in method.members(for: run.model, run.values) {
      let setup = BatchSetup(
        method: method,
        model: model,
        values: run.values,
        classes: classCount
      )
      let plan = setup.trainingPlan(batch: batch).plan
      weights += 6 * Double(setup.parameters.count)
      arena = max(arena, plan.plan.program.arenaCount)
      scratch = max(scratch, plan.plan.program.convolutionScratchCount)
      episode = setup.layout(batch: batch).count
      largest = max(largest, arena, setup.parameters.count, episode)
    }
    return MemoryEstimate(
      own: 4 * (weights + 2 * Double(run.threads * episode)),
      workspaces: 4 * Double(run.threads * (arena + scratch)),
      isAddressable: largest < 1 << 28
    )
  }
}
