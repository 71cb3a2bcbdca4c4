import MetaLearning

extension BatchTraining {
  /// The plans' arenas, each member's parameters, moments and results, each worker's batch.
  ///
  /// A plan that might not be addressable is made of a part of the batch, and its arena counted as often.
  func memoryEstimate(_ run: RunConfiguration) -> MemoryEstimate {
    var (weights, arena, scratch, episode, largest) = (0.0, 0.0, 0, 0.0, 0.0)
    let space = Double(1 << 28)
    for model in method.members(for: run.model, run.values) {
      let setup = BatchSetup(
        method: method,
        model: model,
        values: run.values,
        classes: classCount
      )
      // Eight values a unit, in each of a few passes.
      let rough = Double(batch) * Double(model.unitCount) * 64
      let share = max((rough / space).rounded(.up), 1)
      let part = max(Int((Double(batch) / share).rounded(.up)), 2)
      let plan = setup.trainingPlan(batch: part).plan
      weights += 6 * Double(setup.parameters.count)
      arena = max(arena, Double(plan.plan.program.arenaCount) * share)
      scratch = max(scratch, plan.plan.program.convolutionScratchCount)
      let inputs = model.inputShape.reduce(1.0) { $0 * Double($1) }
      episode = Double(batch) * (inputs + Double(classCount))
      largest = max(largest, arena, Double(setup.parameters.count), episode)
    }
    return MemoryEstimate(
      own: 4 * (weights + 2 * Double(run.threads) * episode),
      workspaces: 4 * Double(run.threads) * (arena + Double(scratch)),
      isAddressable: largest < space
    )
  }
}
