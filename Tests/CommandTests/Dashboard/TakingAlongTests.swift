import CellGrid
import Files
import Glibc
import Recording
import TestSupport
import Testing
import VirtualTerminal

@testable import Experiments
@testable import metatop

/// The screen as files.
@Suite struct TakingAlongTests {
  private static let hostile = "a<b>&\"c\" 漢字 é ├─┤ ⣿"

  private func picture(_ seed: UInt64) -> CellGrid {
    var random = SeededGenerator(seed: seed)
    var grid = CellGrid(size: GridSize(columns: 40, rows: 8))
    let colors: [Color] = [.terminal, .ansi(1), .ansi(12), .indexed(200), .rgb(1, 200, 99)]
    for row in 0..<8 {
      let style = Style(
        colors[Int(random.next() % 5)],
        on: colors[Int(random.next() % 5)],
        Attributes(rawValue: UInt8(random.next() % 16))
      )
      grid.write(Self.hostile, row: row, column: Int(random.next() % 30), style: style)
    }
    return grid
  }

  /// A terminal that is given the ANSI text shows the very same cells.
  @Test(arguments: 1...20)
  func theANSITextGivesTheScreenBack(seed: UInt64) {
    let grid = picture(seed)
    var screen = VirtualScreen(size: grid.size)
    var text = grid.ansi()
    text.removeLast()
    screen.feed(
      text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n").utf8
    )
    #expect(screen.unknown == [])
    #expect(screen.grid == grid)
  }

  @Test func markupIsEscapedAndWhole() {
    var grid = CellGrid(size: GridSize(columns: 30, rows: 1))
    grid.write(
      "<script>&\"",
      row: 0,
      column: 0,
      style: Style(.rgb(255, 0, 16), on: .terminal, .bold)
    )
    let (svg, html) = (grid.svg(title: "<t>"), grid.html(title: "<t>"))
    for text in [svg, html] {
      #expect(text.contains("&lt;script&gt;&amp;&quot;") && !text.contains("<script>"))
      #expect(text.contains("&lt;t&gt;") && text.contains("#ff0010"))
    }
    #expect(svg.hasPrefix("<svg xmlns=") && svg.hasSuffix("</svg>\n"))
    #expect(html.hasPrefix("<!DOCTYPE html>") && html.hasSuffix("</html>\n"))
  }

  @Test func paletteColoursHaveXtermsValues() {
    let expected: [(Color, String)] = [
      (.ansi(1), "#cd0000"), (.ansi(4), "#0000ee"), (.ansi(7), "#e5e5e5"), (.ansi(15), "#ffffff"),
      (.indexed(16), "#000000"), (.indexed(231), "#ffffff"), (.indexed(196), "#ff0000"),
      (.indexed(232), "#080808"), (.indexed(255), "#eeeeee"), (.terminal, "own"),
    ]
    for (color, text) in expected { #expect(color.hexadecimal(orElse: "own") == text) }
  }

  @Test func filesNeverReplaceOthers() throws {
    let folder = try TemporaryFolder()
    let files = ScreenFiles(folder: folder.path, now: { 1_700_000_000 })
    let first = files.save(picture(1), title: "t")
    let second = files.save(picture(2), title: "t")
    #expect(!first.isProblem && !second.isProblem && first.text != second.text)
    for suffix in ["txt", "ans", "svg", "html"] { #expect(first.text.contains(".\(suffix)")) }
    #expect(second.text.contains("-2.svg"))
  }

  /// A recorded run may be another program's: its names must not change the table's shape.
  @Test func aTableKeepsItsColumnsWhateverNamesStandInIt() throws {
    let folder = try TemporaryFolder()
    let files = ScreenFiles(folder: folder.path, now: { 1_700_000_000 })
    let outcome = files.save([["method", "step"], ["a,\"b\"\nc", "1"]])
    #expect(!outcome.isProblem && outcome.text.contains(".csv"))
    let path = try #require(outcome.text.split(separator: " ").last.map(String.init))
    let text = String(decoding: try SystemFile.read(path), as: UTF8.self)
    #expect(text == "method,step\n\"a,\"\"b\"\"\nc\",1\n")
  }

  @Test func aFolderThatTakesNothingIsSaid() {
    let files = ScreenFiles(folder: "/proc/nowhere")
    let outcome = files.save(picture(1), title: "t")
    #expect(outcome.isProblem && outcome.text.contains("could not be written"))
    #expect(SessionRecording(in: files, size: GridSize(columns: 2, rows: 2), now: 0) == nil)
  }

  /// Played back frame by frame, a recording shows what was drawn.
  @Test func aRecordingPlaysBack() throws {
    let folder = try TemporaryFolder()
    let files = ScreenFiles(folder: folder.path, now: { 1_700_000_000 })
    var recording = SessionRecording(in: files, size: GridSize(columns: 40, rows: 8), now: 10)
    let path = try #require(recording?.path)
    for seed in 1...6 { recording?.add(picture(UInt64(seed)), now: 10 + Double(seed) / 4) }
    recording?.add(picture(6), now: 20)
    recording = nil
    let text = try #require(UserFiles.text(path))
    let lines = text.split(separator: "\n")
    let header = try JSONValue(parsing: Array(lines[0].utf8))
    #expect(header["version"] == 2 && header["width"] == 40 && header["height"] == 8)
    #expect(lines.count == 7, "a frame that changes nothing writes nothing")
    var screen = VirtualScreen(size: GridSize(columns: 40, rows: 8))
    for (index, line) in lines.dropFirst().enumerated() {
      let event = try #require(try JSONValue(parsing: Array(line.utf8)).array)
      #expect(event[0].double == Double(index + 1) / 4 && event[1] == "o")
      screen.feed((event[2].string ?? "").utf8)
      #expect(screen.grid == picture(UInt64(index + 1)))
    }
    #expect(screen.unknown == [])
  }
}
