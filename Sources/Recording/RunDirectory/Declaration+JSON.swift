import Events
import Files

/// What a method declares of its screen, as `config.json` has it.
extension RunDescription {
  var declarations: [JSONField] {
    [
      JSONField("panels", .array(panels.map(\.json))),
      JSONField("moments", .array(moments.map(\.json))),
      JSONField("regime", regime.json),
      JSONField("adaptation", adaptation.json),
      JSONField("step_loss", .string(stepLoss.rawValue)),
    ]
  }
}

extension ProbeStyle {
  var json: JSONValue {
    switch self {
    case .number: .string("number")
    case .signed: .string("signed")
    case .percent: .string("percent")
    case .signedBar: .string("signed-bar")
    case .histogram: .string("histogram")
    case .gauge(let range):
      ["gauge": [.number(range.lowerBound), .number(range.upperBound)]]
    case .lamp(let on, let off, let above):
      ["lamp": ["on": .string(on), "off": .string(off), "above": .number(above)]]
    case .curve(let axis): ["curve": .string(axis)]
    }
  }
}

extension PanelDescription {
  fileprivate var json: JSONValue {
    [
      "id": .string(id),
      "title": .string(title),
      "letter": letter.map { .string($0) } ?? .null,
      "parts": .array(parts.map(\.json)),
    ]
  }
}

extension PanelPart {
  fileprivate var json: JSONValue {
    func list(_ keys: [String]) -> JSONValue { .array(keys.map { .string($0) }) }
    return switch self {
    case .rows(let keys): ["rows": list(keys)]
    case .cells(let keys, let columns): ["cells": list(keys), "columns": .integer(columns)]
    case .table(let table): ["table": table.json]
    case .accuracyByDraws(let title, let hasBars):
      ["accuracy_by_draws": .string(title), "bars": .bool(hasBars)]
    case .plane(let title): ["plane": .string(title)]
    }
  }
}

extension PanelTable {
  fileprivate var json: JSONValue {
    [
      "lines": .string(lines),
      "total": total.map { .string($0) } ?? .null,
      "columns": .array(
        columns.map { column in
          [
            "prefix": .string(column.prefix),
            "title": .string(column.title),
            "ascii": column.asciiTitle.map { .string($0) } ?? .null,
            "history": .bool(column.hasHistory),
            "rank": .integer(column.rank),
          ]
        }
      ),
    ]
  }
}

extension MomentDescription {
  fileprivate var json: JSONValue {
    [
      "id": .string(id),
      "title": .string(title),
      "equation": .string(equation),
      "words": .string(words),
      "place": .string(place.rawValue),
      "switch": switchID.map { .string($0) } ?? .null,
      "words_when_off": wordsWhenOff.map { .string($0) } ?? .null,
    ]
  }
}

extension Regime {
  fileprivate var json: JSONValue {
    switch self {
    case .episodes(let way, let shot, let query):
      [
        "kind": "episodes", "way": way.map { .integer($0) } ?? .null, "shot": .integer(shot),
        "query": .integer(query),
      ]
    case .tasks(let count, let of):
      ["kind": "tasks", "count": .integer(count), "of": .string(of)]
    }
  }
}

extension AdaptationAxis {
  fileprivate var json: JSONValue {
    switch self {
    case .innerSteps(let count): ["kind": "inner-steps", "count": .integer(count)]
    case .time(let times): ["kind": "time", "times": .array(times.map { .number($0) })]
    case .once: ["kind": "once"]
    case .none: ["kind": "none"]
    }
  }
}

extension HyperparameterDescriptor.Role {
  var json: JSONValue {
    switch self {
    case .innerRate: .string("inner-rate")
    case .innerSteps: .string("inner-steps")
    case .outerRate: .string("outer-rate")
    case .firstOrder: .string("first-order")
    case .switch(let off): ["switch": .number(off)]
    }
  }
}
