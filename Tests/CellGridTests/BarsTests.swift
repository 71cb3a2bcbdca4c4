import CellGrid
import Testing

@Suite struct BarsTests {
  private func draw(_ columns: Int, _ body: (inout CellGrid) -> Void) -> String {
    var grid = CellGrid(size: GridSize(columns: columns, rows: 1))
    body(&grid)
    #expect(grid.violation == nil)
    return grid.dump()
  }

  private func bar(_ fraction: Double, _ columns: Int, glyphs: Glyphs = .unicode) -> String {
    draw(columns) {
      $0.bar(
        fraction,
        row: 0,
        column: 0,
        columns: columns,
        glyphs: glyphs,
        style: .plain,
        track: .plain
      )
    }
  }

  @Test(arguments: [
    (0.0, "········"), (1.0, "████████"), (0.5, "████····"), (0.51, "████▏···"),
    (0.97, "███████▊"), (-3, "········"), (7, "████████"), (.nan, "········"),
  ])
  func barsOfEighths(fraction: Double, expected: String) {
    #expect(bar(fraction, 8) == expected)
  }

  @Test func barsInAscii() {
    #expect(bar(0.5, 8, glyphs: .ascii) == "####....")
    #expect(bar(0.04, 8, glyphs: .ascii) == "........")
    #expect(bar(0.5, 0) == "")
  }

  private func signed(_ fraction: Double) -> String {
    draw(9) {
      $0.signedBar(
        fraction,
        row: 0,
        column: 0,
        columns: 9,
        glyphs: .unicode,
        style: .plain,
        track: .plain
      )
    }
  }

  @Test(arguments: [
    (0.0, "····│····"), (0.5, "····│██··"), (-0.5, "··██│····"), (1, "····│████"),
    (-9, "████│····"), (.nan, "····│····"),
  ])
  func barsFromTheMiddle(fraction: Double, expected: String) {
    #expect(signed(fraction) == expected)
  }

  @Test func sparklinesLeaveGapsAndKeepTheNewest() {
    let values: [Float] = [9, 0, 1, .nan, 2, 3, .infinity, 4]
    let text = draw(7) {
      $0.sparkline(
        values,
        range: 0...4,
        row: 0,
        column: 0,
        columns: 7,
        glyphs: .unicode,
        style: .plain
      )
    }
    #expect(text == "▁▃ ▅▆ █")
  }

  @Test func aFlatSparklineIsLow() {
    let text = draw(3) {
      $0.sparkline(
        [2, 2, 2],
        range: 2...2,
        row: 0,
        column: 0,
        columns: 3,
        glyphs: .ascii,
        style: .plain
      )
    }
    #expect(text == "___")
  }

  private func interval(_ low: Double, _ middle: Double, _ high: Double) -> String {
    draw(11) {
      $0.interval(
        low,
        middle,
        high,
        scale: .linear(0, 1, ticks: 5),
        row: 0,
        column: 0,
        columns: 11,
        glyphs: .unicode,
        marker: "●",
        style: .plain
      )
    }
  }

  @Test func intervals() {
    #expect(interval(0.2, 0.5, 0.8) == "  ├──●──┤")
    #expect(interval(0.5, 0.5, 0.5) == "     ●")
    #expect(interval(-5, 0.5, 5) == "├────●────┤")
    #expect(interval(.nan, 0.5, .nan) == "     ●")
    #expect(interval(0.2, .nan, 0.8) == "")
  }
}
