import CellGrid
import Events

/// MetaPerturb's noise: how strong it is at every place where it enters, and what the tasks that
/// share φ make of it.
struct PerturbationPanel {
  let state: DashboardState

  /// The places that have a row, in the network's order.
  static func sites(_ run: RunState) -> [String] {
    let named = ["noise_scale", "noise_std", "noise_mean"].map { run.layers(with: $0) }
    return named.max { $0.count < $1.count } ?? []
  }

  /// Tasks that share φ; none where a run has one network.
  private static func tasks(_ run: RunState) -> [ProbeDescriptor] {
    run.description.probes.filter { $0.key.hasPrefix("task_loss/") }
  }

  /// Rows that all of it takes inside the frame.
  static func rows(_ run: RunState) -> Int {
    let tasks = tasks(run).count
    let samples = run.description.task.setting == nil ? 0 : 1
    return 3 + sites(run).count + (tasks > 0 ? 1 + (tasks + 1) / 2 : 0) + samples
  }

  func draw(on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let run = state.run(where: \.hasPerturbation)
    let inner = painter.panel(
      rect,
      title: state.title("perturbation", run, look),
      note: run.map { [Span(measuredAt($0), look.dim)] } ?? [],
      isSelected: state.panel == .perturbation
    )
    guard let run else {
      painter.write("no method here has a perturbation", inner.row, inner.column, look.dim)
      return
    }
    var rest = inner
    drawKappa(run, on: &painter, in: rest)
    rest = rest.droppingRows(1)
    drawSites(run, on: &painter, in: rest)
    rest = rest.droppingRows(2 + Self.sites(run).count)
    rest = rest.droppingRows(drawTasks(run, on: &painter, in: rest))
    drawSamples(run, on: &painter, in: rest)
  }

  private func measuredAt(_ run: RunState) -> String {
    run.probeStep > 0 ? "step \(Numbers.grouped(run.probeStep))" : "not measured yet"
  }

  private func style(_ run: RunState, _ look: Look) -> Style {
    look.series(state.index(of: run.id) ?? 0)
  }

  /// κ, the share of the noise that is switched on, as a gauge.
  private func drawKappa(_ run: RunState, on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let kappa = run.probe("kappa") ?? run.values["kappa"].map { Float($0) }
    painter.write(look.glyphs.isUnicode ? "κ noise" : "kappa", rect.row, rect.column, look.dim)
    let value = kappa.map { Numbers.fixed(Double($0), 3) } ?? "–"
    painter.write(value.right(6), rect.row, rect.column + 10, look.text)
    guard let kappa else { return }
    let width = rect.columns - 18
    painter.bar(
      Double(kappa),
      rect.row,
      rect.column + 18,
      columns: width,
      look.gradient(Double(kappa))
    )
  }

  // MARK: - Sites

  /// A column of the sites' table.
  private struct Column {
    let key: String
    let title: String
    /// With room, how it went over time.
    let hasHistory: Bool
    let text: (Float) -> String
  }

  private func columns(_ run: RunState, room: Int) -> [Column] {
    func plain(_ value: Float) -> String { Numbers.fixed(Double(value), 3) }
    var columns = [
      Column(key: "noise_mean", title: "mean", hasHistory: false) { Numbers.signed($0, 3) },
      Column(key: "noise_std", title: "std", hasHistory: true, text: plain),
      Column(key: "noise_scale", title: "scale", hasHistory: true, text: plain),
    ]
    if run.has("noise_multiplier") {
      columns.append(Column(key: "noise_multiplier", title: "×", hasHistory: true, text: plain))
      columns.append(
        Column(key: "noise_clamped", title: "clamped", hasHistory: false) {
          Numbers.percent($0 * 100)
        }
      )
    }
    // The scale says most of what the noise's own moments do; they go first.
    for key in ["noise_std", "noise_mean"] where room < 10 + 8 * columns.count {
      columns.removeAll { $0.key == key }
    }
    return columns
  }

  private func drawSites(_ run: RunState, on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    guard rect.rows > 1 else { return }
    let columns = columns(run, room: rect.columns)
    let drawn = columns.count { $0.hasHistory }
    let spare = (rect.columns - 10 - 8 * columns.count) / max(drawn, 1)
    let width = spare >= 6 ? spare : 0
    let shown = [""] + Self.sites(run)
    painter.write("site", rect.row, rect.column, look.dim)
    for (offset, site) in shown.prefix(rect.rows - 1).enumerated() {
      let name = site.isEmpty ? "all" : site
      painter.write(name, rect.row + 1 + offset, rect.column, look.text, limit: 10)
    }
    var start = rect.column + 10
    for column in columns {
      painter.write(column.title.right(8), rect.row, start, look.dim)
      for (offset, site) in shown.prefix(rect.rows - 1).enumerated() {
        let row = rect.row + 1 + offset
        let value = value(run, column.key, site)
        painter.write((value.map(column.text) ?? "–").right(8), row, start, look.text)
        let key = site.isEmpty ? column.key : "\(column.key)/\(site)"
        guard column.hasHistory, width > 0, let history = run.probeHistory(key) else { continue }
        painter.sparkline(
          history.overview(width - 3),
          row,
          start + 9,
          columns: width - 3,
          style(run, look)
        )
      }
      start += 8 + (column.hasHistory ? width : 0)
    }
  }

  private func value(_ run: RunState, _ key: String, _ site: String) -> Float? {
    run.probe(site.isEmpty ? key : "\(key)/\(site)")
  }

  // MARK: - Tasks that share φ

  /// How far the tasks disagree about φ, and each one's loss; returns the rows it took.
  private func drawTasks(_ run: RunState, on painter: inout Painter, in rect: Rect) -> Int {
    let tasks = Self.tasks(run)
    guard !tasks.isEmpty, rect.rows > 0 else { return 0 }
    let look = painter.look
    let label = look.glyphs.isUnicode ? "φ disagree" : "disagree"
    series(label, "phi_disagreement", run, on: &painter, rect.row, rect.column, rect.columns)
    let half = rect.columns / 2
    for (index, task) in tasks.enumerated() where 1 + index / 2 < rect.rows {
      let column = rect.column + (index % 2) * (half + 1)
      let width = index % 2 == 0 ? half - 1 : rect.columns - half - 1
      series(
        "loss \(index + 1)",
        task.key,
        run,
        on: &painter,
        rect.row + 1 + index / 2,
        column,
        width
      )
    }
    return 1 + (tasks.count + 1) / 2
  }

  /// A label, the newest value, and with room its history.
  private func series(
    _ label: String,
    _ key: String,
    _ run: RunState,
    on painter: inout Painter,
    _ row: Int,
    _ column: Int,
    _ columns: Int
  ) {
    let look = painter.look
    let name = label.count > 8 ? 11 : 8
    painter.write(label, row, column, look.dim, limit: name)
    let value = run.probe(key).map { Numbers.measured($0) } ?? "–"
    painter.write(value.right(7), row, column + name, look.text)
    let width = columns - name - 8
    guard width >= 4, let history = run.probeHistory(key) else { return }
    painter.sparkline(
      history.overview(width),
      row,
      column + name + 8,
      columns: width,
      style(run, look)
    )
  }

  /// Accuracy of the newest predictions by how many noise draws they average.
  private func drawSamples(_ run: RunState, on painter: inout Painter, in rect: Rect) {
    guard rect.rows > 0, !run.samplesCurve.isEmpty else { return }
    let look = painter.look
    var spans = [Span("acc. by S", look.dim)]
    for score in run.samplesCurve {
      spans.append(Span("  \(score.samples):", look.dim))
      spans.append(Span(Numbers.percent(score.accuracy * 100), look.text))
    }
    painter.write(spans, rect.row, rect.column, limit: rect.columns)
  }
}
