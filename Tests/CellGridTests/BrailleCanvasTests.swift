import CellGrid
import Testing

@Suite struct BrailleCanvasTests {
  private func picture(
    _ columns: Int,
    _ rows: Int,
    glyphs: Glyphs = .unicode,
    draw: (inout BrailleCanvas) -> Void
  ) -> String {
    var canvas = BrailleCanvas(columns: columns, rows: rows)
    draw(&canvas)
    var grid = CellGrid(size: GridSize(columns: columns, rows: rows))
    canvas.draw(into: &grid, at: Rect(grid.size), style: .plain, glyphs: glyphs)
    return grid.dump()
  }

  @Test func everyDotHasItsBit() {
    let dots = (0..<4).flatMap { y in (0..<2).map { x in (x, y) } }
    let scalars = dots.map { x, y in picture(1, 1) { $0.set(x, y) } }
    #expect(scalars == ["⠁", "⠈", "⠂", "⠐", "⠄", "⠠", "⡀", "⢀"])
  }

  @Test func dotsOutsideDoNothing() {
    let dots = [(-1, 0), (0, -1), (2, 0), (0, 4), (1000, 1000)]
    #expect(picture(1, 1) { canvas in for (x, y) in dots { canvas.set(x, y) } } == "")
    #expect(picture(0, 0) { $0.set(0, 0) } == "")
  }

  @Test func lines() {
    #expect(picture(3, 1) { $0.line(0, 0, 5, 0) } == "⠉⠉⠉")
    #expect(picture(2, 1) { $0.line(0, 3, 3, 0) } == "⡠⠊")
    #expect(picture(2, 1) { $0.line(3, 0, 0, 3) } == "⡠⠊")
    #expect(picture(1, 2) { $0.line(0, 0, 0, 7) } == "⡇\n⡇")
    #expect(picture(1, 1) { $0.line(1, 2, 1, 2) } == "⠠")
  }

  @Test func verticalRunsInAnyOrderAndOutOfBounds() {
    #expect(picture(1, 1) { $0.vertical(0, 1, 2) } == "⠆")
    #expect(picture(1, 1) { $0.vertical(0, 2, 1) } == "⠆")
    #expect(picture(1, 1) { $0.vertical(1, -50, 50) } == "⢸")
    #expect(picture(1, 1) { $0.vertical(1, 50, 60) } == "")
  }

  @Test func shadesAreEveryOtherDotAndTheEnds() {
    #expect(picture(1, 2) { $0.shade(0, 0, 7) } == "⠅\n⡅")
    #expect(picture(1, 2) { $0.shade(1, 1, 6) } == "⢐\n⠰")
    #expect(picture(1, 1) { $0.shade(0, -9, 9) } == "⠅")
    #expect(picture(1, 1) { $0.shade(1, 5, 9) } == "")
  }

  /// Runs are lit cell by cell; dot by dot gives the same, wherever they begin and end.
  @Test func runsAreTheirDots() {
    for x in -1...4 {
      for first in -2...13 {
        for last in -2...13 {
          let run = min(first, last)...max(first, last)
          let full = picture(2, 3) { canvas in for y in run { canvas.set(x, y) } }
          #expect(picture(2, 3) { $0.vertical(x, first, last) } == full)
          let ends = [first, last]
          let shaded = picture(2, 3) { canvas in
            for y in run where (x + y) & 1 == 0 || ends.contains(y) { canvas.set(x, y) }
          }
          #expect(picture(2, 3) { $0.shade(x, first, last) } == shaded)
        }
      }
    }
  }

  @Test func asciiShowsTheHeight() {
    let heights = (0..<4).map { y in picture(1, 1, glyphs: .ascii) { $0.set(0, y) } }
    #expect(heights == ["'", "-", "-", "_"])
    #expect(picture(1, 1, glyphs: .ascii) { $0.vertical(0, 0, 3) } == "|")
    #expect(
      picture(4, 2, glyphs: .ascii) { $0.line(0, 7, 7, 0) } == """
          _'
        _'
        """
    )
  }
}
