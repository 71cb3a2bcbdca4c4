import CellGrid
import Testing

@Suite struct TextTests {
  @Test func textIsClippedAtEverySide() {
    expectDrawing(
      6,
      3,
      """
      abcdef
      34
      ab
      """
    ) { grid in
      grid.write("abcdefgh", row: 0, column: 0)
      grid.write("1234", row: 1, column: -2)
      grid.write("abcd", row: 2, column: 0, limit: 2)
      grid.write("above", row: -1, column: 0)
      grid.write("below", row: 3, column: 0)
    }
  }

  @Test func usedColumnsAreReturned() {
    var grid = CellGrid(size: GridSize(columns: 6, rows: 1))
    #expect(grid.write("漢a", row: 0, column: 0) == 3)
    #expect(grid.write("abc", row: 0, column: 0, limit: 2) == 2)
    #expect(grid.write("abc", row: 5, column: 0) == 0)
    #expect(grid.write([Span("ab"), Span("cd")], row: 0, column: 0) == 4)
  }

  @Test func wideCharactersTakeTwoCells() {
    var grid = CellGrid(size: GridSize(columns: 4, rows: 1))
    grid.write("a漢b", row: 0, column: 0)
    #expect(grid.cells.map(\.scalar) == ["a", "漢", "\0", "b"])
    #expect(grid.violation == nil)
  }

  @Test func halfAWideCharacterIsNeverLeft() {
    expectDrawing(6, 1, "漢x 字") { grid in
      grid.write("漢字字", row: 0, column: 0)
      grid.write("x", row: 0, column: 2)
    }
    expectDrawing(4, 1, " x字") { grid in
      grid.write("漢字", row: 0, column: 0)
      grid.write("x", row: 0, column: 1)
    }
    expectDrawing(3, 1, "漢") { $0.write("漢字", row: 0, column: 0) }
    expectDrawing(4, 1, " 漢") { grid in
      grid.write("字字", row: 0, column: 0)
      grid.write("漢", row: 0, column: 1)
    }
  }

  @Test func escapesDoNotReachTheCells() {
    expectDrawing(8, 1, "�[2J�x") { $0.write("\u{1b}[2J\nx", row: 0, column: 0) }
  }

  @Test func textOnTheRight() {
    expectDrawing(
      8,
      2,
      """
         0.42
      long te
      """
    ) { grid in
      grid.writeRight("0.42", row: 0, column: 0, width: 7)
      grid.writeRight("long text", row: 1, column: 0, width: 7)
    }
  }

  @Test func fill() {
    var grid = CellGrid(size: GridSize(columns: 4, rows: 2))
    grid.write("漢漢", row: 0, column: 0)
    grid.fill(Rect(row: 0, column: 1, rows: 2, columns: 2), with: Cell("x", Style(.ansi(1))))
    #expect(grid.dump() == " xx\n xx")
    #expect(grid.dumpStyles { $0.foreground == .ansi(1) ? "c" : " " } == " cc\n cc")
    #expect(grid.violation == nil)
  }

  @Test func violationsAreFound() {
    var grid = CellGrid(size: GridSize(columns: 3, rows: 1))
    #expect(grid.violation == nil)
    grid[row: 0, column: 0] = Cell("\u{1b}")
    #expect(grid.violation == "row 0, column 0: U+1b must not reach a terminal")
    grid[row: 0, column: 0] = Cell("漢")
    #expect(grid.violation == "row 0, column 0: wide character without its right half")
    grid[row: 0, column: 0] = Cell("a")
    grid[row: 0, column: 1] = Cell("\0")
    #expect(grid.violation == "row 0, column 1: right half without its wide character")
  }
}
