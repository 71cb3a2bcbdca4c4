import CellGrid
import Events

/// Keys of the form, and what its values will take.
extension DashboardState {
  /// What came of checking or starting the form's values.
  package mutating func answer(_ answer: ComparisonForm.Answer) {
    guard form != nil else { return }
    form?.answer = answer
    needsRedraw = true
  }

  /// Keys while the form is open.
  mutating func handleForm(_ key: Key) -> [DashboardEffect] {
    needsRedraw = true
    if form?.list != nil { return handleList(key) }
    switch key {
    case .escape: form = nil
    case .up, .backTab: form?.move(-1)
    case .down, .tab: form?.move(1)
    case .left: form?.turn(-1)
    case .right: form?.turn(1)
    case .backspace: form?.deleteLast()
    case .control("r"): form?.useRecent()
    case .control("l"): return [.redrawAll]
    case .control("z"): return [.suspend]
    case .character(let character): form?.insert(String(character))
    case .enter:
      guard let form else { return [] }
      return [form.isReady ? .startComparison(form.values) : .checkComparison(form.values)]
    default: break
    }
    return []
  }

  /// Keys while the form's list is open.
  private mutating func handleList(_ key: Key) -> [DashboardEffect] {
    switch key {
    case .escape, .enter, .left: form?.closeList()
    case .up, .backTab: form?.moveInList(-1)
    case .down, .tab: form?.moveInList(1)
    case .pageUp: form?.moveInList(-1)
    case .pageDown: form?.moveInList(1)
    case .character(" "), .right: form?.toggleListed()
    case .backspace: form?.search { $0.deleteLast() }
    case .character(let character): form?.search { $0.insert(String(character)) }
    case .control("l"): return [.redrawAll]
    case .control("z"): return [.suspend]
    default: break
    }
    return []
  }

  /// Minutes and seconds that as many steps will take, where the same runs are measured now.
  ///
  /// Only the number of steps, the seed and the choice among the present methods may differ.
  var formDuration: Double? {
    guard form?.values["grid"] == nil else { return sweepDuration }
    guard let form, let template = formTemplate else { return nil }
    let mayDiffer: Set<String> = ["steps", "seed", "methods"]
    let (new, old) = (form.values, template.values)
    guard new.allSatisfy({ mayDiffer.contains($0.key) || old[$0.key] == $0.value }),
      let steps = new["steps"].flatMap(Double.init)
    else { return nil }
    var seconds = 0.0
    for name in (new["methods"] ?? "").split(separator: ",") {
      guard let run = runs.first(where: { $0.description.methodID == name }),
        run.step > 20, run.computingSeconds > 0
      else { return nil }
      seconds += steps * run.computingSeconds / Double(run.step)
    }
    return seconds
  }
}
