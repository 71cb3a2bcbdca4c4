import CellGrid
import Events

/// The inner loop taken apart: the model before and after each inner step, and the equation that
/// is being executed in plain words.
struct InnerLoopPanel {
  let state: DashboardState

  func draw(on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let run = state.runAtCursor
    let inner = painter.panel(
      rect,
      title: state.title("inner loop", run, look),
      note: note(run, look),
      isSelected: state.panel == .innerLoop
    )
    guard let run, run.isAdapting, let phase = state.innerPhase else {
      let text = run == nil ? "no run has started yet" : "this method has no inner loop"
      painter.write(text, inner.row, inner.column, look.dim, limit: inner.columns)
      return
    }
    let words = InnerExplanation(state: state, run: run, phase: phase)
    guard run.fit != nil, inner.rows >= 5 else {
      words.draw(on: &painter, in: inner)
      return
    }
    let (fit, text) = parts(inner)
    drawFit(run, phase, on: &painter, in: fit)
    words.draw(on: &painter, in: text)
  }

  /// The picture beside the words, or above them; on the smallest screens above what is done, and its
  /// equation where there is room.
  private func parts(_ inner: Rect) -> (fit: Rect, text: Rect) {
    if inner.columns >= 96 {
      let parts = inner.splitColumns(
        .flexible(atLeast: 54, weight: 60),
        .flexible(atLeast: 40, atMost: 64, weight: 40),
        gap: 2
      )
      return (parts[0], parts[1])
    }
    let rows = inner.rows < 8 ? max(1, inner.rows - 5) : min(7, inner.rows / 2)
    let parts = inner.splitRows(.flexible(atLeast: 4), .fixed(rows))
    return (parts[0], parts[1])
  }

  /// Which task it is where it is not the usual one, and the keys.
  private func note(_ run: RunState?, _ look: Look) -> [Span] {
    let task = run?.fit.flatMap { fit in fit.task == 0 ? nil : run?.taskWords(fit.task) }
    let keys = state.isSlowMotion ? "slow motion · S stops" : "i next · I back · S slow motion"
    let other = state.disabledReason(.task(.byDifficulty)) == nil ? "T other tasks · " : ""
    return (task.map { [Span("\($0) · ", look.accent)] } ?? [Span(other, look.dim)])
      + [Span(keys, look.dim)]
  }

  /// The inner steps between which the phase lies: before and after.
  private func steps(_ run: RunState, _ phase: InnerPhase) -> (before: Int, after: Int) {
    let last = run.fit?.innerSteps ?? 0
    if case .inner(let step) = phase { return (min(step, last), min(step + 1, last)) }
    guard case .declared(let id, let step) = phase else { return (0, last) }
    switch run.moment(id)?.place {
    case .first: return (0, 0)
    case .insteadOfInnerStep: return (min(step, last), min(step + 1, last))
    default: return (0, last)
    }
  }

  private func drawFit(
    _ run: RunState,
    _ phase: InnerPhase,
    on painter: inout Painter,
    in rect: Rect
  ) {
    guard let fit = run.fit, let first = fit.target.first, let last = fit.target.last else {
      return
    }
    let look = painter.look
    let (before, after) = steps(run, phase)
    let color = run.color
    // Where there is room for little the curves are it.
    let hasLegend = rect.rows >= 6
    if hasLegend {
      let all = legends(fit, run.color, before, after, look).map { painter.spelled($0) }
      let legend = all.first { $0.columns <= rect.columns } ?? all[all.count - 1]
      painter.write(legend, rect.row, rect.column, limit: rect.columns)
    }
    let target = LineChart.Series(
      samples: fit.target.map(\.sample),
      marker: look.glyphs.horizontal,
      style: look.accent
    )
    var series = [target]
    if after != before {
      series.append(curve(fit, before, look.glyphs.track, look.faintSeries(color)))
    }
    series.append(curve(fit, after, look.marker(color), look.series(color)))
    let support = LineChart.Series(
      samples: [],
      marker: look.marker(color + 1),
      style: look.series(color + 1),
      points: fit.support.map(\.sample).sorted { $0.x < $1.x }
    )
    var chart = LineChart(
      series: series + [support],
      window: Double(min(first.x, -5))...Double(max(last.x, 5)),
      isLogarithmic: false,
      unit: "x",
      axis: look.border,
      label: look.dim,
      glyphs: look.glyphs
    )
    chart.values = .all
    let plot = rect.droppingRows(hasLegend ? 1 : 0)
    chart.draw(into: &painter.grid, rect: plot)
  }

  /// What the picture's lines and marks are, the most said first; each is whole.
  private func legends(
    _ fit: FitSnapshot,
    _ color: Int,
    _ before: Int,
    _ after: Int,
    _ look: Look
  ) -> [[Span]] {
    func signs(_ after: String, _ before: String?, _ gap: String) -> [Span] {
      [
        Span("\(look.glyphs.horizontal) target\(gap)", look.accent),
        Span("\(look.marker(color + 1)) support\(gap)", look.series(color + 1)),
        Span("\(look.marker(color)) \(after)\(gap)", look.series(color)),
        Span(before.map { "\(look.glyphs.track) \($0)\(gap)" } ?? "", look.faintSeries(color)),
      ]
    }
    let old = after == before ? nil : before
    let long = signs("after \(Self.inner(after))", old.map { "before (\($0))" }, "  ")
    let task = [
      Span(fit.task == 0 ? "" : "task \(Numbers.grouped(fit.task + 1))  ", look.accent)
    ]
    return [
      long + task + [Span("outer step \(Numbers.grouped(fit.step))", look.dim)], long + task,
      signs("after \(after)", old.map { "before (\($0))" }, "  "),
      signs("after", old.map { _ in "before" }, " "),
    ]
  }

  private static func inner(_ steps: Int) -> String {
    steps == 1 ? "1 inner step" : "\(steps) inner steps"
  }

  private func curve(
    _ fit: FitSnapshot,
    _ step: Int,
    _ marker: Unicode.Scalar,
    _ style: Style
  ) -> LineChart.Series {
    let samples = zip(fit.target, fit.fits[step]).map { place, value in
      LineChart.Sample(x: Double(place.x), low: value, high: value, value: value)
    }
    return LineChart.Series(samples: samples, marker: marker, style: style)
  }
}

extension FitSnapshot.Point {
  fileprivate var sample: LineChart.Sample {
    LineChart.Sample(x: Double(x), low: y, high: y, value: y)
  }
}
