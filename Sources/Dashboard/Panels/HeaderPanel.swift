import CellGrid
import Events

/// One line: what is trained and how fast.
///
/// What has no room goes, least important first.
struct HeaderPanel {
  /// A piece of the line; the lower `rank`, the longer it stays.
  struct Piece {
    var rank: Int
    var spans: [Span]
  }

  let state: DashboardState

  func draw(on painter: inout Painter, in rect: Rect) {
    var left = leftPieces(painter.look)
    var right = rightPieces(painter.look)
    let room = rect.columns - 2
    while width(left, painter) + width(right, painter) + 2 > room,
      let worst = (left + right).map(\.rank).max(), worst > 0
    {
      left.removeAll { $0.rank == worst }
      right.removeAll { $0.rank == worst }
    }
    painter.write(joined(left, painter.look), rect.row, rect.column + 1, limit: room)
    let start = rect.column + 1 + room - width(right, painter)
    painter.write(joined(right, painter.look), rect.row, start, limit: room)
  }

  private func width(_ pieces: [Piece], _ painter: Painter) -> Int {
    painter.spelled(joined(pieces, painter.look)).columns
  }

  private func joined(_ pieces: [Piece], _ look: Look) -> [Span] {
    Array(pieces.map(\.spans).joined(separator: [Span(" · ", look.border)]))
  }

  private func leftPieces(_ look: Look) -> [Piece] {
    var pieces = [Piece(rank: 0, spans: [Span("metatop", look.accent)])]
    guard let run = state.runs.first?.description else {
      return pieces + [Piece(rank: 1, spans: [Span("waiting for the first run", look.dim)])]
    }
    if let phase = phase(look) { pieces.append(Piece(rank: 0, spans: [phase])) }
    pieces.append(Piece(rank: 3, spans: [Span(run.task.name, look.text)]))
    pieces.append(Piece(rank: 5, spans: [Span(shape(run.regime), look.text)]))
    if let note = run.task.splitNote {
      pieces.append(Piece(rank: 4, spans: [Span(note, look.text)]))
    }
    pieces.append(Piece(rank: 10, spans: [Span(run.model, look.dim)]))
    pieces.append(Piece(rank: 7, spans: [Span(seeds, look.dim)]))
    let threads = run.threads == 1 ? "1 thread" : "\(run.threads) threads"
    pieces.append(Piece(rank: 8, spans: [Span(threads, look.dim)]))
    let bytes = state.runs.compactMap(\.description.estimatedBytes)
    if !bytes.isEmpty {
      let mebibytes = Double(bytes.reduce(0, +)) / 1_048_576
      let text = "≈ \(Numbers.grouped(Int(mebibytes.rounded(.up)))) MiB estimated"
      pieces.append(Piece(rank: 9, spans: [Span(text, look.dim)]))
    }
    let isNews = state.pendingFairness != nil || stepsDiffer
    pieces.append(Piece(rank: isNews ? 1 : 9, spans: fairness(look)))
    return pieces
  }

  private func fairness(_ look: Look) -> [Span] {
    guard let pending = state.pendingFairness else {
      guard stepsDiffer else { return [Span(state.fairness.title, look.dim)] }
      return [Span("\(state.fairness.title): outer steps differ", look.warning)]
    }
    return [Span("\(state.fairness.title) → \(pending.title) …", look.warning)]
  }

  /// With equal computing time a method that is slower is behind, which is no fault of its.
  private var stepsDiffer: Bool {
    guard state.fairness == .equalCompute, let first = state.runs.first else { return false }
    return state.runs.contains { $0.step != first.step }
  }

  /// `seed 3`, or of several `seeds 0, 1, 2`.
  private var seeds: String {
    var seeds: [UInt64] = []
    for run in state.runs where !seeds.contains(run.description.seed) {
      seeds.append(run.description.seed)
    }
    guard seeds.count > 1 else { return "seed \(seeds.first ?? 0)" }
    let shown = seeds.sorted().prefix(4).map(String.init).joined(separator: ", ")
    return "seeds \(shown)\(seeds.count > 4 ? " …" : "")"
  }

  private func shape(_ regime: Regime) -> String {
    switch regime {
    case .tasks(_, let of): return of
    case .episodes(let way, let shot, let query):
      return "\(way.map { "\($0)-way " } ?? "")\(shot)-shot, \(query) query"
    }
  }

  /// What all runs together are doing, when it is not the usual.
  private func phase(_ look: Look) -> Span? {
    if let replay = state.replay { return Span(text(replay), look.warning) }
    if let text = state.pastText { return Span(text, look.dim) }
    if state.runs.allSatisfy(\.isOver) { return Span("ended", look.good) }
    let open = state.runs.filter { !$0.isOver }
    if state.isPausing { return Span("pausing after the step under way", look.warning) }
    if let text = state.firstStepText { return Span(text, look.dim) }
    return open.allSatisfy { $0.status == .paused } ? Span("PAUSED", look.warning) : nil
  }

  /// How the recording plays and where it is.
  private func text(_ replay: ReplayStatus) -> String {
    if replay.isLive { return "ATTACHED" }
    let speed =
      replay.speed < 1 ? Numbers.fixed(replay.speed, 2) : Numbers.grouped(Int(replay.speed))
    let place = "\(Numbers.duration(replay.position)) of \(Numbers.duration(replay.duration))"
    // What is still being recorded goes on behind the pause.
    let isGrowing = state.runs.contains { !$0.isOver }
    let back = isGrowing && replay.position >= replay.duration - 1 ? ", ) is live" : ""
    let manner = replay.isPaused ? "PAUSED\(back)" : "×\(speed)"
    return "REPLAY \(manner)\(replay.loops ? " loop" : "") \(place)"
  }

  private func rightPieces(_ look: Look) -> [Piece] {
    var pieces: [Piece] = []
    if state.isRecorded { pieces.append(Piece(rank: 1, spans: [Span("REC", look.bad)])) }
    if !state.hidden.isEmpty {
      let text = "\(state.hidden.count) hidden (A shows)"
      pieces.append(Piece(rank: 6, spans: [Span(text, look.warning)]))
    }
    if state.dropped > 0 {
      let text = "\(Numbers.grouped(state.dropped)) events dropped"
      pieces.append(Piece(rank: 1, spans: [Span(text, look.bad)]))
    }
    if let rate = state.totalRate {
      let value = Numbers.compact(rate).right(6)
      pieces.append(
        Piece(rank: 6, spans: [Span(value, look.text), Span(" outer steps/s", look.dim)])
      )
    }
    // A recording has a place instead of an end.
    let isWaiting = state.replay == nil && state.isPaused
    if let value = isWaiting ? "paused" : state.remaining.map({ Numbers.duration($0).right(5) }) {
      pieces.append(Piece(rank: 4, spans: [Span("ETA ", look.dim), Span(value, look.text)]))
    }
    let elapsed = Numbers.duration(state.elapsed).right(5)
    pieces.append(Piece(rank: 2, spans: [Span("elapsed ", look.dim), Span(elapsed, look.text)]))
    return pieces
  }
}
