import Testing

@testable import CellGrid

@Suite struct PictureTests {
  /// Four rows of four: a black and a white half, then a black row and a white one.
  private let picture = Picture(
    height: 4,
    width: 4,
    channels: 1,
    pixels: [0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 0, 0, 255, 255, 255, 255]
  )

  private func draw(_ rendering: Picture.Rendering) -> CellGrid {
    let size = GridSize(columns: 4, rows: 2)
    var grid = CellGrid(size: size)
    grid.picture(picture, in: Rect(size), as: rendering)
    #expect(grid.violation == nil)
    return grid
  }

  @Test func everyRenderingShowsTheSamePicture() {
    #expect(draw(.colors).dump() == "  ██\n▄▄▄▄")
    #expect(draw(.halves).dump() == "  ██\n▄▄▄▄")
    #expect(draw(.shades).dump() == "  ██\n▒▒▒▒")
    #expect(draw(.ascii).dump() == "  @@\n====")
  }

  @Test func colorsStandInTheCells() {
    let grid = draw(.colors)
    let (black, white) = (Color.rgb(0, 0, 0), Color.rgb(255, 255, 255))
    #expect(grid[row: 0, column: 0].style == Style(black, on: black))
    #expect(grid[row: 0, column: 3].style == Style(white, on: white))
    #expect(grid[row: 1, column: 0].style == Style(white, on: black))
    let red = Picture(height: 2, width: 1, channels: 3, pixels: [255, 0, 0, 0, 0, 255])
    var small = CellGrid(size: GridSize(columns: 1, rows: 1))
    small.picture(red, in: Rect(small.size), as: .colors)
    #expect(small.cells == [Cell("▀", Style(.rgb(255, 0, 0), on: .rgb(0, 0, 255)))])
  }

  @Test func resizingAveragesAreas() {
    #expect(picture.resized(height: 2, width: 2).pixels == [0, 255, 127, 127])
    #expect(picture.resized(height: 1, width: 1).pixels == [127])
    let thirds = Picture(height: 1, width: 3, channels: 1, pixels: [0, 90, 240])
    #expect(thirds.resized(height: 1, width: 2).pixels == [30, 190])
    let large = picture.resized(height: 8, width: 8)
    #expect(large.resized(height: 4, width: 4) == picture)
    let colored = Picture(height: 1, width: 2, channels: 3, pixels: [0, 100, 200, 100, 200, 0])
    #expect(colored.resized(height: 1, width: 1).pixels == [50, 150, 100])
  }

  @Test func thinStrokesStayBright() {
    let stroke = Picture(height: 1, width: 4, channels: 1, pixels: [0, 0, 200, 0])
    let small = stroke.resized(height: 1, width: 2)
    #expect(small.pixels == [0, 100])
    #expect(small.brightened(to: 200).pixels == [0, 200])
    let faint = stroke.resized(height: 1, width: 1)
    #expect(faint.brightened(to: 200).pixels == [100], "at most twice as bright")
    #expect(stroke.brightened(to: 100) == stroke)
    let dark = Picture(height: 1, width: 1, channels: 1, pixels: [0])
    #expect(dark.brightened(to: 255) == dark)
    var grid = CellGrid(size: GridSize(columns: 2, rows: 1))
    grid.picture(stroke, in: Rect(grid.size), as: .ascii)
    #expect(grid.dump() == " #")
  }

  @Test(arguments: [(1, 1, 3, 5), (28, 28, 1, 7), (5, 84, 3, 30), (84, 3, 1, 4), (0, 0, 1, 3)])
  func anyShapeAtAnySize(height: Int, width: Int, channels: Int, columns: Int) {
    let pixels = [UInt8](repeating: 200, count: height * width * channels)
    let picture = Picture(height: height, width: width, channels: channels, pixels: pixels)
    let rows = picture.rows(columns: columns)
    for rendering in [Picture.Rendering.colors, .halves, .shades, .ascii] {
      var grid = CellGrid(size: GridSize(columns: columns, rows: rows))
      grid.picture(picture, in: Rect(grid.size), as: rendering)
      grid.picture(picture, in: Rect(row: -2, column: -3, rows: 4, columns: 9), as: rendering)
      #expect(grid.violation == nil)
    }
    #expect(picture.resized(height: 0, width: 0).pixels.isEmpty)
  }

  @Test func missingBytesAreBlack() {
    let short = Picture(height: 2, width: 2, channels: 3, pixels: [255])
    #expect(short.pixels.count == 12 && short.pixels.last == 0)
  }

  @Test func picturesKeepTheirShape() {
    #expect(picture.rows(columns: 12) == 6)
    #expect(Picture(height: 10, width: 40, channels: 1, pixels: []).rows(columns: 16) == 2)
    #expect(Picture(height: 1, width: 100, channels: 1, pixels: []).rows(columns: 4) == 1)
  }
}
