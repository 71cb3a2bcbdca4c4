import CellGrid
import Testing

@Suite("Points joined by lines")
struct LinkDrawingTests {
  private let star = LinkDrawing(
    [(0.5, 0.5, 0), (0.05, 0.5, 1), (0.95, 0.1, 2), (0.5, 0.98, 3), (0.95, 0.9, 1)],
    [(0, 1), (0, 2), (0, 3), (2, 4), (0, 9)]
  )

  private func draw(_ style: PicturePainter.Style, _ width: Int = 16) -> [String] {
    PicturePainter(style: style, width: width).lines(star)
  }

  @Test("Edges are dots, and marks stand over them")
  func braille() {
    #expect(
      draw(.plain) == [
        "               ○",
        "             ⡠⠊⡇",
        "          ⢀⠔⠊  ⡇",
        "        ⢀⠔⠁    ⡇",
        "●⠉⠉⠉⠉⠉⠉⠉◉      ⡇",
        "        ⡇      ⡇",
        "        ⡇      ⡇",
        "        ·      ●",
      ]
    )
  }

  @Test("Without UTF-8 everything is ASCII")
  func ascii() {
    let lines = draw(.ascii)
    #expect(
      lines == [
        "               o",
        "             _'|",
        "          _-'  |",
        "        _-'    |",
        "*'''''''@      |",
        "        |      |",
        "        |      |",
        "        .      *",
      ]
    )
    #expect(lines.joined().utf8.allSatisfy { $0 < 0x80 })
  }

  @Test("Colours tell the marks apart")
  func colors() {
    let text = draw(.trueColor).joined()
    #expect(
      text.contains("38;2;255;255;255;48;2;0;0;0m◉")
        && text.contains("38;2;150;150;150;48;2;0;0;0m○")
    )
  }

  @Test("Any width has lines of that width", arguments: [1, 2, 7, 60])
  func widths(columns: Int) {
    #expect(draw(.plain, columns).allSatisfy { $0.count == columns })
  }
}
