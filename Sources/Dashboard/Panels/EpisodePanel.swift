import CellGrid
import Events

/// One episode as the focused method sees it: support pictures, query pictures, and what it says
/// of them before and after adaptation.
struct EpisodePanel {
  let state: DashboardState

  func draw(on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let run = state.focused
    let inner = painter.panel(
      rect,
      title: state.title("episode", run, look),
      note: run.flatMap { run in run.episode.map { note($0, of: run, look) } } ?? [],
      isSelected: state.panel == .episode
    )
    guard let episode = run?.episode, !episode.classNames.isEmpty else {
      let isEpisodic = run?.isEpisodic ?? true
      let text =
        !state.hasPictures
        ? "no pictures"
        : isEpisodic
          ? "shown with the first meta-validation; --evaluate-every says when"
          : "this run has no episodes"
      painter.write(text, inner.row, inner.column, look.dim, limit: inner.columns)
      return
    }
    let queries = episode.classNames.indices.map { label in
      episode.query.filter { $0.label == label }
    }
    if let obstacle = episode.obstacle {
      drawObstacle(obstacle, episode, queries, on: &painter, in: inner)
      return
    }
    let grid = PictureGrid(
      GridSize(columns: inner.columns, rows: inner.rows),
      classes: episode.classNames.count,
      queries: queries.map(\.count).max() ?? 0,
      picture: episode.picture([])
    )
    guard let grid else {
      drawList(episode, queries, on: &painter, in: inner)
      return
    }
    for (label, queries) in queries.enumerated() {
      draw(label, queries, episode, grid, on: &painter, in: inner)
    }
    guard grid.hasRule else { return }
    let row = inner.row + 1 + grid.rows
    painter.write(rule(episode, inner.columns), row, inner.column, look.dim, limit: inner.columns)
  }

  /// When it was measured, and how many of the pictures are told right.
  private func note(_ episode: EpisodeSnapshot, of run: RunState, _ look: Look) -> [Span] {
    let before = episode.query.count { $0.before.label == $0.label }
    let after = episode.query.count(where: \.isRight)
    let task = episode.task == 0 ? "" : "\(run.taskWords(episode.task)) · "
    return [
      Span(task, look.accent),
      Span("step \(Numbers.grouped(episode.step)) · right \(before) → ", look.dim),
      Span("\(after)", after >= before ? look.good : look.bad),
      Span(" of \(episode.query.count)", look.dim),
    ]
  }

  /// The longest explanation that fits.
  private func rule(_ episode: EpisodeSnapshot, _ columns: Int) -> String {
    let steps = episode.innerSteps == 1 ? "1 inner step" : "\(episode.innerSteps) inner steps"
    let all = [
      "support above · query below: class predicted before → after \(steps), and its probability",
      "support above · query below: predicted before → after \(steps)",
      "query: predicted before → after \(steps)",
      "query: before → after",
    ]
    return all.first { $0.columns <= columns } ?? ""
  }

  // MARK: - Pictures

  private func draw(
    _ label: Int,
    _ queries: [EpisodeSnapshot.Query],
    _ episode: EpisodeSnapshot,
    _ grid: PictureGrid,
    on painter: inout Painter,
    in rect: Rect
  ) {
    let look = painter.look
    let column = rect.column + label * grid.pitch
    var row = rect.row
    drawName(label, episode, on: &painter, row, column, grid.room)
    row += 1
    let support = episode.support.first { $0.label == label }
    draw(support?.pixels ?? [], episode, grid, on: &painter, row, column)
    row += grid.rows + (grid.hasRule ? 1 : 0)
    for (index, query) in queries.prefix(grid.queries).enumerated() {
      let line = row + index / grid.across * (grid.rows + 1)
      let start = column + index % grid.across * (grid.columns + 1)
      draw(query.pixels, episode, grid, on: &painter, line, start)
      // The last picture of a line may use what is left of the class's room.
      let isLast = index % grid.across == grid.across - 1
      let room = isLast ? column + grid.room - start : grid.columns
      let caption = caption(query, room: room, look)
      painter.write(caption, line + grid.rows, start, limit: room)
    }
  }

  private func draw(
    _ pixels: [UInt8],
    _ episode: EpisodeSnapshot,
    _ grid: PictureGrid,
    on painter: inout Painter,
    _ row: Int,
    _ column: Int
  ) {
    let place = Rect(row: row, column: column, rows: grid.rows, columns: grid.columns)
    let look = painter.look
    let picture = episode.picture(pixels)
    painter.grid.picture(picture, in: place, as: look.pictures, style: look.text)
    guard !pixels.isEmpty, look.pictures == .colors else { return }
    painter.grid.pictures.append(PlacedPicture(picture, in: place))
  }

  private func drawName(
    _ label: Int,
    _ episode: EpisodeSnapshot,
    on painter: inout Painter,
    _ row: Int,
    _ column: Int,
    _ room: Int
  ) {
    let look = painter.look
    let used = painter.write("\(label) ", row, column, look.accent, limit: room)
    let name = episode.classNames[label]
      .shortName(room - used, ellipsis: look.glyphs.ellipsis)
    painter.write(name, row, column + used, look.text, limit: room - used)
  }

  /// `3 → 0 ✓ 97 %`: predicted before and after adaptation, right or wrong, how surely.
  private func caption(_ query: EpisodeSnapshot.Query, room: Int, _ look: Look) -> [Span] {
    let (before, after) = (query.before.label, query.after.label)
    let style = query.isRight ? look.good : look.bad
    let sign = String(query.isRight ? look.glyphs.right : look.glyphs.wrong)
    let percent = "\(Numbers.fixed(Double(query.after.probability) * 100, 0)) %"
    let long = [
      Span("\(before) → ", look.dim), Span("\(after) \(sign)", style),
      Span(" \(percent)", look.dim),
    ]
    let short = [Span("\(before)→", look.dim), Span("\(after) \(sign)", style)]
    let spelled = [long, short].map { spans in
      spans.map { Span(look.glyphs.text($0.text), $0.style) }
    }
    return spelled.first { $0.columns <= room } ?? [Span(sign, style)]
  }

  // MARK: - Without room for pictures

  /// The predictions alone, under the sentence that says where the pictures are.
  private func drawObstacle(
    _ obstacle: String,
    _ episode: EpisodeSnapshot,
    _ queries: [[EpisodeSnapshot.Query]],
    on painter: inout Painter,
    in rect: Rect
  ) {
    let look = painter.look
    let lines = look.glyphs.text(obstacle.sanitised).wrapped(rect.columns)
      .prefix(max(rect.rows - queries.count, 1))
    for (row, line) in lines.enumerated() where row < rect.rows {
      painter.write(line, rect.row + row, rect.column, look.dim, limit: rect.columns)
    }
    let rest = Rect(
      row: rect.row + lines.count,
      column: rect.column,
      rows: max(rect.rows - lines.count, 0),
      columns: rect.columns
    )
    drawList(episode, queries, on: &painter, in: rest)
  }

  /// A line a class: its name, and each query's sign before and after adaptation.
  private func drawList(
    _ episode: EpisodeSnapshot,
    _ queries: [[EpisodeSnapshot.Query]],
    on painter: inout Painter,
    in rect: Rect
  ) {
    let look = painter.look
    for (label, queries) in queries.enumerated().prefix(rect.rows) {
      let row = rect.row + label
      let width = 2 * queries.count + 3
      drawName(label, episode, on: &painter, row, rect.column, max(rect.columns - width - 1, 0))
      var column = rect.column + rect.columns - width
      for isRight in queries.map({ $0.before.label == $0.label }) {
        column += painter.write(sign(isRight, look), row, column, look.dim)
      }
      column += painter.write(look.glyphs.isUnicode ? " → " : " > ", row, column, look.dim)
      for query in queries {
        let style = query.isRight ? look.good : look.bad
        column += painter.write(sign(query.isRight, look), row, column, style)
      }
    }
  }

  private func sign(_ isRight: Bool, _ look: Look) -> String {
    String(isRight ? look.glyphs.right : look.glyphs.wrong)
  }
}

extension EpisodeSnapshot {
  fileprivate func picture(_ pixels: [UInt8]) -> Picture {
    Picture(height: height, width: width, channels: channels, pixels: pixels)
  }
}

extension EpisodeSnapshot.Query {
  /// After adaptation.
  fileprivate var isRight: Bool { after.label == label }
}

extension String {
  /// A class's name in at most `columns`: without its folders where all of it has no room, then
  /// without its middle, because classes are often told apart by a number at the end.
  func shortName(_ columns: Int, ellipsis: String) -> String {
    let name = sanitised
    guard name.columns > columns else { return name }
    let last = name.split(separator: "/").last.map(String.init) ?? name
    let end = String(last.suffix(2))
    guard last.columns > columns, columns > end.columns + ellipsis.columns + 1 else { return last }
    return last.clipped(to: columns - end.columns, ellipsis: ellipsis) + end
  }
}
