import Events
import Files
import Foundation
import TestSupport
import Testing

@testable import Recording

/// What a recording says of a method's screen is read without the method.
@Suite struct DeclaredRecordingTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// What a method declares now, as its fixture has it.
  private func declared(_ method: String) throws -> [String: RunDescription] {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Fixtures/\(method).json").standardized
    return try JSONDecoder().decode(
      [String: RunDescription].self,
      from: try Data(contentsOf: file)
    )
  }

  private func read(_ configuration: String) throws -> RunDescription? {
    RunDescription(try JSONView(Array(configuration.utf8)), id: RunID(0))
  }

  @Test(arguments: ["maml", "cml", "metaperturb"])
  func whatIsWrittenIsReadBack(_ method: String) throws {
    for (form, description) in try declared(method) {
      let text = JSONValue.object(description.configuration).encoded(onLines: true)
      let back = RunDescription(try JSONView(text), id: RunID(0))
      #expect(back == description, "\(method), \(form)")
    }
  }

  /// A recording of a method that this program does not have, and knows nothing of.
  @Test func anUnknownMethodsPanelsAreReadAsWell() throws {
    let text = """
      {"method":"tomorrow","method_name":"Tomorrow","steps":10,
       "task":{"name":"sinusoid","kind":"regression","shot":10,"query":10},
       "probes":[{"key":"drift","label":"δ drift","style":{"gauge":[0,2]},"unit":"px",
                   "healthy":{"low":null,"high":1.5,"text":"small \\u001b[31m"}}],
       "panels":[{"id":"drift","title":"drift","letter":"d","parts":[{"rows":["drift"]}]}],
       "moments":[{"id":"m","title":"the drift","equation":"δ","words":"{probe:drift}",
                   "place":"first"}],
       "adaptation":{"kind":"time","times":[0,0.5,1]},"step_loss":"held-out"}
      """
    let run = try #require(try read(text))
    #expect(run.panels.first?.parts == [.rows(["drift"])] && run.panels.first?.letter == "d")
    #expect(run.probes.first?.style == .gauge(0...2) && run.probes.first?.unit == "px")
    #expect(run.probes.first?.healthy == HealthyRange(to: 1.5, "small \u{FFFD}[31m"))
    #expect(run.moments.map(\.place) == [.first])
    #expect(run.adaptation == .time([0, 0.5, 1]) && run.stepLoss == .heldOut)
    #expect(run.regime == .episodes(way: nil, shot: 10, query: 10))
  }

  @Test func aHostileDeclarationIsLimited() throws {
    let long = String(repeating: "x", count: 5_000)
    let probes = (0..<10_000).map { "{\"key\":\"p/\($0)\",\"style\":{\"wave\":3}}" }
    let panels = (0..<100).map { index in
      """
      {"id":"panel-\(index % 50)","title":"\\u001b]0;owned\\u0007\(long)","letter":"\\u001b",
       "parts":[{"rows":["panel-\(index)","p"]},{"nothing":1},7,{"cells":["p"],"columns":-5},
         {"table":{"lines":"\(long)","columns":[{"prefix":"p","rank":9223372036854775807},{}]}},
         {"table":[]},{"rows":{"a":1}},{"accuracy_by_draws":"S","bars":"no"}]}
      """
    }
    let moments = (0..<100).map { index in
      """
      {"id":"m\(index)","title":"t","place":"first","words":"{m\(index)} {probe:p/1} \(long)",
       "switch":"\(long)"}
      """
    }
    let text = """
      {"method":"\\u001b[2J","steps":10,"task":{"name":"t","kind":"regression"},
       "hyperparameters":{"h":1e300},
       "hyperparameter_descriptors":[{"id":"h","kind":"integer","range":[0,5],"default":1e300,
                                      "role":{"switch":"x"}}],
       "probes":[\(probes.joined(separator: ","))],
       "panels":[\(panels.joined(separator: ",")),
                 {"id":"../../etc"},{"id":""},{"id":7},null],
       "moments":[\(moments.joined(separator: ","))],
       "regime":{"kind":"tasks","count":-1,"of":"\\u0007\(long)"},
       "adaptation":{"kind":"inner-steps","count":9223372036854775807},
       "step_loss":"none of them"}
      """
    let run = try #require(try read(text))
    #expect(run.probes.count == 1_000 && run.probes.allSatisfy { $0.style == .number })
    #expect(run.panels.count == Declarations.mostPanels)
    #expect(Set(run.panels.map(\.id)).count == run.panels.count)
    #expect(run.moments.count == Declarations.mostMoments)
    let texts =
      run.panels.map(\.title) + run.panels.compactMap(\.letter) + run.moments.map(\.words)
    for text in texts {
      let isPlain = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
      #expect(isPlain && text.count <= Declarations.longestWords)
    }
    #expect(run.adaptation == .innerSteps(count: 100_000) && run.stepLoss == .query)
    let own = try #require(run.hyperparameters.first)
    #expect(own.role == nil && own.format(1e300) == "1e+300")
    #expect(own.stepped(from: 1e300, up: true) == nil)
  }

  /// Recordings that were made before methods declared their screen: one of each method.
  @Test(arguments: [
    ("sinusoid-cml", "cml", "regression"),
    ("sinusoid-metaperturb", "metaperturb", "regression"),
    ("glyphs-joint", "metaperturb", "joint"),
  ])
  func anEarlierRecordingShowsItsPanels(
    _ name: String,
    _ method: String,
    _ form: String
  ) throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Earlier/\(name)").path
    var reader = try RecordedRunReader(path, id: RunID(0))
    let now = try #require(try declared(method)[form])
    let then = reader.description
    #expect(then.panels == now.panels && then.moments == now.moments)
    #expect(then.stepLoss == now.stepLoss)
    let roles = { (run: RunDescription) in run.hyperparameters.map(\.role) }
    #expect(roles(then).compactMap { $0 } == roles(now).compactMap { $0 })
    let styles = Dictionary(uniqueKeysWithValues: now.probes.map { ($0.key, $0.style) })
    for probe in then.probes {
      // The network is another, so its layers may have other names.
      guard let style = styles[probe.key] else { continue }
      #expect(probe.style == style, "\(probe.key)")
    }
    var steps: [Int] = []
    var probes: StepProbes?
    while let moment = reader.next() {
      guard case .step(let report) = moment.event else { continue }
      steps.append(report.step)
      probes = report.probes ?? probes
    }
    #expect(steps == [1, 2, 3, 4])
    #expect(probes?.values.count == then.probes.count)
  }

  /// Accuracy by the number of draws, and a map, come back from the log as they were told.
  @Test func validationsAndMapsAreReadBack() throws {
    let id = RunID(0)
    let report = ValidationReport(
      run: id,
      step: 3,
      loss: 1.5,
      lossConfidence95: 0.1,
      accuracy: 0.5,
      accuracyConfidence95: 0.05,
      lossByInnerStep: [1.5],
      accuracyByInnerStep: [0.5],
      accuracyBySamples: [
        SampledAccuracy(samples: 1, accuracy: 0.4), SampledAccuracy(samples: 5, accuracy: 0.5),
      ],
      episodes: 20
    )
    let map = MapSnapshot(
      run: id,
      step: 3,
      x: (-2, 2),
      y: (-1, 1),
      surface: [[1, 2], [3, 4], [5, 6]],
      places: [.init(label: "task 1", point: .init(x: 1, y: 0.5))],
      paths: [.init(label: "φ", points: [.init(x: 0, y: 0), .init(x: 1, y: 1)], isMain: true)]
    )
    var log = EventsLog()
    log.record(.validation(report), at: 1)
    log.record(.map(map), at: 2)
    let configuration = try #require(try declared("maml")["regression"]).configuration
    try JSONValue.object(configuration).encoded(onLines: true)
      .write(to: folder / "config.json")
    try log.takeLines().write(to: folder / "events.jsonl")
    var reader = try RecordedRunReader(folder / ".", id: id)
    var events: [RunEvent] = []
    while let moment = reader.next() { events.append(moment.event) }
    #expect(events == [.validation(report), .map(map)])
  }
}

extension [UInt8] {
  fileprivate func write(to path: String) throws {
    try Data(self).write(to: URL(fileURLWithPath: path))
  }
}
