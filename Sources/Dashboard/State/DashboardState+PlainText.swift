import CellGrid
import Events

/// The state in whole lines, for people who listen and for terminals that only print.
extension DashboardState {
  /// How far all runs are and how each does.
  var plainReport: [String] {
    [plainHead] + shownRuns.map(plainLine) + (shownVerdict?.lines() ?? [])
  }

  private var plainHead: String {
    var parts: [String] = []
    if let replay {
      let place = "\(Numbers.duration(replay.position)) of \(Numbers.duration(replay.duration))"
      parts.append(replay.isLive ? "attached" : "replay, \(place)")
    } else if runs.isEmpty {
      parts.append("waiting for the first run")
    } else if let pastText {
      parts.append(pastText)
    } else if runs.allSatisfy(\.isOver) {
      parts.append("ended")
    } else if isPausing {
      parts.append("pausing after the step under way")
    } else if let firstStepText {
      parts.append(firstStepText)
    } else {
      parts.append(runs.contains { $0.status == .running } ? "running" : "paused")
    }
    if let rate = totalRate { parts.append("\(Numbers.compact(rate)) outer steps a second") }
    if let remaining { parts.append("\(Numbers.duration(remaining)) to go") }
    return (parts + ["elapsed \(Numbers.duration(elapsed))"]).joined(separator: ", ")
  }

  private func plainLine(_ index: Int) -> String {
    let run = runs[index]
    var parts = [
      run.status.rawValue,
      "outer step \(Numbers.grouped(run.step)) of \(Numbers.grouped(run.description.totalSteps))",
    ]
    if run.isClassification,
      let accuracy = mean(of: index, { $0.shown.queryAccuracy.value(smoothing) })
    {
      parts.append("accuracy \(Numbers.percent(accuracy * 100))")
    }
    if let loss = mean(of: index, { $0.queryLoss.value(smoothing) }) {
      parts.append("\(run.lossName) \(Numbers.measured(loss))")
    }
    if let before = run.shown.lossBefore.value(smoothing), run.isAdapting {
      parts.append("before adaptation \(Numbers.measured(before))")
    }
    if let score = score(of: index) {
      let name = run.validation?.isMetaTest == true ? "meta-test" : "meta-validation"
      parts.append("\(name) \(score.valueText) \(score.halfText)")
    }
    if let norm = run.metaGradientNorm.value(smoothing) {
      parts.append("meta-gradient \(Numbers.measured(norm))")
    }
    return "\(shownName(index)): \(parts.joined(separator: ", "))"
  }

  /// A panel's numbers, a line each.
  func plainLines(of kind: PanelKind) -> [String] {
    guard let run = focused else { return ["no run has started yet"] }
    let head = "\(title(of: kind)), \(run.name)"
    switch kind {
    case .hyperparameters:
      return [head]
        + run.description.hyperparameters.map { one in
          "\(one.id) \(one.format(run.value(one))), \(one.allowed): \(one.help)"
        }
    case .adaptation: return [head] + plainAdaptation(run)
    case .log: return ["events"] + plainEvents(20)
    case .validation:
      return [title(of: kind)]
        + shownRuns.map { index in
          let score = score(of: index).map { "\($0.valueText) \($0.halfText)" } ?? "none yet"
          return "\(shownName(index)): \(score)"
        }
    case .chart, .accuracy, .gain: return plainCurves(kind)
    case .declared(let id): return plainDeclared(id)
    case .heatmap, .episode, .innerLoop:
      return [head, "this is a picture; what it shows:"]
        + explanations(of: kind).map { "\($0.name): \($0.sentence)" }
    }
  }

  private func plainAdaptation(_ run: RunState) -> [String] {
    let (support, query) = (run.probes?.supportLosses ?? [], run.probes?.queryLosses ?? [])
    let held = run.validation?.lossByInnerStep ?? []
    let accuracy = run.validation?.accuracyByInnerStep ?? []
    let count = [support.count, query.count, held.count].max() ?? 0
    guard count > 0 else { return ["not measured yet"] }
    return (0..<count).map { step in
      let parts = [
        support.at(step).map { "support \(Numbers.measured($0))" },
        query.at(step).map { "query \(Numbers.measured($0))" },
        held.at(step).map { "meta-validation \(Numbers.measured($0))" },
        accuracy.at(step).map { "accuracy \(Numbers.percent($0 * 100))" },
      ]
      return "after \(step) inner steps: \(parts.compactMap { $0 }.joined(separator: ", "))"
    }
  }

  /// Ten places of every curve.
  private func plainCurves(_ kind: PanelKind) -> [String] {
    guard let quantity = ChartQuantity(kind) else { return [] }
    let curves = ChartCurves(self, quantity)
    let unit = quantity == .accuracy ? " %" : ""
    return ["\(title(of: kind)), over \(chart.axis.title)"]
      + curves.shownRuns.map { index in
        let samples = curves.samples(index).filter { $0.value.isFinite }
        let stride = max(1, (samples.count + 9) / 10)
        let places = samples.indices.filter { (samples.count - 1 - $0) % stride == 0 }
        let words = places.map { place in
          let at = Numbers.grouped(Int(min(max(samples[place].x, -9e15), 9e15).rounded()))
          return "\(at): \(Numbers.measured(samples[place].value))\(unit)"
        }
        return
          "\(shownName(index)): \(words.isEmpty ? "nothing yet" : words.joined(separator: ", "))"
      }
  }

  private func plainDeclared(_ id: String) -> [String] {
    guard let run = run(where: { $0.panel(id) != nil }), let panel = run.panel(id) else {
      return ["no method here has this panel"]
    }
    var lines = ["\(panel.title), \(run.name)"]
    for part in panel.parts {
      switch part {
      case .rows(let keys), .cells(let keys, _):
        for key in run.members(keys) + keys.filter({ !run.has($0) && run.family($0).isEmpty }) {
          guard let quantity = run.quantity(key) else { continue }
          lines.append("\(quantity.label) \(quantity.text())")
        }
      case .table(let table):
        for line in run.lines(of: table) {
          let cells = table.columns.compactMap { column in
            run.quantity("\(column.prefix)/\(line)").map { "\(column.title) \($0.text())" }
          }
          lines.append("\(line): \(cells.joined(separator: ", "))")
        }
      case .accuracyByDraws, .plane: break
      }
    }
    return lines
  }

  /// The newest events.
  func plainEvents(_ count: Int) -> [String] { logLines(atMost: count).map(plainLine) }

  /// An event with the runs it happened to.
  func plainLine(_ line: LogLine) -> String {
    let names = line.runs.compactMap { id in index(of: id).map { runs[$0].name } }
    let who = names.isEmpty ? "" : "\(names.joined(separator: ", ")): "
    let step = line.entry.step.map { " (outer step \(Numbers.grouped($0)))" } ?? ""
    return "\(who)\(line.entry.text)\(step)"
  }
}
