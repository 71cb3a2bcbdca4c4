import CellGrid
import Events
import Testing

@testable import Dashboard

/// A run from its start to its end as a person sees it: what happens, then what the screen says.
@Suite struct StoryTests {
  /// Plays a story on an 80×24 screen.
  private struct Stage {
    var state = DashboardState(theme: .terminal, capabilities: .full)
    var demo = DemoEvents()
    var time = 0.0
    var sent: [DashboardEffect] = []

    mutating func press(_ keys: Key...) {
      for key in keys { sent += state.handle(.key(key)) }
    }

    mutating func wait(_ seconds: Double) {
      time += seconds
      state.tick(now: time)
    }

    mutating func steps(_ range: ClosedRange<Int>, of run: Int) {
      for step in range { state.apply(demo.step(step, of: run)) }
    }

    func sees(_ text: String, _ location: SourceLocation = #_sourceLocation) {
      let screen = state.screen(80, 24)
      #expect(screen.contains(text), "the screen is\n\(screen)", sourceLocation: location)
    }

    func doesNotSee(_ text: String, _ location: SourceLocation = #_sourceLocation) {
      #expect(!state.screen(80, 24).contains(text), sourceLocation: location)
    }
  }

  @Test func trainingPausingTuningAndFinishing() {
    var stage = Stage()
    stage.wait(0)
    stage.sees("metatop · waiting for the first run")

    stage.state.apply(.started(DemoEvents.description(0, total: 200)))
    stage.state.apply(.started(DemoEvents.description(1, total: 200)))
    stage.sees("no step has been made yet")
    stage.sees("outer   0 / 200")

    for second in 1...10 {
      stage.steps((second * 10 - 9)...(second * 10), of: 0)
      stage.steps((second * 10 - 9)...(second * 10), of: 1)
      stage.wait(1)
    }
    stage.sees("outer 100 / 200")
    stage.sees("50 %")
    stage.sees("ETA  0:10 · elapsed  0:10")

    stage.press(.character(" "))
    #expect(stage.sent == [.send(.pause)])
    stage.doesNotSee("PAUSED")
    for run in 0...1 { stage.state.apply(.statusChanged(RunID(run), .paused, step: 100)) }
    stage.sees("metatop · PAUSED")
    stage.sees("─ pause ─╮")

    stage.press(.character("s"), .right)
    #expect(stage.sent.suffix(2).first == .send(.singleStep))
    stage.sees("inner-lr     0.01 → 0.02 …")
    stage.state.apply(.hyperparameterChanged(RunID(0), id: "inner-lr", value: 0.02, step: 100))
    stage.steps(101...101, of: 0)
    stage.sees("inner-lr     0.02 ")
    stage.sees("┊inner-lr 0.02")

    stage.press(.character("="), .character("9"), .character("9"), .enter)
    stage.sees("99 is not allowed; use a number from 0 to 10")
    stage.press(.escape)
    stage.sees("q quit")

    stage.press(.character(" "))
    #expect(stage.sent.last == .send(.resume))
    for run in 0...1 { stage.state.apply(.statusChanged(RunID(run), .running, step: 100)) }
    stage.steps(102...200, of: 0)
    stage.state.apply(.statusChanged(RunID(0), .finished, step: 200))
    stage.state.apply(.statusChanged(RunID(1), .diverged, step: 130))
    stage.wait(5)
    stage.sees("metatop · ended")
    stage.sees("─ done ─╮")
    stage.sees("─ NaN ─╮")

    stage.state.show(.log)
    stage.sees("diverged: a loss")
    stage.press(.character("q"))
    #expect(stage.sent.last == .quit)
  }

  @Test func comparingMethodsInTheDark() {
    var stage = Stage()
    for run in 0...2 { stage.state.apply(.started(DemoEvents.description(run, total: 2000))) }
    stage.wait(0)
    for run in 0...2 {
      stage.steps(1...1000, of: run)
      stage.state.apply(stage.demo.validation(1000, of: run))
    }
    stage.wait(1)
    stage.press(.character("m"))
    stage.sees("hyperparameters ■ CML")
    stage.sees("γ  gamma")
    stage.press(.character("g"), .character("a"))
    stage.sees("adaptation ■ CML")
    stage.sees("meta-val")
    stage.press(.character("g"), .character("v"))
    stage.sees("meta-validation loss")
    stage.sees("├──■──┤")
    stage.press(.character("3"))
    stage.sees("○ opposes")
    stage.press(.character("4"))
    stage.sees("κ noise    0.750")
    stage.press(.character("f"))
    stage.sees("equal steps → equal compute …")
    stage.state.apply(.fairnessChanged(.equalCompute))
    stage.sees("fairness: equal compute")
    stage.doesNotSee("→ equal compute")
  }
}
