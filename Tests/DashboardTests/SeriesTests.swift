import CellGrid
import Events
import Testing

@testable import Dashboard

@Suite("Runs by their names, colours and seeds; who is ahead")
struct SeriesTests {
  private static func run(
    _ index: Int,
    _ method: Int,
    seed: UInt64,
    color: Int? = nil
  ) -> RunDescription {
    let sample = DemoEvents.description(method, total: 400)
    return RunDescription(
      id: RunID(index),
      methodID: sample.methodID,
      methodName: sample.methodName,
      citation: "",
      task: sample.task,
      model: sample.model,
      layers: sample.layers,
      parameterCounts: sample.parameterCounts,
      hyperparameters: sample.hyperparameters,
      values: sample.values,
      probes: sample.probes,
      panels: sample.panels,
      moments: sample.moments,
      totalSteps: 400,
      metaBatchSize: 25,
      seed: seed,
      threads: 1,
      color: color
    )
  }

  /// Two methods with three seeds each, after 40 steps; the loss of a seed is its number and 1 or 2.
  private func seeds() -> DashboardState {
    var state = DashboardState(theme: .terminal, capabilities: .full)
    for index in 0..<6 {
      state.apply(.started(Self.run(index, index / 3, seed: UInt64(index % 3))))
    }
    state.tick(now: 0)
    for step in 1...40 {
      for index in 0..<6 {
        let loss = Float(index % 3) + Float(index / 3 + 1)
        state.apply(
          .step(
            StepReport(
              run: RunID(index),
              step: step,
              seconds: Double(step),
              queryLoss: loss,
              supportLoss: 1,
              metaGradientNorm: 1
            )
          )
        )
      }
    }
    for index in 0..<6 {
      let loss = Float(index % 3) + Float(index / 3 + 1) + (index == 0 ? 0.001 : 0)
      state.apply(
        .validation(
          ValidationReport(
            run: RunID(index),
            step: 40,
            loss: loss,
            lossConfidence95: 0.1,
            lossByInnerStep: [],
            episodes: 2,
            scores: [loss, loss],
            isMetaTest: true
          )
        )
      )
    }
    state.tick(now: 1)
    return state
  }

  @Test func seedsAreOneSeriesWithItsBand() throws {
    var state = seeds()
    #expect(state.isFolded && state.shownRuns == [0, 3])
    #expect(state.runs.map(\.name).prefix(2) == ["MAML s0", "MAML s1"])
    let screen = state.screen(120, 40)
    #expect(screen.contains("MAML ×3") && screen.contains("CML ×3"))
    #expect(!screen.split(separator: "\n").prefix(9).contains { $0.contains("MAML s1") })
    #expect(screen.contains("bands: 95 % over seeds"))
    // 1, 2, 3: mean 2, and t(2) · 1/√3 about it.
    let curve = state.samples(of: 0, { $0.history }, smoothing: 0)
    let last = try #require(curve.last)
    #expect(abs(last.value - 2) < 1e-5 && abs(last.high - 2 - 2.48414) < 1e-3)
    let score = try #require(state.score(of: 0))
    #expect(abs(score.value - 2.0003) < 1e-3 && abs(score.half - 2.4837) < 2e-3)
    // The other series stands with the run of the focused one's seed.
    _ = state.press(.character("m"))
    #expect(state.shownRuns == [1, 4])
    _ = state.press(.character("B"))
    #expect(!state.isFolded && state.shownRuns.count == 6)
    #expect(state.screen(200, 50).contains("CML s2"))
    for (columns, rows) in [(40, 12), (80, 24), (120, 40), (200, 50)] {
      for _ in 0..<2 {
        _ = state.press(.character("B"))
        #expect(state.render(size: GridSize(columns: columns, rows: rows)).violation == nil)
      }
    }
  }

  @Test func theVerdictIsALineOfTheScreen() {
    var state = seeds()
    #expect(state.screen(200, 50).contains("MAML − CML −0.9997 ± "))
    #expect(state.screen(200, 50).contains("meta-test loss, paired over 3 seeds, 95 %"))
    #expect(state.screen(80, 24).contains("MAML − CML −0.9997 ± "))
    let before = state.screen(120, 40)
    #expect(!before.contains("all runs have ended"))
    for index in 0..<6 { state.apply(.statusChanged(RunID(index), .finished, step: 40)) }
    let screen = state.screen(120, 40)
    #expect(
      screen.contains("all runs have ended; next:") && screen.contains("leave: all is recorded")
    )
    // Another task is no opponent.
    let other = DemoEvents.description(6, total: 10, task: DemoEvents.images)
    state.apply(.started(other))
    #expect(state.shownVerdict == nil)
  }

  /// Recorded episodes hold nothing out, so nothing is waited for; where something is, leaving waits.
  @Test func aTestIsAwaitedWhereThereIsOne() {
    func ended(isTested: Bool?) -> DashboardState {
      var state = DashboardState(theme: .terminal, capabilities: .full)
      let task = TaskDescription(
        name: "episodes",
        kind: .regression,
        way: nil,
        shot: 5,
        queryShot: 5,
        isTested: isTested
      )
      state.apply(.started(DemoEvents.description(0, total: 4, task: task)))
      state.apply(.statusChanged(RunID(0), .finished, step: 4))
      return state
    }
    let awaited = ended(isTested: nil)
    #expect(!awaited.hasEnded && awaited.screen(120, 40).contains("under way"))
    let over = ended(isTested: false)
    #expect(over.hasEnded && !over.screen(120, 40).contains("under way"))
  }

  @Test func coloursStayWithTheirRuns() {
    var state = DashboardState(theme: .terminal, capabilities: .full)
    state.preferredColors = ["maml": 0, "cml": 1]
    state.apply(.started(Self.run(0, 1, seed: 0)))
    #expect(state.runs.map(\.color) == [1])
    state.apply(.started(Self.run(1, 0, seed: 0, color: 5)))
    state.apply(.started(Self.run(2, 1, seed: 1)))
    #expect(state.runs.map(\.color) == [1, 5, 2])
  }

  @Test func withEqualComputingTimeTheStepsDiffer() {
    var state = DashboardState.demo(runs: 2, steps: 20)
    state.apply(.fairnessChanged(.equalCompute))
    #expect(state.screen(120, 40).contains("equal compute"))
    #expect(!state.screen(120, 40).contains("outer steps differ"))
    state.apply(
      .step(
        StepReport(
          run: RunID(0),
          step: 21,
          seconds: 1,
          queryLoss: 1,
          supportLoss: 1,
          metaGradientNorm: 1
        )
      )
    )
    #expect(state.screen(120, 40).contains("equal compute: outer steps differ"))
  }

  @Test func exportsSayWhichRunAndHaveTheAccuracy() {
    let rows = seeds().chartRows
    #expect(rows.first?.prefix(2) == ["method", "run"])
    #expect(Set(rows.dropFirst().map { $0[1] }).contains("CML s2"))
    let images = DashboardState.demo(runs: 2, steps: 10, task: DemoEvents.images).chartRows
    #expect(
      images.first?.suffix(3) == [
        "accuracy_percent_mean", "accuracy_percent_min", "accuracy_percent_max",
      ]
    )
    #expect(
      images.dropFirst().allSatisfy { $0.count == images[0].count && Double($0.last ?? "") != nil }
    )
  }
}
