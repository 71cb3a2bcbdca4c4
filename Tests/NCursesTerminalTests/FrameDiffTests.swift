import CellGrid
import Testing
import VirtualTerminal

@testable import NCursesTerminal

@Suite struct FrameDiffTests {
  @Test func theSameFrameHasNoRuns() {
    #expect(runs("abc", "abc") == [])
  }

  @Test func nothingOrAnotherSizeMeansEverything() {
    let grid = CellGrid(size: GridSize(columns: 3, rows: 2))
    let all = [CellRun(row: 0, columns: 0..<3), CellRun(row: 1, columns: 0..<3)]
    #expect(changedRuns(from: nil, to: grid) == all)
    #expect(changedRuns(from: CellGrid(size: GridSize(columns: 2, rows: 2)), to: grid) == all)
    #expect(changedRuns(from: nil, to: CellGrid(size: GridSize(columns: 0, rows: 5))) == [])
  }

  @Test func onlyChangedCellsAndShortGaps() {
    #expect(runs("abcdefghij", "Xbcdefghij") == [0..<1])
    #expect(runs("abcdefghij", "Xbcdefghiy") == [0..<1, 9..<10])
    #expect(runs("abcdefghij", "XbcYefghij") == [0..<4], "a gap of two is joined")
  }

  @Test func aWideCharacterIsNeverHalved() {
    #expect(runs("ab\0d", "a漢\0d") == [1..<3])
    #expect(runs("a漢\0d", "a字\0d") == [1..<3])
    #expect(runs("a漢\0d", "axyd") == [1..<3])
    #expect(runs("a漢xd", "a漢\0d") == [1..<3])
  }

  /// Drawing the runs over the old frame gives the new one.
  @Test func runsAreEnough() {
    let seed = UInt64.random(in: 0...UInt64.max)
    print("seed \(seed)")
    let size = GridSize(columns: 40, rows: 6)
    let capabilities = TerminalCapabilities(colors: 256, isUnicode: true)
    var frames = RandomFrames(seed: seed, size: size, capabilities: capabilities)
    var shown = frames.next()
    for _ in 0..<300 {
      let next = frames.next()
      for run in changedRuns(from: shown, to: next) {
        for column in run.columns {
          shown[row: run.row, column: column] = next[row: run.row, column: column]
        }
      }
      #expect(shown == next)
    }
  }

  private func runs(_ old: String, _ new: String) -> [Range<Int>] {
    changedRuns(from: row(old), to: row(new)).map(\.columns)
  }

  private func row(_ text: String) -> CellGrid {
    let scalars = Array(text.unicodeScalars)
    var grid = CellGrid(size: GridSize(columns: scalars.count, rows: 1))
    for (column, scalar) in scalars.enumerated() { grid[row: 0, column: column] = Cell(scalar) }
    return grid
  }
}
