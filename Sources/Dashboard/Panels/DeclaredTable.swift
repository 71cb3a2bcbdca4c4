import CellGrid
import Events

/// A declared table: a name, and for each column a number, a bar, a lamp, or how it went.
///
/// Columns of the highest rank go first where there is no room, then all become narrower, then the
/// last ones go. What room is left is the bars' and the histories'.
struct DeclaredTable {
  let run: RunState
  let table: PanelTable
  let series: Style

  /// A column in its place.
  private struct Place {
    let column: PanelTable.Column
    let style: ProbeStyle
    var start = 0
    var width = 0
    /// Columns behind the number for its bar or history.
    var picture = 0

    var isLamp: Bool { if case .lamp = style { true } else { false } }
    var hasBar: Bool {
      switch style {
      case .signedBar, .gauge: true
      default: false
      }
    }
    var hasPicture: Bool { hasBar || (column.hasHistory && !isLamp) }
  }

  func draw(on painter: inout Painter, in rect: Rect) {
    guard rect.rows > 1 else { return }
    let look = painter.look
    let (places, name) = places(rect.columns)
    let shown =
      (table.total.map { [(name: $0, line: nil)] } ?? [])
      + run.lines(of: table).map {
        (name: $0, line: Optional($0))
      }
    painter.write(table.lines, rect.row, rect.column, look.dim, limit: name)
    for place in places { drawTitle(place, on: &painter, in: rect) }
    for (offset, line) in shown.prefix(rect.rows - 1).enumerated() {
      let row = rect.row + 1 + offset
      painter.write(line.name, row, rect.column, look.text, limit: min(name, rect.columns))
      for place in places { draw(place, line.line, on: &painter, row, rect.column) }
    }
  }

  private func places(_ room: Int) -> ([Place], name: Int) {
    var places = table.columns.compactMap { column in
      style(column).map { Place(column: column, style: $0) }
    }
    func total(_ name: Int, _ number: Int, _ lamp: Int) -> Int {
      places.reduce(name) { $0 + ($1.isLamp ? lamp : number) }
    }
    while total(10, 8, 13) > room,
      let rank = places.map(\.column.rank).max(), rank > 0,
      let index = places.firstIndex(where: { $0.column.rank == rank })
    {
      places.remove(at: index)
    }
    let isNarrow = total(10, 8, 13) > room
    let (name, number, lamp) = isNarrow ? (9, 7, 11) : (10, 8, 13)
    while places.count > 1, total(name, number, lamp) > room { places.removeLast() }
    let spare = max(0, room - total(name, number, lamp))
    let share = spare / max(places.count { $0.hasPicture }, 1)
    // A lamp stands at the right end, also where nothing is drawn before it.
    let isFilled = places.last?.isLamp == true
    var start = name
    for index in places.indices {
      places[index].start = start
      places[index].width = places[index].isLamp ? lamp : number
      if places[index].hasPicture, isFilled || share >= 6 { places[index].picture = share }
      start += places[index].width + places[index].picture
    }
    return (places, name)
  }

  /// How a column's numbers are shown; nil where the run has none.
  private func style(_ column: PanelTable.Column) -> ProbeStyle? {
    run.family(column.prefix).first?.style ?? run.probeDescriptor(column.prefix)?.style
  }

  private func drawTitle(_ place: Place, on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let title =
      look.glyphs.isUnicode
      ? place.column.title : place.column.asciiTitle ?? place.column.title
    let end = rect.column + place.start + place.width
    let room = place.isLamp ? place.width : place.width - 1
    let text = look.glyphs.text(title).clipped(to: room, ellipsis: look.glyphs.ellipsis)
    painter.writeRight(text, rect.row, end: end, look.dim)
  }

  private func draw(
    _ place: Place,
    _ line: String?,
    on painter: inout Painter,
    _ row: Int,
    _ column: Int
  ) {
    let look = painter.look
    let key = line.map { "\(place.column.prefix)/\($0)" } ?? place.column.prefix
    let quantity = run.quantity(key)
    let start = column + place.start
    if place.isLamp {
      guard let quantity else { return painter.lamp(RunQuantity(label: ""), row, start + 2) }
      painter.lamp(quantity, row, start + 2, limit: place.width - 2)
      return
    }
    let text = quantity?.text(below: place.width) ?? "–"
    painter.write(text.right(place.width), row, start, look.text, limit: place.width)
    guard let quantity, place.picture > 0 else { return }
    let picture = start + place.width
    if place.hasBar {
      drawBar(quantity, on: &painter, row, picture + 2, place.picture - 2)
    } else if place.picture >= 6, let history = quantity.history {
      let width = place.picture - 3
      painter.sparkline(history.overview(width), row, picture + 1, columns: width, series)
    }
  }

  private func drawBar(
    _ quantity: RunQuantity,
    on painter: inout Painter,
    _ row: Int,
    _ column: Int,
    _ columns: Int
  ) {
    let look = painter.look
    guard columns >= 7, let value = quantity.value else { return }
    if case .gauge(let range) = quantity.style {
      let share = (Double(value) - range.lowerBound) / (range.upperBound - range.lowerBound)
      painter.bar(share, row, column, columns: columns, series)
    } else {
      let style = value < 0 ? look.warning : look.good
      painter.signedBar(Double(value), row, column, columns: columns, style)
    }
  }
}
