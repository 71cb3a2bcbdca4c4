import CellGrid

extension PanelTree {
  /// The division of a preset for what there is to show.
  static func arrangement(_ needs: ScreenLayout.Needs, in body: Rect) -> Self {
    let share = min(max(needs.leftShare, 25), 75)
    let (left, right) = sides(needs, in: body, leftColumns: body.columns * share / 100)
    return .row([(left, .flexible(weight: share)), (right, .flexible(weight: 100 - share))])
  }

  private static func sides(
    _ needs: ScreenLayout.Needs,
    in body: Rect,
    leftColumns: Int
  )
    -> (Self, Self)
  {
    switch needs.preset {
    case .overview: (overviewLeft(needs, body, leftColumns), overviewRight(needs, body))
    case .compare: (compareLeft(needs), compareRight(needs))
    case .method:
      (
        chartOver(.heatmap, needs),
        own(needs.declared.first { $0.id == needs.presetPanel }, needs)
      )
    case .innerLoop: (innerLoopLeft(needs), innerLoopRight(needs))
    }
  }

  // MARK: - Overview

  private static func overviewLeft(
    _ needs: ScreenLayout.Needs,
    _ body: Rect,
    _ columns: Int
  ) -> Self {
    let hasEpisode = needs.hasPictures && body.columns >= 170 && body.rows >= 36
    let bottom = hasEpisode ? body.rows / 2 + 1 : min(14, max(8, body.rows / 3))
    return .column([
      (charts(needs, columns), .flexible(atLeast: 14)),
      (hasEpisode ? besideEpisode : adaptationAndValidation, .fixed(bottom)),
    ])
  }

  /// Both charts side by side where each is as wide as it is readable, else the main one.
  private static func charts(_ needs: ScreenLayout.Needs, _ columns: Int) -> Self {
    guard needs.hasAccuracy, columns >= 90 else { return .panel(needs.mainChart) }
    return .row([(.panel(.accuracy), .flexible()), (.panel(.chart), .flexible())])
  }

  private static var adaptationAndValidation: Self {
    .row([
      (.panel(.adaptation), .flexible(atLeast: 32)), (.panel(.validation), .flexible(atLeast: 36)),
    ])
  }

  private static var besideEpisode: Self {
    let stack: Self = .column([
      (.panel(.adaptation), .flexible(atLeast: 4)), (.panel(.validation), .flexible(atLeast: 4)),
    ])
    return .row([
      (stack, .flexible(atLeast: 40, atMost: 46)), (.panel(.episode), .flexible(atLeast: 44)),
    ])
  }

  private static func overviewRight(_ needs: ScreenLayout.Needs, _ body: Rect) -> Self {
    let own = fitting(needs.declared, in: body.rows - 7).map { panel in
      (Self.panel(.declared(panel.id)), Extent.fixed(panel.rows + 2))
    }
    return .column([hyperparameters(needs)] + own + [log])
  }

  /// The declared panels that find room, in their order: the focused method's before the others.
  private static func fitting(
    _ panels: [ScreenLayout.Needs.Declared],
    in rows: Int
  ) -> [ScreenLayout.Needs.Declared] {
    var rest = rows
    var kept: Set<String> = []
    for panel in panels.filter(\.isFocused) + panels.filter({ !$0.isFocused })
    where panel.rows + 2 <= rest {
      rest -= panel.rows + 2
      kept.insert(panel.id)
    }
    return panels.filter { kept.contains($0.id) }
  }

  private static func hyperparameters(_ needs: ScreenLayout.Needs) -> (Self, Extent) {
    (.panel(.hyperparameters), .flexible(atLeast: 7, atMost: needs.hyperparameters + 4))
  }

  private static var log: (Self, Extent) { (.panel(.log), .flexible(atLeast: 4)) }

  // MARK: - The others

  private static func compareLeft(_ needs: ScreenLayout.Needs) -> Self {
    guard needs.hasAccuracy else { return .panel(.chart) }
    return .column([
      (.panel(.accuracy), .flexible(atLeast: 10)), (.panel(.chart), .flexible(atLeast: 10)),
    ])
  }

  private static func compareRight(_ needs: ScreenLayout.Needs) -> Self {
    .column([
      (.panel(.validation), .flexible(atLeast: 6, atMost: needs.runs + 6)),
      (.panel(.adaptation), .flexible(atLeast: 8, atMost: 14)), log,
    ])
  }

  private static func chartOver(_ kind: PanelKind, _ needs: ScreenLayout.Needs) -> Self {
    .column([
      (.panel(needs.mainChart), .flexible(atLeast: 10)),
      (.panel(kind), .flexible(atLeast: 6, atMost: max(6, needs.heatmapRows ?? 6))),
    ])
  }

  /// A method's own panel over what every method has.
  private static func own(
    _ panel: ScreenLayout.Needs.Declared?,
    _ needs: ScreenLayout.Needs
  ) -> Self {
    guard let panel else { return .column([hyperparameters(needs), log]) }
    return .column([
      (.panel(.declared(panel.id)), .fixed(panel.rows + 2)), hyperparameters(needs), log,
    ])
  }

  private static func innerLoopLeft(_ needs: ScreenLayout.Needs) -> Self {
    .column([
      (.panel(.innerLoop), .flexible(atLeast: needs.hasPictures ? 8 : 14)),
      (.panel(needs.hasPictures ? .episode : .chart), .flexible(atLeast: 12)),
    ])
  }

  private static func innerLoopRight(_ needs: ScreenLayout.Needs) -> Self {
    .column([hyperparameters(needs), (.panel(.adaptation), .flexible(atLeast: 8, atMost: 14)), log])
  }
}
