import CellGrid
import Events

/// The way back from a divergence in one key: the last good checkpoint, at half the learning rate.
extension DashboardState {
  var reasonAgainstRescue: String? {
    guard let focused else { return "there is no run" }
    guard let report = focused.divergence else { return "this run has not left its band" }
    guard branchForms[focused.id] != nil else { return "this run cannot be branched from here" }
    guard focused.lastGoodStep != nil else {
      return "no checkpoint from before outer step \(Numbers.grouped(report.since)) was kept; "
        + "--keep-every N keeps one every N steps"
    }
    return focused.rate == nil ? "this run has no learning rate above 0 to halve" : nil
  }

  /// What the branch is made with: the values of its form.
  var rescueValues: [String: String]? {
    guard let focused, let step = focused.lastGoodStep, let rate = focused.rate,
      var values = branchForms[focused.id]?.values
    else { return nil }
    values["checkpoint"] = String(step)
    if values["beside"] != nil {
      // The others go on; what went wrong is gone back from.
      let others = (values["runs"] ?? "").split(separator: "\n").filter {
        $0 != values["branch"] ?? ""
      }
      values["runs"] = others.joined(separator: "\n")
      values["beside"] = others.isEmpty ? "nothing" : "all runs"
    }
    values["set"] = "\(rate.id)=\(rate.descriptor.format(rate.value / 2))"
    return values
  }

  /// What the key would do, for a line of the screen.
  var rescueOffer: String? {
    guard reasonAgainstRescue == nil, let focused, let step = focused.lastGoodStep,
      let rate = focused.rate
    else { return nil }
    return
      "back to \(Numbers.grouped(step)) with \(rate.id) \(rate.descriptor.format(rate.value / 2))"
  }
}

// MARK: - Before a change

extension DashboardState {
  var reasonAgainstForkBefore: String? {
    guard let focused else { return "there is no run" }
    guard branchForms[focused.id] != nil else { return "this run cannot be branched from here" }
    guard !focused.changes.isEmpty else { return "no value of this run was changed" }
    return stepBeforeChange == nil ? "no checkpoint from before the change was kept" : nil
  }

  /// The newest kept checkpoint that the last change had not reached: it was made just before the change, or
  /// before the first of several that followed at once.
  var stepBeforeChange: Int? {
    guard let focused, let change = focused.changes.last else { return nil }
    return focused.keptSteps.last { $0 <= change.step }
  }
}

extension RunState {
  /// The inner learning rate, or the outer one where a method has none, with its present value.
  fileprivate var rate: (id: String, value: Double, descriptor: HyperparameterDescriptor)? {
    let descriptor = hyperparameter(in: .innerRate) ?? hyperparameter(in: .outerRate)
    guard let descriptor, value(descriptor) > 0 else { return nil }
    return (descriptor.id, value(descriptor), descriptor)
  }
}
