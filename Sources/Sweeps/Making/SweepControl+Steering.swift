import Events
import Experiments
import Recording

extension SweepControl {
  /// Carries out what a person asked for, and says what that does.
  package func carryOut(_ steering: SweepSteering, _ plan: SweepPlan) -> ScreenFiles.Outcome {
    do throws(Failure) {
      return .init(text: try carriedOut(steering, plan), isProblem: false)
    } catch {
      return .init(text: error.sentence, isProblem: true)
    }
  }

  private func carriedOut(
    _ steering: SweepSteering,
    _ plan: SweepPlan
  ) throws(Failure) -> String {
    switch steering {
    case .togglePause:
      return togglePause() ? "paused; space goes on" : "the runs go on"
    case .toggleHalving:
      let isOn = !decisions.isHalving
      try decide([.halving(isOn)], interrupts: true)
      return isOn
        ? "successive halving: at each rung a method's losing half is stopped"
        : "no more halving; what was stopped stays so until s"
    case .toggleStop(let row):
      let combination = plan.combination(row)
      if isStopped(combination) {
        try decide([.goOn(combination)], interrupts: true)
        return "\(plan.words(combination)) goes on"
      }
      guard row.ended < plan.seeds.count else { return "its runs have all come to their end" }
      try decide([.stop(combination, .byHand)], interrupts: false)
      return "\(plan.words(combination)) is stopped; s lets it go on"
    case .first(let row):
      guard row.ended < plan.seeds.count else { return "its runs have all come to their end" }
      makeFirst(plan.combination(row))
      return "\(plan.words(plan.combination(row))) comes next"
    }
  }
}
