import Files
import Recording

/// What was decided while a sweep was made: `decisions.jsonl` in its folder, a line a decision.
///
/// So a sweep that goes on remembers which combinations were stopped, and others can see why.
package struct SweepDecisions: Equatable {
  /// Why a combination's runs are not made to their end.
  package enum Stop: Equatable {
    case byHand
    /// It was in the losing half at a rung (from 1 on) of so many.
    case halving(rung: Int, rungs: Int, step: Int)

    var text: String {
      switch self {
      case .byHand: "stopped by hand"
      case .halving(let rung, let rungs, _): "stopped at rung \(rung)/\(rungs)"
      }
    }
  }

  package private(set) var isHalving = false
  private(set) var stopped: [SweepPlan.Combination: Stop] = [:]
  /// Rungs that were decided, by the method's identifier.
  private(set) var rungs: [String: Int] = [:]

  init() {}

  /// Reads what has been written; a line that cannot be understood counts as none.
  init(reading directory: SweepDirectory) {
    var log = RecordedLog(directory.decisions)
    while let line = try? log.view() {
      if let decision = Decision(line) { take(decision) }
    }
  }

  mutating func take(_ decision: Decision) {
    switch decision {
    case .halving(let isOn): isHalving = isOn
    case .rung(let method, let rung): rungs[method] = max(rungs[method] ?? 0, rung)
    case .stop(let combination, let stop): stopped[combination] = stop
    case .goOn(let combination): stopped[combination] = nil
    }
  }

  /// One line of the file.
  package enum Decision: Equatable {
    case halving(Bool)
    case rung(method: String, Int)
    case stop(SweepPlan.Combination, Stop)
    case goOn(SweepPlan.Combination)
  }
}

extension SweepDecisions.Decision {
  fileprivate init?(_ line: JSONView) {
    let method = line["method"]?.string
    func combination() -> SweepPlan.Combination? {
      guard let method, let fields = line["values"], fields.isObject else { return nil }
      let values = fields.fields.compactMap { field in
        field.value.string.map { SweepPlan.Setting(id: field.key, text: $0) }
      }
      return SweepPlan.Combination(method: method, values: values)
    }
    let rung = line["rung"]?.integer
    switch line["decision"]?.string {
    case "halving": self = .halving(line["on"]?.bool == true)
    case "rung":
      guard let method, let rung else { return nil }
      self = .rung(method: method, rung)
    case "stop":
      guard let combination = combination() else { return nil }
      if let rung, let rungs = line["rungs"]?.integer, let step = line["step"]?.integer {
        self = .stop(combination, .halving(rung: rung, rungs: rungs, step: step))
      } else {
        self = .stop(combination, .byHand)
      }
    case "go on":
      guard let combination = combination() else { return nil }
      self = .goOn(combination)
    default: return nil
    }
  }

  package var json: JSONValue {
    func fields(_ combination: SweepPlan.Combination) -> [JSONField] {
      let values = combination.values.map { JSONField($0.id, .string($0.text)) }
      return [
        JSONField("method", .string(combination.method)), JSONField("values", .object(values)),
      ]
    }
    let time = JSONField("t", .number(RecordingEnvironment.system.now()))
    func line(_ name: String, _ rest: [JSONField]) -> JSONValue {
      .object([JSONField("decision", .string(name)), time] + rest)
    }
    switch self {
    case .halving(let isOn): return line("halving", [JSONField("on", .bool(isOn))])
    case .rung(let method, let rung):
      return line(
        "rung",
        [JSONField("method", .string(method)), JSONField("rung", .integer(rung))]
      )
    case .stop(let combination, .byHand): return line("stop", fields(combination))
    case .stop(let combination, .halving(let rung, let rungs, let step)):
      return line(
        "stop",
        fields(combination) + [
          JSONField("rung", .integer(rung)), JSONField("rungs", .integer(rungs)),
          JSONField("step", .integer(step)),
        ]
      )
    case .goOn(let combination): return line("go on", fields(combination))
    }
  }
}
