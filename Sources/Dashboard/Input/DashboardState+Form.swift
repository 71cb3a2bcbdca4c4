import CellGrid
import Events

/// Keys of the form, and what its values will take.
extension DashboardState {
  /// What came of checking or starting the form's values.
  package mutating func answer(_ answer: ComparisonForm.Answer) {
    guard case .form(var form) = overlay else { return }
    form.take(answer)
    overlay = .form(form)
    needsRedraw = true
  }

  /// How long what was checked takes by a measurement; values that were changed since are not it.
  package mutating func answer(seconds: Double) {
    guard case .form(var form) = overlay, let answer = form.answer, !answer.isProblem else {
      return
    }
    form.measuredSeconds = seconds
    overlay = .form(form)
    needsRedraw = true
  }

  /// How the path goes on that is being typed: the longest beginning that all candidates share.
  package mutating func complete(_ path: String, candidates: [String]) {
    guard case .form(var form) = overlay else { return }
    form.complete(path)
    overlay = .form(form)
    if candidates.isEmpty {
      say("no file or folder begins so", isProblem: true)
    } else if candidates.count > 1 {
      say(candidates.prefix(12).joined(separator: "  ") + (candidates.count > 12 ? "  …" : ""))
    }
    needsRedraw = true
  }

  /// The answer, with the time where it is known, in lines that the form has room for.
  func formAnswer(columns: Int) -> [String] {
    guard let answer = form?.answer else { return [] }
    var text = answer.text
    if !answer.isProblem, let seconds = formDuration {
      text += ", about \(Numbers.duration(seconds)) at the present speed"
    } else if !answer.isProblem, let seconds = form?.measuredSeconds {
      text += ", about \(Numbers.duration(max(seconds, 1))) by three steps of each run"
    }
    return text.wrapped(min(FormPlaces.columns, columns) - 4)
  }

  /// Keys while the form is open.
  mutating func handle(_ form: ComparisonForm, _ key: Key) -> [DashboardEffect] {
    var form = form
    defer { if case .form = overlay { overlay = .form(form) } }
    message = nil
    if form.list != nil {
      handleList(&form, key)
      return []
    }
    switch key {
    case .escape: overlay = nil
    case .up, .backTab: form.move(-1)
    case .tab:
      if let path = form.path { return [.completePath(path)] }
      form.move(1)
    case .down: form.move(1)
    case .left: form.turn(-1)
    case .right: form.turn(1)
    case .control("r"): form.useRecent()
    case .character(let character): form.insert(String(character))
    case .enter:
      guard form.isReady else { return [.checkComparison(form.values)] }
      let values = form.values
      overlay = .ending
      ending = .keep
      return [.startComparison(values)]
    default: form.edit(key)
    }
    return []
  }

  /// Keys while the form's list is open.
  private func handleList(_ form: inout ComparisonForm, _ key: Key) {
    switch key {
    case .escape, .enter: form.closeList()
    case .up, .backTab: form.moveInList(-1)
    case .down, .tab: form.moveInList(1)
    case .pageUp: for _ in 0..<5 { form.moveInList(-1) }
    case .pageDown: for _ in 0..<5 { form.moveInList(1) }
    case .character(" "): form.toggleListed()
    case .right where form.list?.input.isEmpty == true: form.toggleListed()
    case .left where form.list?.input.isEmpty == true: form.closeList()
    default: form.search { _ = $0.take(key) }
    }
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
