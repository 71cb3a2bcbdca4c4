import CellGrid
import Events

/// How much of the scores' variance each hyperparameter explains, as bars with their intervals.
struct SweepImportancePanel {
  let snapshot: SweepSnapshot
  var isFocused = false

  func draw(on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let inner = painter.panel(
      rect,
      title: [Span("importance", look.title)],
      note: [Span("variance of the \(snapshot.chosenBy) · 95 %", look.dim)],
      isSelected: isFocused
    )
    guard !snapshot.importance.isEmpty else {
      painter.write("two values with results are needed", inner.row, inner.column, look.dim)
      return
    }
    let methods = Set(snapshot.importance.map(\.method))
    var (row, last) = (inner.row, "")
    let label = snapshot.importance.map(\.id.columns).max() ?? 0
    for share in snapshot.importance {
      guard row < inner.row + inner.rows else { return }
      if methods.count > 1, share.method != last {
        painter.write(share.method, row, inner.column, look.accent, limit: inner.columns)
        last = share.method
        row += 1
      }
      guard row < inner.row + inner.rows else { return }
      draw(share, label, on: &painter, row, inner)
      row += 1
    }
  }

  private func draw(
    _ share: SweepSnapshot.Share,
    _ label: Int,
    on painter: inout Painter,
    _ row: Int,
    _ rect: Rect
  ) {
    let look = painter.look
    painter.write(share.id, row, rect.column, look.text, limit: label)
    let percent = "\(Numbers.fixed(share.share * 100, 0)) %"
    let interval = share.low.flatMap { low in
      share.high.map { "\(Numbers.fixed(low * 100, 0))…\(Numbers.fixed($0 * 100, 0))" }
    }
    let end = rect.column + rect.columns
    painter.writeRight(interval ?? "–", row, end: end, look.dim)
    painter.writeRight(percent, row, end: end - 10, look.text)
    let columns = rect.columns - label - 1 - 16
    guard columns >= 4 else { return }
    painter.bar(share.share, row, rect.column + label + 1, columns: columns, look.series(0))
  }
}
