import CellGrid

/// Where the form's parts stand on a screen.
struct FormPlaces {
  let frame: Rect
  let inner: Rect
  /// The first field that is shown.
  let first: Int
  let rows: Int
  /// Lines of the answer at the lower end.
  let answerRows: Int

  init(_ form: ComparisonForm, answer: [String], in rect: Rect) {
    // An answer is shown whole; where there is no room for it, fields give theirs.
    let wanted = max(2, min(answer.count, 8))
    answerRows = max(1, min(wanted, rect.rows - 5))
    frame = rect.centered(rows: form.fields.count + answerRows + 5, columns: Self.columns)
    inner = frame.inset(vertical: 1, horizontal: 2)
    rows = max(1, min(form.fields.count, inner.rows - answerRows - 1))
    first = max(0, min(form.selected - rows / 2, form.fields.count - rows))
  }

  static let columns = 84

  func field(atRow row: Int, column: Int) -> Int? {
    guard inner.columnRange.contains(column), (inner.row..<inner.row + rows).contains(row) else {
      return nil
    }
    return first + row - inner.row
  }
}

/// Where the dialog's choices stand on a screen.
struct LeavePlaces {
  let frame: Rect
  let inner: Rect
  let count: Int

  init(_ dialog: LeaveDialog, lines: Int, in rect: Rect) {
    count = dialog.choices.count
    frame = rect.centered(rows: count + lines + 3, columns: Self.columns)
    inner = frame.inset(vertical: 1, horizontal: 2)
  }

  static let columns = 76

  func choice(row: Int, column: Int) -> Int? {
    let place = row - inner.row - (inner.rows - count)
    return inner.columnRange.contains(column) && (0..<count).contains(place) ? place : nil
  }
}

/// Which rows of the hyperparameters' panel show which of them.
struct HyperparameterRows {
  /// Lines of help at the lower end.
  let help: Int
  let rows: Int
  let first: Int
  private let inner: Rect

  init(count: Int, selected: Int, inner: Rect) {
    self.inner = inner
    // One line of help, more where the list leaves room; selecting moves nothing.
    let free = inner.rows - count
    help = inner.rows < 2 ? 0 : free >= 3 ? min(3, free - 1) : max(1, free)
    rows = inner.rows - help
    first = max(0, min(selected - rows / 2, count - rows))
    last = min(count, first + max(rows, 0))
  }

  private let last: Int

  func item(atRow row: Int) -> Int? {
    let place = first + row - inner.row
    return (first..<max(first, last)).contains(place) ? place : nil
  }
}

/// Where the list of a form's field stands, and which of its entries are shown.
struct ListPlaces {
  let frame: Rect
  let inner: Rect
  let rows: Int
  let first: Int
  private let count: Int

  /// - Parameters:
  ///   - all: Choices of the field.
  ///   - count: Those that the search has left.
  ///   - selected: The place of the selected one among these.
  ///   - rect: The screen.
  init(all: Int, count: Int, selected: Int, in rect: Rect) {
    self.count = count
    frame = rect.centered(rows: all + 3, columns: 76)
    inner = frame.inset(vertical: 1, horizontal: 2)
    rows = max(1, inner.rows - 1)
    first = max(0, min(selected - rows / 2, count - rows))
  }

  func item(row: Int, column: Int) -> Int? {
    let place = first + row - inner.row - 1
    return row > inner.row && inner.contains(row: row, column: column) && place < count
      ? place : nil
  }
}

/// Where the palette's entries stand.
struct PalettePlaces {
  let frame: Rect
  let inner: Rect
  let rows: Int
  let first: Int
  let selected: Int
  private let count: Int

  init(count: Int, selected: Int, in rect: Rect) {
    self.count = count
    self.selected = min(selected, max(count - 1, 0))
    rows = min(max(count, 1), max(1, min(14, rect.rows - 6)))
    let columns = min(76, rect.columns)
    frame = Rect(
      row: max(0, rect.row + rect.rows - rows - 4),
      column: rect.column + (rect.columns - columns) / 2,
      rows: rows + 3,
      columns: columns
    )
    inner = frame.inset(vertical: 1, horizontal: 2)
    first = max(0, min(self.selected - rows / 2, count - rows))
  }

  func item(row: Int, column: Int) -> Int? {
    let place = first + row - inner.row - 1
    return row > inner.row && inner.contains(row: row, column: column) && place < count
      ? place : nil
  }
}

/// Where the names of panels stand that may follow `g`.
struct GoToPlaces {
  static let width = 22

  let frame: Rect
  let inner: Rect
  let perRow: Int
  private let count: Int

  init(count: Int, in rect: Rect) {
    self.count = count
    perRow = max(1, min(4, (rect.columns - 4) / Self.width))
    let rows = (count + perRow - 1) / perRow
    frame = Rect(
      row: max(0, rect.row + rect.rows - rows - 3),
      column: rect.column,
      rows: rows + 2,
      columns: min(rect.columns, perRow * Self.width + 4)
    )
    inner = frame.inset(vertical: 1, horizontal: 2)
  }

  func item(row: Int, column: Int) -> Int? {
    guard inner.contains(row: row, column: column) else { return nil }
    let across = (column - inner.column) / Self.width
    let place = (row - inner.row) * perRow + across
    return across < perRow && place < count ? place : nil
  }
}
