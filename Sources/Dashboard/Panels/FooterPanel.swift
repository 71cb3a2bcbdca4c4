import CellGrid
import Events

/// The last line: a message, the editor, or the keys.
struct FooterPanel {
  let state: DashboardState

  func draw(on painter: inout Painter, in rect: Rect) {
    let room = rect.columns - 2
    if let editor = state.editor {
      painter.write(editorSpans(editor, painter.look), rect.row, rect.column + 1, limit: room)
    } else if let search = state.search {
      let spans = [
        Span("/", painter.look.accent), Span(search.text, painter.look.text),
        Span("\(painter.look.glyphs.cursor) ", painter.look.accent),
        Span("Enter: keep · Esc: show all", painter.look.dim),
      ]
      painter.write(spans, rect.row, rect.column + 1, limit: room)
    } else if let message = state.message {
      let style = message.isProblem ? painter.look.warning : painter.look.text
      painter.write(message.text, rect.row, rect.column + 1, style, limit: room)
    } else {
      drawKeys(on: &painter, rect.row, rect.column + 1, room)
    }
  }

  private func editorSpans(_ editor: ValueEditor, _ look: Look) -> [Span] {
    let input = [
      Span("\(editor.hyperparameter.id) = ", look.accent), Span(editor.text, look.text),
      Span("\(look.glyphs.cursor) ", look.accent),
    ]
    if let problem = editor.problem { return input + [Span(problem, look.bad)] }
    let hint = "Enter: set · Esc: cancel · \(editor.hyperparameter.allowed)"
    return input + [Span(hint, look.dim)]
  }

  /// As many of the table's hints as fit; those that make no sense now are dim.
  private func drawKeys(on painter: inout Painter, _ row: Int, _ column: Int, _ room: Int) {
    let look = painter.look
    var used = 0
    for binding in state.keys.shown(on: state.panel, isReplay: state.replay != nil) {
      guard let hint = binding.hint, !binding.keys.isEmpty, state.mayEverApply(binding.action)
      else { continue }
      let label = painter.glyphs.isUnicode ? binding.label : binding.asciiLabel
      let text = binding.action == .togglePause ? (isPaused ? "resume" : "pause ") : hint
      let width = label.columns + 1 + text.columns
      guard used + width <= room else { return }
      let isDisabled = state.disabledReason(binding.action) != nil
      painter.write(label, row, column + used, isDisabled ? look.dim : look.accent)
      let style = isDisabled ? look.border : look.dim
      painter.write(text, row, column + used + label.columns + 1, style)
      used += width + 2
    }
  }

  private var isPaused: Bool {
    if let replay = state.replay { return replay.isPaused }
    return state.runs.contains { $0.status == .paused }
      && !state.runs.contains { $0.status == .running }
  }
}

extension KeyBinding {
  /// The label where there are no arrows.
  var asciiLabel: String {
    switch label {
    case "↑↓": "j/k"
    case "←→": "-/+"
    default: label
    }
  }
}
