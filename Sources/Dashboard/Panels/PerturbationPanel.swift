import CellGrid
import Events

/// MetaPerturb's noise: how strong it is, at every place where it enters.
struct PerturbationPanel {
  let state: DashboardState

  /// The places that have a row, in the network's order.
  static func sites(_ run: RunState) -> [String] {
    let named = ["noise_scale", "noise_std", "noise_mean"].map { run.layers(with: $0) }
    return named.max { $0.count < $1.count } ?? []
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
    drawKappa(run, on: &painter, in: inner)
    drawSites(run, on: &painter, in: inner)
  }

  private func measuredAt(_ run: RunState) -> String {
    run.probeStep > 0 ? "step \(Numbers.grouped(run.probeStep))" : "not measured yet"
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

  private func drawSites(_ run: RunState, on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    guard rect.rows > 2 else { return }
    let bar = max(0, (rect.columns - 34) / 2)
    let scaleColumn = rect.column + 26 + (bar >= 4 ? bar : 0)
    painter.write(
      "site".left(10) + "mean".right(7) + "std".right(8),
      rect.row + 1,
      rect.column,
      look.dim,
      limit: rect.columns
    )
    painter.write("scale".right(7), rect.row + 1, scaleColumn, look.dim)
    let sites = Self.sites(run)
    let style = look.series(state.index(of: run.id) ?? 0)
    let shown = [""] + sites
    let (deviations, scales) = (
      largest(run, "noise_std", shown), largest(run, "noise_scale", shown)
    )
    for (offset, site) in shown.prefix(rect.rows - 2).enumerated() {
      let row = rect.row + 2 + offset
      painter.write(site.isEmpty ? "all" : site, row, rect.column, look.text, limit: 10)
      let mean = value(run, "noise_mean", site).map { Numbers.signed($0, 3) } ?? "–"
      painter.write(mean.right(7), row, rect.column + 10, look.text)
      let deviation = value(run, "noise_std", site)
      number(deviation, deviations, bar, style, on: &painter, row, rect.column + 17)
      let scale = value(run, "noise_scale", site)
      number(scale, scales, bar - 1, style, on: &painter, row, scaleColumn - 1)
    }
  }

  /// A number and, with room, its bar relative to the largest of its column.
  private func number(
    _ value: Float?,
    _ largest: Float,
    _ bar: Int,
    _ style: Style,
    on painter: inout Painter,
    _ row: Int,
    _ column: Int
  ) {
    let text = (value.map { Numbers.fixed(Double($0), 3) } ?? "–").right(8)
    painter.write(text, row, column, painter.look.text)
    guard let value, bar >= 4 else { return }
    let share = Double(abs(value) / largest)
    painter.bar(share, row, column + 9, columns: bar - 1, style)
  }

  private func value(_ run: RunState, _ key: String, _ site: String) -> Float? {
    run.probe(site.isEmpty ? key : "\(key)/\(site)")
  }

  private func largest(_ run: RunState, _ key: String, _ sites: [String]) -> Float {
    let values = sites.compactMap { value(run, key, $0) }.filter(\.isFinite).map { abs($0) }
    return max(values.max() ?? 1, .leastNormalMagnitude)
  }
}
