import CellGrid
import Testing

@Suite struct BoxTests {
  private func box(
    _ columns: Int,
    _ rows: Int,
    _ title: String = "",
    _ note: String = "",
    glyphs: Glyphs = .unicode
  ) -> String {
    var grid = CellGrid(size: GridSize(columns: columns, rows: rows))
    grid.box(
      Rect(grid.size),
      glyphs: glyphs,
      style: .plain,
      title: title.isEmpty ? [] : [Span(title)],
      note: note.isEmpty ? [] : [Span(note)]
    )
    #expect(grid.violation == nil)
    return grid.dump()
  }

  @Test func frame() {
    #expect(
      box(6, 3) == """
        ╭────╮
        │    │
        ╰────╯
        """
    )
    #expect(
      box(6, 3, glyphs: .ascii) == """
        +----+
        |    |
        +----+
        """
    )
  }

  @Test func titleAndNote() {
    #expect(box(24, 2, "loss", "log").hasPrefix("╭─ loss ───────── log ─╮"))
    #expect(box(17, 2, "loss", "log").hasPrefix("╭─ loss ── log ─╮"))
    #expect(box(15, 2, "loss", "log").hasPrefix("╭─ loss  log ─╮"))
    #expect(box(14, 2, "loss", "log").hasPrefix("╭─ loss ─────╮"))
    #expect(box(8, 2, "hyperparameters").hasPrefix("╭─ hy ─╮"))
  }

  @Test func tooSmallForAFrame() {
    #expect(box(1, 3) == "\n\n")
    #expect(box(5, 1) == "")
    #expect(box(2, 2, "title") == "╭╮\n╰╯")
  }
}
