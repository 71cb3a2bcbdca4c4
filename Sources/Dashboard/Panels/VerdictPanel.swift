import CellGrid
import Events

/// Who is ahead and whether that is more than chance; when all has ended, what one may do next.
struct VerdictPanel {
  let state: DashboardState

  func draw(on painter: inout Painter, in rect: Rect) {
    guard rect.rows > 0 else { return }
    var row = rect.row
    if let verdict = state.shownVerdict {
      draw(verdict, on: &painter, row, rect)
      row += 1
    }
    guard row < rect.row + rect.rows else { return }
    let spans = painter.spelled(next(painter.look))
    painter.write(spans, row, rect.column + 1, limit: rect.columns - 2)
  }

  /// All others where there is room for them, else the nearest; then what it rests on.
  private func draw(_ verdict: Verdict, on painter: inout Painter, _ row: Int, _ rect: Rect) {
    let look = painter.look
    let style = verdict.isDecided ? look.good : look.text
    let room = rect.columns - 2
    let manners = [
      [Span(verdict.differences.joined(separator: " · "), style), basis(verdict, look)],
      [Span(verdict.line, style), basis(verdict, look)],
      [Span(verdict.differences.joined(separator: " · "), style)], [Span(verdict.line, style)],
    ].map { painter.spelled($0) }
    let spans = manners.first { $0.columns <= room } ?? manners[3]
    painter.write(spans, row, rect.column + 1, limit: room)
  }

  private func basis(_ verdict: Verdict, _ look: Look) -> Span {
    Span("  \(verdict.basis)", look.dim)
  }

  /// Keys for what may follow, and that nothing is lost.
  private func next(_ look: Look) -> [Span] {
    let actions: [(Action, String)] = [
      (.branch, "branch"), (.sweep, "sweep"), (.newComparison, "another task"),
      (.copyCommandLine, "copy the command"), (.quit, "leave: all is recorded"),
    ]
    let words = actions.flatMap { action, words -> [Span] in
      let binding = state.keys.bindings.first { $0.action == action }
      guard let key = binding?.label, !key.isEmpty, state.disabledReason(action) == nil else {
        return []
      }
      return [Span("  \(key)", look.accent), Span(" \(words)", look.dim)]
    }
    return [Span("all runs have ended; next:", look.text)] + words
  }
}
