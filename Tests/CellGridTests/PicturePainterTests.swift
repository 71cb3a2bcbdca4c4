import CellGrid
import Testing

@Suite("Pictures of characters")
struct PicturePainterTests {
  /// Four rows of four pixels: a black and a white half, and a row of each.
  private let picture = Picture(
    height: 4,
    width: 4,
    channels: 1,
    pixels: [0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1].map { $0 * 255 }
  )

  private func draw(_ style: PicturePainter.Style) -> [String] {
    PicturePainter(style: style, width: 4).lines(picture)
  }

  @Test("Without colour, two pixels are a half block")
  func plain() { #expect(draw(.plain) == ["  ██", "▄▄▄▄"]) }

  @Test("In ASCII, two pixels are a shade")
  func ascii() { #expect(draw(.ascii) == ["  @@", "===="]) }

  @Test("In colour, the brighter pixel is the text's and the other the ground's")
  func colors() {
    let (black, white) = ("2;0;0;0", "2;255;255;255")
    let cells = [(black, " "), (black, " "), (white, "█"), (white, "█")]
    let line = cells.map { "\u{1B}[38;\($0.0);48;\($0.0)m\($0.1)" }.joined() + "\u{1B}[0m"
    #expect(draw(.trueColor)[0] == line)
    #expect(draw(.indexed)[1].hasPrefix("\u{1B}[38;5;231;48;5;16m▄"))
  }

  @Test(
    "Any shape at any width has lines of that width",
    arguments: [(1, 1, 3, 5), (28, 28, 1, 7), (5, 84, 3, 30), (84, 3, 1, 4)]
  )
  func shapes(height: Int, width: Int, channels: Int, columns: Int) {
    let pixels = [UInt8](repeating: 128, count: height * width * channels)
    let picture = Picture(height: height, width: width, channels: channels, pixels: pixels)
    let lines = PicturePainter(style: .plain, width: columns).lines(picture)
    #expect(!lines.isEmpty && lines.allSatisfy { $0.count == columns })
  }
}
