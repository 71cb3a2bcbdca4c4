import Events
import Recording

/// How much of the variance of the scores that combinations are chosen by each swept hyperparameter explains.
///
/// The share is η² of a one-way analysis of variance over the runs of one method: the variance of
/// the means at each value over the variance of all. What is left is interactions and chance.
struct Importance {
  struct Share {
    let id: String
    let share: Double
    /// 95 %, by jackknife over seeds; nil with fewer than three.
    let interval: ClosedRange<Double>?
    /// Values were gathered into so many groups of neighbours, because there are many.
    let groups: Int?
  }

  let method: String
  let runs: Int
  /// Each swept hyperparameter, and what the seeds explain.
  let shares: [Share]

  /// More different numbers than this are gathered.
  private static let mostLevels = 6
  private static let groupCount = 4

  /// One run: its values, its seed, its score.
  private struct Cell {
    let levels: [Int]
    let seed: Int
    let score: Double
  }

  /// nil when fewer than two hyperparameter values can be told apart.
  init?(_ method: String, _ results: SweepResults) {
    let scores = { (row: SweepResults.Row) in
      results.isChosenByValidation ? row.validations : row.tests
    }
    let rows = results.rows.filter { $0.combination.method == method && !scores($0).isEmpty }
    guard let ids = rows.first?.combination.values.map(\.id), rows.count > 1 else { return nil }
    let seeds = results.plan.seeds
    let levels = ids.indices.map { axis in
      Self.levels(rows.map { $0.combination.values[axis].text })
    }
    var cells: [Cell] = []
    for (place, row) in rows.enumerated() {
      for (seed, score) in scores(row) where score.isFinite {
        guard let number = seeds.firstIndex(of: seed) else { continue }
        let own = levels.map { $0.of[place] }
        cells.append(Cell(levels: own, seed: number, score: score))
      }
    }
    // In an order of their own, so that sums have the same bits whichever run is best.
    cells.sort { ($0.levels + [$0.seed]).lexicographicallyPrecedes($1.levels + [$1.seed]) }
    // While all that is there is of one seed, nothing tells chance from effect.
    guard seeds.count == 1 || Set(cells.map(\.seed)).count > 1 else { return nil }
    self.method = method
    runs = cells.count
    var shares: [Share] = []
    for (axis, id) in ids.enumerated() where Set(levels[axis].of).count > 1 {
      guard let share = Self.share(cells, by: { $0.levels[axis] }) else { continue }
      shares.append(
        Share(
          id: id,
          share: share,
          interval: Self.interval(cells, seeds.count) { $0.levels[axis] },
          groups: levels[axis].isGathered ? Set(levels[axis].of).count : nil
        )
      )
    }
    guard !shares.isEmpty else { return nil }
    shares.sort { ($1.share, $0.id) < ($0.share, $1.id) }
    if seeds.count > 1, let share = Self.share(cells, by: { $0.seed }) {
      shares.append(Share(id: "seed", share: share, interval: nil, groups: nil))
    }
    self.shares = shares
  }

  /// A group for every text: one for each, or neighbours together where there are many numbers.
  private static func levels(_ texts: [String]) -> (of: [Int], isGathered: Bool) {
    let different = Array(Set(texts)).sorted()
    let numbers = texts.compactMap(Double.init)
    guard different.count > mostLevels, numbers.count == texts.count else {
      return (texts.map { different.firstIndex(of: $0) ?? 0 }, false)
    }
    // Of equal numbers, the first one's place.
    let places = Dictionary(
      numbers.sorted().enumerated().map { ($0.element, $0.offset) },
      uniquingKeysWith: min
    )
    return (numbers.map { (places[$0] ?? 0) * groupCount / numbers.count }, true)
  }

  /// η² of the groups; nil when all scores are the same.
  private static func share(_ cells: [Cell], by group: (Cell) -> Int) -> Double? {
    let mean = cells.reduce(0) { $0 + $1.score } / Double(cells.count)
    let total = cells.reduce(0) { $0 + ($1.score - mean) * ($1.score - mean) }
    guard total > 0 else { return nil }
    var sums: [Int: (sum: Double, count: Double)] = [:]
    for cell in cells {
      sums[group(cell), default: (0, 0)].sum += cell.score
      sums[group(cell), default: (0, 0)].count += 1
    }
    let between = sums.sorted { $0.key < $1.key }.reduce(0.0) { all, next in
      let difference = next.value.sum / next.value.count - mean
      return all + next.value.count * difference * difference
    }
    return between / total
  }

  /// Student's interval of the jackknife: what the share would be without each of the seeds.
  ///
  /// A bootstrap would draw seeds twice, which takes chance out of the runs and makes shares large.
  private static func interval(
    _ cells: [Cell],
    _ seeds: Int,
    by group: (Cell) -> Int
  ) -> ClosedRange<Double>? {
    // Without one of two seeds there would be no chance left to tell apart.
    guard seeds > 2, let all = share(cells, by: group) else { return nil }
    let shares = (0..<seeds).compactMap { seed in
      share(cells.filter { $0.seed != seed }, by: group)
    }
    guard shares.count == seeds else { return nil }
    let mean = shares.reduce(0, +) / Double(seeds)
    let square = shares.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let error = (square * Double(seeds - 1) / Double(seeds)).squareRoot()
    let half = StudentT.quantile(0.975, degrees: seeds - 1) * error
    return max(all - half, 0)...min(all + half, 1)
  }
}
