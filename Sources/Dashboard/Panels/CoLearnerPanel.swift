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
      title: [Span("co-learner ", look.title)] + (run.map { state.nameSpans($0, look) } ?? []),
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
      let recent = history.recent(width)
      painter.sparkline(recent, row, rect.column + 26, columns: width, look.series(index))
    }
  }

  private func drawLayers(_ run: RunState, on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let header = rect.row + 3
    guard rect.rows > 4 else { return }
    painter.write(
      "layer".left(10) + "cosine".right(8),
      header,
      rect.column,
      look.dim,
      limit: rect.columns
    )
    let lamp = rect.columns - 11
    let bar = lamp - 32 >= 7 ? lamp - 32 : 0
    painter.write("ratio".right(8), header, rect.column + lamp - 10, look.dim)
    painter.writeRight(
      look.glyphs.isUnicode ? "⟨m, c⟩ > 0" : "m.c > 0",
      header,
      end: rect.column + rect.columns,
      look.dim
    )
    for (offset, layer) in run.layers(with: "colearner_cosine").prefix(rect.rows - 4).enumerated() {
      let row = header + 1 + offset
      painter.write(layer, row, rect.column, look.text, limit: 10)
      drawCosine(run, layer, on: &painter, row, rect.column + 10, bar: bar)
      let ratio = run.probe("colearner_norm_ratio/\(layer)").map { Numbers.fixed(Double($0), 3) }
      painter.write((ratio ?? "–").right(8), row, rect.column + lamp - 10, look.text)
      drawLamp(run, layer, on: &painter, row, rect.column + lamp)
    }
  }

  private func drawCosine(
    _ run: RunState,
    _ layer: String,
    on painter: inout Painter,
    _ row: Int,
    _ column: Int,
    bar: Int
  ) {
    guard let cosine = run.probe("colearner_cosine/\(layer)") else {
      painter.write("–".right(8), row, column, painter.look.dim)
      return
    }
    painter.write(Numbers.signed(cosine, 3).right(8), row, column, painter.look.text)
    let style = cosine < 0 ? painter.look.warning : painter.look.good
    painter.signedBar(Double(cosine), row, column + 10, columns: bar, style)
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
