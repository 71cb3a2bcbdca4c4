import CellGrid
import Events
import Testing

@testable import Dashboard

@Suite("What is longer than its panel folds, and says so")
struct AdaptationFoldTests {
  private func lines(_ count: Int, _ room: Int, _ used: Int?) -> String {
    AdaptationPanel.lines(of: count, in: room, keeping: used).map { line in
      switch line {
      case .step(let step): "\(step)"
      case .gap(let steps): "(\(steps.lowerBound)-\(steps.upperBound))"
      }
    }.joined(separator: " ")
  }

  @Test func whichStepsStay() {
    #expect(lines(4, 4, 1) == "0 1 2 3")
    #expect(lines(51, 6, 50) == "0 1 2 3 (4-49) 50")
    #expect(lines(51, 7, 20) == "0 1 2 (3-19) 20 (21-49) 50")
    #expect(lines(51, 3, nil) == "0 (1-49) 50")
    #expect(lines(51, 2, nil) == "0 1")
    #expect(lines(51, 0, nil) == "" && lines(0, 5, nil) == "")
    for count in 0...40 {
      for room in 3...12 {
        let found = AdaptationPanel.lines(of: count, in: room, keeping: 5)
        #expect(found.count == min(count, room) || found.count == room - 1)
        if count > 0 { #expect(found.last == .step(count - 1)) }
      }
    }
  }

  @Test func theScreenSaysWhatIsLeftOut() {
    var state = DashboardState.demo(runs: 1, steps: 30)
    var report = ValidationReport(loss: 1, lossConfidence95: 0, lossByInnerStep: [], episodes: 9)
    report.lossByInnerStep = (0...50).map { 4 / Float(1 + $0) }
    state.apply(.validation(report))
    #expect(state.screen(120, 40).contains("left out"))
    state.show(.adaptation)
    _ = state.press(.character("v"))
    #expect(!state.screen(120, 80).contains("left out"))
  }
}
