import CellGrid
import Events

/// CML's co-learner: how its gradient compares with the meta-learner's, layer by layer.
struct CoLearnerPanel {
  let state: DashboardState

  func draw(on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let run = state.run(where: \.hasCoLearner)
    let inner = painter.panel(
      rect,
      title: state.title("co-learner", run, look),
      note: run.map { [Span(measuredAt($0), look.dim)] } ?? [],
      isSelected: state.panel == .coLearner
    )
    guard let run else {
      painter.write("no method here has a co-learner", inner.row, inner.column, look.dim)
      return
    }
    let index = state.index(of: run.id) ?? 0
    drawSummary(run, index, on: &painter, in: inner)
    drawLayers(run, on: &painter, in: inner)
  }

  private func measuredAt(_ run: RunState) -> String {
    run.probeStep > 0 ? "step \(Numbers.grouped(run.probeStep))" : "not measured yet"
  }

  private func drawSummary(
    _ run: RunState,
    _ index: Int,
    on painter: inout Painter,
    in rect: Rect
  ) {
    let rows = [
      ("colearner_loss", "co-learner loss", "co-learner loss"),
      ("colearner_cosine", "cos(g_m, g_c)", "cos(g_m, g_c)"),
      ("colearner_norm_ratio", "γ‖g_c‖/‖g_m‖", "gamma g_c/g_m"),
    ]
    for (offset, (key, label, ascii)) in rows.enumerated() where offset < rect.rows {
      let row = rect.row + offset
      let look = painter.look
      painter.write(look.glyphs.isUnicode ? label : ascii, row, rect.column, look.dim)
      let isSigned = key == "colearner_cosine"
      let value = run.probe(key).map { isSigned ? Numbers.signed($0) : Numbers.measured($0) } ?? "–"
      painter.write(value.right(9), row, rect.column + 15, look.text)
      let width = rect.columns - 26
      guard width >= 8, let history = run.probeHistory(key) else { continue }
      let values = history.overview(width)
      painter.sparkline(values, row, rect.column + 26, columns: width, look.series(index))
    }
  }

  /// Columns of the layers' table.
  private struct Table {
    let name: Int
    let number: Int
    /// Of the bar between cosine and ratio; 0 where it would be too short to read.
    let bar: Int
    /// Where the lamp begins.
    let lamp: Int

    init(columns: Int) {
      let isNarrow = columns < 38
      name = isNarrow ? 9 : 10
      number = isNarrow ? 7 : 8
      lamp = columns - (isNarrow ? 9 : 11)
      let room = lamp - name - 2 * number - 4
      bar = room >= 7 ? room : 0
    }

    var ratio: Int { lamp - 2 - number }
  }

  private func drawLayers(_ run: RunState, on painter: inout Painter, in rect: Rect) {
    guard rect.rows > 4 else { return }
    let look = painter.look
    let table = Table(columns: rect.columns)
    let header = rect.row + 3
    let end = rect.column + rect.columns
    painter.write(
      "layer".left(table.name) + "cosine".right(table.number),
      header,
      rect.column,
      look.dim
    )
    painter.write("ratio".right(table.number), header, rect.column + table.ratio, look.dim)
    painter.writeRight(look.glyphs.isUnicode ? "⟨m, c⟩ > 0" : "m.c > 0", header, end: end, look.dim)
    for (offset, layer) in run.layers(with: "colearner_cosine").prefix(rect.rows - 4).enumerated() {
      draw(layer, run, table, on: &painter, header + 1 + offset, rect.column)
    }
  }

  private func draw(
    _ layer: String,
    _ run: RunState,
    _ table: Table,
    on painter: inout Painter,
    _ row: Int,
    _ column: Int
  ) {
    let look = painter.look
    painter.write(layer, row, column, look.text, limit: table.name)
    let cosine = run.probe("colearner_cosine/\(layer)")
    let text = cosine.map { Numbers.signed($0, 3) } ?? "–"
    painter.write(text.right(table.number), row, column + table.name, look.text)
    if let cosine {
      let style = cosine < 0 ? look.warning : look.good
      let start = column + table.name + table.number + 2
      painter.signedBar(Double(cosine), row, start, columns: table.bar, style)
    }
    let ratio = run.probe("colearner_norm_ratio/\(layer)").map { Numbers.fixed(Double($0), 3) }
    painter.write((ratio ?? "–").right(table.number), row, column + table.ratio, look.text)
    drawLamp(run, layer, on: &painter, row, column + table.lamp)
  }

  /// Whether the co-learner's gradient helps the meta-learner's in this layer; a word and a lamp.
  private func drawLamp(
    _ run: RunState,
    _ layer: String,
    on painter: inout Painter,
    _ row: Int,
    _ column: Int
  ) {
    let look = painter.look
    guard let alignment = run.probe("colearner_alignment/\(layer)"), alignment.isFinite else {
      painter.write("–", row, column, look.dim)
      return
    }
    let isOn = alignment > 0.5
    let style = isOn ? look.good : look.warning
    let glyph = isOn ? look.glyphs.lampOn : look.glyphs.lampOff
    painter.write("\(glyph) \(isOn ? "agrees" : "opposes")", row, column, style)
  }
}

extension Numbers {
  /// `+0.231`, with as many columns for either sign.
  static func signed(_ value: Float, _ decimals: Int = 4) -> String {
    guard value.isFinite else { return measured(value) }
    let text = fixed(Double(value), decimals)
    return text.hasPrefix("-") ? text : "+" + text
  }
}
