import Events
import Files

/// A method's declarations as somebody's file has them.
///
/// Whatever it says, they are few, short, and hold no control characters. What is not understood is
/// left out; the rest is shown.
enum Declarations {
  static let mostPanels = 16
  static let mostParts = 16
  static let mostKeys = 256
  static let mostColumns = 12
  static let mostMoments = 16
  static let longestLabel = 80
  static let longestWords = 2_000

  static func panels(_ document: JSONView) -> [PanelDescription] {
    var known: Set<String> = []
    return document.elements("panels").prefix(mostPanels).compactMap { PanelDescription($0) }
      .filter { known.insert($0.id).inserted }
  }

  static func moments(_ document: JSONView) -> [MomentDescription] {
    var known: Set<String> = []
    return document.elements("moments").prefix(mostMoments)
      .compactMap { MomentDescription($0) }.filter { known.insert($0.id).inserted }
  }
}

/// What a recording says of its screen, in its own words or as an earlier version's is understood.
struct ReadDeclarations {
  var hyperparameters: [HyperparameterDescriptor]
  var probes: [ProbeDescriptor]
  var panels: [PanelDescription]
  var moments: [MomentDescription]
  var regime: Regime?
  var adaptation: AdaptationAxis?
  var stepLoss: StepLoss?
}

extension JSONView {
  /// A short text for people, without control characters; nil where there is none.
  func label(_ key: String, limit: Int = Declarations.longestLabel) -> String? {
    self[key]?.label(limit: limit)
  }

  func label(limit: Int = Declarations.longestLabel) -> String? {
    string.map { String($0.prefix(limit)).printable }
  }

  fileprivate func keys(_ key: String) -> [String] {
    elements(key).prefix(Declarations.mostKeys).compactMap { $0.label() }
  }

  /// Two finite numbers of which the first is less.
  fileprivate var bounds: ClosedRange<Double>? {
    let ends = elements.prefix(3).compactMap(\.double)
    guard ends.count == 2, ends[0] < ends[1], (ends[1] - ends[0]).isFinite else { return nil }
    return ends[0]...ends[1]
  }
}

extension ProbeStyle {
  /// A style that nobody knows is shown as a number.
  init(_ document: JSONView?) {
    let name = document?.string ?? document?.fields.first { _ in true }?.key
    switch name {
    case "signed": self = .signed
    case "percent": self = .percent
    case "signed-bar": self = .signedBar
    case "histogram": self = .histogram
    case "gauge": self = document?["gauge"]?.bounds.map { .gauge($0) } ?? .number
    case "lamp":
      let lamp = document?["lamp"]
      self = .lamp(
        on: lamp?.label("on", limit: 16) ?? "on",
        off: lamp?.label("off", limit: 16) ?? "off",
        above: lamp?["above"]?.double ?? 0.5
      )
    case "curve": self = .curve(axis: document?.label("curve") ?? "")
    default: self = .number
    }
  }
}

extension PanelDescription {
  fileprivate init?(_ document: JSONView) {
    // A name in settings, key files and on the screen.
    guard let id = document.label("id", limit: 40), !id.isEmpty,
      id.allSatisfy({ $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "-") })
    else { return nil }
    let parts = document.elements("parts").prefix(Declarations.mostParts)
    self.init(
      id: id,
      title: document.label("title", limit: 40) ?? id,
      letter: document.label("letter", limit: 1),
      parts: parts.compactMap { PanelPart($0) }
    )
  }
}

extension PanelPart {
  fileprivate init?(_ document: JSONView) {
    if document["rows"] != nil {
      self = .rows(document.keys("rows"))
    } else if document["cells"] != nil {
      let columns = min(max(document["columns"]?.integer ?? 1, 1), 8)
      self = .cells(document.keys("cells"), columns: columns)
    } else if let table = document["table"] {
      self = .table(PanelTable(table))
    } else if let title = document.label("accuracy_by_draws", limit: 16) {
      self = .accuracyByDraws(title: title, hasBars: document["bars"]?.bool == true)
    } else if let title = document.label("plane") {
      self = .plane(title: title)
    } else {
      return nil
    }
  }
}

extension PanelTable {
  fileprivate init(_ document: JSONView) {
    let columns = document.elements("columns").prefix(Declarations.mostColumns)
    self.init(
      lines: document.label("lines", limit: 16) ?? "",
      total: document.label("total", limit: 16),
      columns: columns.compactMap { column in
        guard let prefix = column.label("prefix") else { return nil }
        return Column(
          prefix,
          title: column.label("title", limit: 16) ?? prefix,
          asciiTitle: column.label("ascii", limit: 16),
          hasHistory: column["history"]?.bool == true,
          rank: column["rank"]?.integer ?? 0
        )
      }
    )
  }
}

extension MomentDescription {
  fileprivate init?(_ document: JSONView) {
    guard let id = document.label("id"), let title = document.label("title"),
      let place = document["place"]?.string.flatMap(Place.init(rawValue:))
    else { return nil }
    let longest = Declarations.longestWords
    self.init(
      id: id,
      title: title,
      equation: document.label("equation", limit: 200) ?? "",
      words: document.label("words", limit: longest) ?? "",
      place: place,
      switchID: document.label("switch"),
      wordsWhenOff: document.label("words_when_off", limit: longest)
    )
  }
}

extension Regime {
  init?(_ document: JSONView?) {
    switch document?["kind"]?.string {
    case "episodes":
      self = .episodes(
        way: document?["way"]?.integer,
        shot: document?["shot"]?.integer ?? 0,
        query: document?["query"]?.integer ?? 0
      )
    case "tasks":
      self = .tasks(count: document?["count"]?.integer ?? 0, of: document?.label("of") ?? "tasks")
    default: return nil
    }
  }
}

extension AdaptationAxis {
  /// Points of time, at most.
  private static var mostTimes: Int { 1_000 }

  init?(_ document: JSONView?) {
    switch document?["kind"]?.string {
    case "inner-steps":
      self = .innerSteps(count: min(max(document?["count"]?.integer ?? 0, 0), 100_000))
    case "time":
      let times = document?["times"]?.elements.prefix(Self.mostTimes).compactMap(\.double)
      self = .time(times ?? [])
    case "once": self = .once
    case "none": self = .none
    default: return nil
    }
  }
}

extension HyperparameterDescriptor.Role {
  init?(_ document: JSONView?) {
    switch document?.string {
    case "inner-rate": self = .innerRate
    case "inner-steps": self = .innerSteps
    case "outer-rate": self = .outerRate
    case "first-order": self = .firstOrder
    default:
      guard let off = document?["switch"]?.double else { return nil }
      self = .switch(off: off)
    }
  }
}
