import CellGrid
import Recording

extension ScreenFiles {
  /// Writes the screen as text, with colours as `cat` shows them, as a picture and as a page.
  func save(_ grid: CellGrid, title: String) -> Outcome {
    write([
      ("txt", grid.dump() + "\n"), ("ans", grid.ansi()), ("svg", grid.svg(title: title)),
      ("html", grid.html(title: title)),
    ])
  }
}
