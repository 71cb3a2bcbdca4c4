import CellGrid
import Events

/// Runs that differ in their seed alone.
struct RunSeries: Equatable, Sendable {
  var name: String
  /// Places in the list of runs.
  var runs: [Int]
}

extension DashboardState {
  /// Seeds of a method stand as one series, unless somebody wants to see each.
  var isFolded: Bool { !areSeedsApart && series.contains { $0.runs.count > 1 } }

  /// The runs that stand on the screen for all: of each series the one with the focused run's seed, which
  /// saw the same episodes, else its first.
  var shownRuns: [Int] {
    guard isFolded else { return Array(runs.indices) }
    let seed = focused?.description.seed
    return series.compactMap { series in
      if series.runs.contains(focusedRun) { return focusedRun }
      return series.runs.first { runs[$0].description.seed == seed } ?? series.runs.first
    }
  }

  /// All runs of the series that a run stands for.
  func members(of index: Int) -> [Int] {
    guard isFolded else { return [index] }
    return series.first { $0.runs.contains(index) }?.runs ?? [index]
  }

  /// Its name with `×3` where it stands for three seeds.
  func shownName(_ index: Int) -> String {
    let members = members(of: index)
    guard members.count > 1, let own = series.first(where: { $0.runs == members }) else {
      return runs[index].name
    }
    return "\(own.name) ×\(members.count)"
  }

  /// That of the run, or of its series' lowest seed, whichever has the focus or comes first.
  func color(of index: Int) -> Int {
    let lowest = members(of: index).min { runs[$0].description.seed < runs[$1].description.seed }
    return runs[lowest ?? index].color
  }

  /// The series among the runs.
  static func series(_ runs: [RunDescription]) -> [RunSeries] {
    RunKey.series(runs).map { RunSeries(name: $0.name, runs: $0.places) }
  }

  // MARK: Numbers of a series

  /// The mean over a series; nil where one of them has none.
  func mean(of index: Int, _ value: (RunState) -> Float?) -> Float? {
    let values = members(of: index).compactMap { value(runs[$0]) }
    guard values.count == members(of: index).count, !values.isEmpty else { return nil }
    return values.reduce(0, +) / Float(values.count)
  }

  /// The newest score: of several seeds their mean, with Student's interval over seeds.
  func score(of index: Int) -> Score? {
    let members = members(of: index)
    let scores = members.compactMap { runs[$0].validation?.score }
    guard members.count > 1, scores.count == members.count, let first = scores.first else {
      return members.count > 1 ? nil : scores.first
    }
    let (mean, half) = Self.interval(scores.map(\.value))
    return Score(value: mean, half: half, isAccuracy: first.isAccuracy)
  }

  /// A curve of a run, or the mean of its series with the 95 % band over seeds.
  func samples(
    of index: Int,
    _ history: (RunState) -> SeriesHistory,
    smoothing weight: Double
  ) -> [LineChart.Sample] {
    let own = runs[index].samples(history(runs[index]), smoothing: weight, on: chart.axis)
    let others = members(of: index).filter { $0 != index }
      // Where one is about to double its stretches the others follow within a turn.
      .filter { history(runs[$0]).shift == history(runs[index]).shift }
      .map { runs[$0].samples(history(runs[$0]), smoothing: weight, on: chart.axis) }
    guard !others.isEmpty else { return own }
    let count = others.map(\.count).reduce(own.count, min)
    return (0..<count).map { place in
      let values = [own[place].value] + others.map { $0[place].value }
      let (mean, half) = Self.interval(values)
      return LineChart.Sample(x: own[place].x, low: mean - half, high: mean + half, value: mean)
    }
  }

  /// Mean and half the 95 % interval of few values.
  private static func interval(_ values: [Float]) -> (mean: Float, half: Float) {
    let n = Float(values.count)
    let mean = values.reduce(0, +) / n
    let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let quantile = Float(SeedQuantile.of(values.count))
    return (mean, quantile * (square / (n - 1) / n).squareRoot())
  }
}

/// Student's t for the 95 % interval of so many seeds; each is computed once.
private enum SeedQuantile {
  private static let known = (2...33).map { StudentT.quantile(0.975, degrees: $0 - 1) }

  static func of(_ count: Int) -> Double {
    known.indices.contains(count - 2) ? known[count - 2] : 2
  }
}
