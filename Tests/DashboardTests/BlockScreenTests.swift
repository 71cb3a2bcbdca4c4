import CellGrid
import Testing

@testable import Dashboard

/// Fonts without braille patterns, as on the Linux console.
@Suite struct BlockScreenTests {
  @Test func curvesAreMadeOfHalfBlocks() {
    let console = TerminalCapabilities(colors: 8, isUnicode: true, hasBraille: false)
    var state = DashboardState.demo(steps: 3000, capabilities: console)
    expectGolden("80x24-console", state, 80, 24)
    for kind in state.availablePanels {
      state.show(kind)
      let scalars = state.screen(120, 40).unicodeScalars
      let hasBraille = scalars.contains { (0x2800...0x28FF).contains($0.value) }
      #expect(!hasBraille, "\(kind)")
    }
  }
}
