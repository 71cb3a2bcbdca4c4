import CellGrid
import Events
import Testing

@testable import Dashboard

/// The screen of a run without episodes: several tasks that share φ.
@Suite struct JointScreenTests {
  /// What the method itself declares of its joint protocol.
  private static var description: RunDescription {
    let declared = DemoEvents.declared("metaperturb", "joint")
    return RunDescription(
      id: RunID(0),
      methodID: "metaperturb",
      methodName: "MetaPerturb",
      citation: "Ryu et al. 2020",
      task: declared.task,
      model: "Conv4-16 28×28×1",
      layers: declared.layers,
      parameterCounts: ["body": 7_184, "head": 680, "perturbation": 82],
      hyperparameters: DemoEvents.hyperparameters("metaperturb"),
      values: ["kappa": 1],
      probes: declared.probes,
      panels: declared.panels,
      moments: declared.moments,
      regime: declared.regime,
      adaptation: declared.adaptation,
      stepLoss: declared.stepLoss,
      totalSteps: 300,
      metaBatchSize: 4,
      seed: 0,
      threads: 2,
      color: 0
    )
  }

  private static func state(_ capabilities: TerminalCapabilities = .full) -> DashboardState {
    var state = DashboardState(theme: .terminal, capabilities: capabilities)
    state.apply(.started(description))
    state.tick(now: 0)
    for step in 1...120 {
      let loss = 3.7 - 0.02 * Float(step) + 0.1 * Float(step * 7 % 11) / 11
      let sites = (0..<5).flatMap { site -> [Float] in
        let shift = Float(site) * 0.01
        return [0.9 + shift, 0.58 - shift, 0.54 + shift, 0.5 - shift, Float(site) * 0.002]
      }
      let values =
        Array(sites[..<5]) + [1] + Array(sites[5...]) + [0.3 + 0.1 * Float(step % 5)]
        + (0..<4).map { loss + 0.1 * Float(($0 + step) % 4) }
      state.apply(
        .step(
          StepReport(
            run: RunID(0),
            step: step,
            seconds: Double(step) * 0.5,
            queryLoss: loss,
            supportLoss: loss - 0.1,
            metaGradientNorm: 0.1,
            queryAccuracy: Float(step) / 300,
            probes: StepProbes(
              supportLosses: [loss - 0.1],
              queryLosses: [loss],
              innerGradientNorms: [1, 1, 1, 1, 1],
              values: values
            )
          )
        )
      )
    }
    state.apply(
      .validation(
        ValidationReport(
          run: RunID(0),
          step: 120,
          loss: 1.5,
          lossConfidence95: 0.05,
          accuracy: 0.455,
          accuracyConfidence95: 0.024,
          lossByInnerStep: [1.5],
          accuracyByInnerStep: [0.455],
          accuracyBySamples: [
            SampledAccuracy(samples: 1, accuracy: 0.391),
            SampledAccuracy(samples: 5, accuracy: 0.455),
          ],
          episodes: 1_600
        )
      )
    )
    state.tick(now: 83)
    return state
  }

  @Test func wholeScreens() {
    expectGolden("200x50-joint", Self.state(), 200, 50)
    expectGolden("120x40-joint", Self.state(), 120, 40)
  }

  @Test func perturbationOfASmallScreen() {
    var state = Self.state(.ascii)
    state.panel = .perturbation
    expectGolden("80x24-joint-ascii", state, 80, 24)
    expectGolden("40x12-joint-ascii", state, 40, 12)
    let cells = state.render(size: GridSize(columns: 80, rows: 24)).cells
    #expect(cells.allSatisfy { $0.scalar.isASCII })
  }

  /// Every number has a word beside it, also where there is no inner loop to speak of.
  @Test func nothingSpeaksOfAnInnerLoop() {
    let text = Self.state().render(size: GridSize(columns: 200, rows: 50)).dump()
    #expect(!text.contains("before adaptation") && !text.contains("after adaptation"))
    #expect(text.contains("1,600 images") && text.contains("training loss"))
  }
}

extension JointScreenTests {
  /// An arm of a transfer learns from one set alone; its loss must not pass for a held-out one.
  @Test func anArmsLossIsCalledTraining() {
    var state = DashboardState(theme: .terminal, capabilities: .full)
    let task = TaskDescription(
      name: "glyphs",
      kind: .classification,
      way: nil,
      shot: 5,
      queryShot: 0,
      setting: "10 classes, 50 training images"
    )
    state.apply(.started(DemoEvents.description(0, total: 100, task: task)))
    state.tick(now: 0)
    let probes = StepProbes(
      supportLosses: [0.5],
      queryLosses: [0.5],
      innerGradientNorms: [],
      values: []
    )
    state.apply(
      .step(
        StepReport(
          run: RunID(0),
          step: 1,
          seconds: 1,
          queryLoss: 0.5,
          supportLoss: 0.5,
          metaGradientNorm: 1,
          queryAccuracy: 0.9,
          probes: probes
        )
      )
    )
    state.apply(
      .validation(
        ValidationReport(
          run: RunID(0),
          step: 1,
          loss: 2.25,
          lossConfidence95: 0.1,
          accuracy: 0.4,
          accuracyConfidence95: 0.1,
          lossByInnerStep: [2.25],
          accuracyByInnerStep: [0.4],
          episodes: 200
        )
      )
    )
    state.tick(now: 1)
    let text = state.render(size: GridSize(columns: 200, rows: 50)).dump()
    #expect(text.contains("training accuracy") && text.contains("train loss"))
    #expect(text.contains("held-out loss   2.2500") && !text.contains("query loss"))
  }
}
