import Events
import Foundation
import Models
import Testing

@testable import MetaLearning

/// What methods declare of their screen, and the fixtures with it that other targets' tests read.
///
/// `METATOP_RECORD=1 swift test --filter DeclarationTests` writes `Tests/Fixtures/<id>.json` anew;
/// look at the difference before it is committed.
@Suite struct DeclarationTests {
  private static let dense = MLP(inputs: 1, hidden: [40, 40], outputs: 1)
  private static let convolutional = ConvNet(
    height: 28,
    width: 28,
    inputChannels: 1,
    channels: 64,
    outputs: 5
  )

  /// A method on sinusoids and on pictures, and what else it has, by the name of the form.
  private static func descriptions(_ method: any Method) -> [String: RunDescription] {
    let sinusoid = TaskDescription(
      name: "sinusoid",
      kind: .regression,
      way: nil,
      shot: 10,
      queryShot: 10
    )
    let pictures = TaskDescription(
      name: "omniglot",
      kind: .classification,
      way: 5,
      shot: 1,
      queryShot: 15
    )
    var all = [
      "regression": description(method, dense, sinusoid),
      "classification": description(method, convolutional, pictures),
    ]
    if method.descriptor.id == SupervisedMethod.joint.descriptor.id {
      let joint = TaskDescription(
        name: "omniglot",
        kind: .classification,
        way: nil,
        shot: 1,
        queryShot: 1,
        setting: "4 tasks of 40 classes, 1600 training images"
      )
      let tasks = SupervisedMethod.joint.taskProbes((1...4).map { "omniglot \($0)" })
      all["joint"] = description(SupervisedMethod.joint, convolutional, joint, tasks)
    }
    return all
  }

  private static func description(
    _ method: any Method,
    _ model: any Model,
    _ task: TaskDescription,
    _ more: [ProbeDescriptor] = []
  ) -> RunDescription {
    let values = HyperparameterValues(method.hyperparameters(for: model))
    return RunDescription(
      id: RunID(0),
      methodID: method.descriptor.id,
      methodName: method.descriptor.name,
      citation: method.descriptor.citation,
      task: task,
      model: model.name,
      layers: model.layers,
      parameterCounts: [:],
      hyperparameters: values.descriptors,
      values: values.byID,
      probes: method.probes(for: model, values) + more,
      panels: method.panels(for: model),
      moments: method.moments(for: model),
      adaptation: method.adaptationAxis(values),
      stepLoss: method.stepLoss,
      totalSteps: 30_000,
      metaBatchSize: 4,
      seed: 42,
      threads: 2
    )
  }

  @Test(arguments: CatalogEntry.declared)
  func fixturesAreUpToDate(_ entry: CatalogEntry) throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../Fixtures/\(entry.method.descriptor.id).json")
    let declared = Self.descriptions(entry.method)
    if ProcessInfo.processInfo.environment["METATOP_RECORD"] != nil {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      try (encoder.encode(declared) + Data("\n".utf8)).write(to: file)
    }
    let stored = try JSONDecoder().decode(
      [String: RunDescription].self,
      from: try Data(contentsOf: file)
    )
    #expect(stored == declared, "Tests/Fixtures/\(file.lastPathComponent) is stale; record it anew")
  }

  /// A panel and a moment name what the method measures or has; nothing else would ever be shown.
  @Test(arguments: CatalogEntry.declared + CatalogEntry.composed)
  func declarationsNameWhatThereIs(_ entry: CatalogEntry) {
    for description in Self.descriptions(entry.method).values {
      let keys = Set(description.probes.map(\.key))
      let families = Set(description.probes.filter { $0.member != nil }.map { String($0.prefix) })
      let ids = Set(description.hyperparameters.map(\.id))
      let losses: Set = ["support_loss", "query_loss", "validation_loss"]
      func isKnown(_ key: String) -> Bool {
        keys.contains(key) || families.contains(key) || ids.contains(key) || losses.contains(key)
      }
      #expect(Set(description.panels.map(\.id)).count == description.panels.count)
      for panel in description.panels {
        #expect(panel.id.wholeMatch(of: /[a-z0-9-]+/) != nil && !panel.title.isEmpty)
        let tables = panel.parts.compactMap {
          if case .table(let table) = $0 { table } else { nil }
        }
        for part in panel.parts {
          if case .rows(let rows) = part { #expect(rows.allSatisfy(isKnown), "\(rows)") }
        }
        for table in tables {
          // A variant may lack some of the columns, never the first.
          #expect(table.columns.first.map { families.contains($0.prefix) } == true)
        }
      }
      for moment in description.moments {
        for name in (moment.equation + moment.words + (moment.wordsWhenOff ?? ""))
          .matches(of: /\{([^}]*)\}/).map({ String($0.output.1) })
        {
          let isProbe = name.hasPrefix("probe:")
          #expect(
            isProbe
              ? keys.contains(String(name.dropFirst(6)))
              : ["k", "next"].contains(name)
                || ids.contains(name),
            "\(moment.id): {\(name)}"
          )
        }
        if let id = moment.switchID {
          #expect(description.hyperparameters.first { $0.id == id }?.offValue != nil)
        }
      }
    }
  }
}
