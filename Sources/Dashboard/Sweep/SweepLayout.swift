import CellGrid
import Events

/// Which rectangle each part of a sweep's screen gets.
struct SweepLayout {
  /// What the keys `tab` and `K` go by.
  enum Panel: CaseIterable {
    case table
    case map
    case importance
  }

  /// The verdict, whole in two lines at most; small screens keep the table.
  let verdict: [String]
  let body: Rect
  private(set) var places: [Panel: Rect] = [:]

  init(_ snapshot: SweepSnapshot?, in size: GridSize) {
    let lines =
      size.rows >= 16 ? (snapshot?.verdict ?? "").wrapped(size.columns - 2) : []
    verdict = lines.count <= 2 ? lines : []
    body = Rect(
      row: 1 + verdict.count,
      column: 0,
      rows: size.rows - 2 - verdict.count,
      columns: size.columns
    )
    place()
  }

  /// Map and importance stand beside the table on wide screens, below it on high ones.
  private mutating func place() {
    let (sideColumns, sideRows) = (52, 12)
    if body.columns >= 150, body.rows >= 20 {
      let sides = body.splitColumns(.flexible(), .fixed(sideColumns))
      let parts = sides[1].splitRows(.fixed(body.rows / 2), .flexible())
      places = [.table: sides[0], .map: parts[0], .importance: parts[1]]
    } else if body.rows >= 26 {
      let parts = body.splitRows(.flexible(), .fixed(sideRows))
      let sides = parts[1].splitColumns(.fixed(body.columns / 2), .flexible())
      places = [.table: parts[0], .map: sides[0], .importance: sides[1]]
    } else {
      places = [.table: body]
    }
  }

  /// The panels that are shown, in reading order.
  var order: [Panel] { Panel.allCases.filter { places[$0] != nil } }

  func panel(row: Int, column: Int) -> Panel? {
    order.first { places[$0]?.contains(row: row, column: column) == true }
  }
}
