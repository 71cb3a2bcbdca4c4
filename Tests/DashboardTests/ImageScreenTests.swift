import CellGrid
import Events
import Testing

@testable import Dashboard

/// Whole screens of few-shot pictures.
@Suite struct ImageScreenTests {
  static let state = DashboardState.demo(steps: 1250, total: 5000, task: DemoEvents.images)

  @Test func everySize() {
    expectGolden("200x50-images", Self.state, 200, 50)
    expectGolden("120x40-images", Self.state, 120, 40)
    expectGolden("80x24-images", Self.state, 80, 24)
    expectGolden("40x12-images", Self.state, 40, 12)
  }

  @Test func theEpisode() {
    var state = Self.state
    _ = state.press(.character("m"), .character("e"))
    expectGolden("120x40-episode", state, 120, 40)
    expectGolden("80x24-episode", state, 80, 24)
    expectGolden("40x12-episode", state, 40, 12)
    _ = state.press(.character("v"))
    expectGolden("200x50-episode", state, 200, 50)
  }

  @Test func theEpisodeInAscii() {
    var state = DashboardState.demo(
      steps: 300,
      total: 5000,
      task: DemoEvents.images,
      capabilities: .ascii
    )
    state.show(.episode)
    expectGolden("80x24-episode-ascii", state, 80, 24)
  }

  @Test func panelsOfASmallScreen() {
    var state = Self.state
    state.show(.adaptation)
    expectGolden("80x24-images-adaptation", state, 80, 24)
    state.show(.validation)
    expectGolden("80x24-images-validation", state, 80, 24)
    state.show(.coLearner)
    expectGolden("80x24-images-colearner", state, 80, 24)
    state.show(.perturbation)
    expectGolden("80x24-images-perturbation", state, 80, 24)
    _ = state.press(.character("a"))
    expectGolden("80x24-accuracy", state, 80, 24)
  }
}
