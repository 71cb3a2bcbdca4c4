/// Who is ahead in a comparison: folds what runs report of held-out episodes.
///
/// Meta-validations are looked at again and again, so the k-th look at a pair gets the error probability
/// 0.05 / (m · k(k + 1)), with m pairs: all looks that there will ever be have 0.05 together (Bonferroni's
/// inequality, which asks for no independence), however long the runs go on. The meta-test is one look and
/// gets 0.05 / m.
package struct Standing: Sendable {
  /// Runs that differ in their seed alone.
  private struct Entrant: Sendable {
    let name: String
    var runs: [RunDescription]
  }

  private struct Pair: Hashable { let first, second: Int }

  private struct Look: Sendable {
    let step: Int
    let difference: ScoreDifference
    /// Half its interval, with the share of the error that this look has.
    let half: Double

    var isApart: Bool { abs(difference.mean) > half }
  }

  /// Error probability of all looks together.
  package static let error = 0.05
  /// Validations whose scores wait for those of the others.
  private static let mostWaiting = 64

  private var descriptions: [RunDescription] = []
  private var entrants: [Entrant] = []
  private var validations: [RunID: [Int: ValidationReport]] = [:]
  private var tests: [RunID: ValidationReport] = [:]
  private var looks: [Pair: [Look]] = [:]
  private var diverged: Set<RunID> = []
  /// What there is to be said; nil while there is nothing to be compared.
  package private(set) var verdict: Verdict?

  package init() {}

  package mutating func apply(_ event: RunEvent) {
    switch event {
    case .started(let description): begin(description)
    case .validation(let report): record(report)
    case .statusChanged(let run, .diverged, _): diverged.insert(run)
    default: return
    }
    verdict = verdict(isTest: true) ?? verdict(isTest: false)
  }

  /// A run that begins anew, as in a replay that goes back, has reported nothing.
  private mutating func begin(_ description: RunDescription) {
    descriptions.removeAll { $0.id == description.id }
    descriptions.append(description)
    descriptions.sort { $0.id < $1.id }
    validations[description.id] = nil
    tests[description.id] = nil
    diverged.remove(description.id)
    entrants = Self.entrants(descriptions)
    looks = [:]
    let steps = Set(validations.values.flatMap(\.keys)).sorted()
    for step in steps { look(at: step) }
  }

  private mutating func record(_ report: ValidationReport) {
    guard !report.isMetaTest else {
      tests[report.run] = report
      return
    }
    var own = validations[report.run] ?? [:]
    own[report.step] = report
    if own.count > Self.mostWaiting, let oldest = own.keys.min() { own[oldest] = nil }
    validations[report.run] = own
    look(at: report.step)
  }

  /// Takes a look at every pair of which all have reported after this step and which was not looked at.
  private mutating func look(at step: Int) {
    for pair in pairs where looks[pair]?.last.map({ $0.step < step }) ?? true {
      guard let first = reports(pair.first, step), let second = reports(pair.second, step),
        let difference = difference(pair, first, second)
      else { continue }
      let place = Double(looks[pair]?.count ?? 0) + 1
      let half = difference.half(missing: share / (place * (place + 1)))
      looks[pair, default: []].append(Look(step: step, difference: difference, half: half))
    }
  }

  /// Each pair's part of the error.
  private var share: Double { Self.error / Double(max(pairs.count, 1)) }

  private var pairs: [Pair] {
    entrants.indices.flatMap { first in
      entrants.indices.dropFirst(first + 1).map { Pair(first: first, second: $0) }
    }
  }

  private func reports(_ entrant: Int, _ step: Int?) -> [ValidationReport]? {
    let found = entrants[entrant].runs.compactMap { run in
      step.map { validations[run.id]?[$0] } ?? tests[run.id]
    }
    let isWhole = found.count == entrants[entrant].runs.count
    return isWhole && found.allSatisfy { $0.scoreMean.isFinite } ? found : nil
  }

  private func difference(
    _ pair: Pair,
    _ first: [ValidationReport],
    _ second: [ValidationReport]
  ) -> ScoreDifference? {
    var seeds: [UInt64: (Int, Int)] = [:]
    for (place, run) in entrants[pair.first].runs.enumerated() {
      let other = entrants[pair.second].runs.firstIndex {
        $0.seed == run.seed && $0.task == run.task
      }
      if let other { seeds[run.seed] = (place, other) }
    }
    return ScoreDifference(first, second, seeds: seeds)
  }

  private static func entrants(_ runs: [RunDescription]) -> [Entrant] {
    RunKey.series(runs).map { Entrant(name: $0.name, runs: $0.places.map { runs[$0] }) }
  }
}

/// What runs have alike that are seeds of one series.
package struct RunKey: Hashable, Sendable {
  private let method: String
  private let model: String
  private let shape: [Int]
  private let values: [String: Double]

  package init(_ run: RunDescription) {
    (method, model, values) = (run.methodName, run.model, run.values)
    shape = [run.totalSteps, run.metaBatchSize]
  }

  /// Runs that differ in their seed alone, by their places among all, with a name for each series.
  ///
  /// The same seed again is no other sample, but a series of its own.
  package static func series(
    _ runs: [RunDescription]
  ) -> [(name: String, places: [Int])] {
    var found: [(key: Self, places: [Int])] = []
    for (index, run) in runs.enumerated() {
      let key = Self(run)
      let place = found.firstIndex { series in
        series.key == key && !series.places.contains { runs[$0].seed == run.seed }
      }
      if let place { found[place].places.append(index) } else { found.append((key, [index])) }
    }
    let names = RunNames.names(of: found.map { runs[$0.places[0]] })
    return zip(names, found).map { ($0, $1.places) }
  }
}

// MARK: - The verdict

extension Standing {
  private func verdict(isTest: Bool) -> Verdict? {
    let able = entrants.indices.filter { index in
      !entrants[index].runs.contains { diverged.contains($0.id) }
    }
    guard able.count > 1 else { return nil }
    var step: Int?
    if !isTest {
      step = newestStep(of: able)
      guard step != nil else { return nil }
    }
    let ranked = able.compactMap { index in
      reports(index, step).map { (index: index, reports: $0, mean: Self.mean($0)) }
    }
    guard ranked.count == able.count, let sample = ranked[0].reports.first else { return nil }
    let isAccuracy = sample.accuracy != nil
    let sorted = ranked.sorted { isAccuracy ? $0.mean > $1.mean : $0.mean < $1.mean }
    let margins = sorted.dropFirst().compactMap { other in
      margin(of: sorted[0], over: other, at: step)
    }
    guard margins.count == sorted.count - 1 else { return nil }
    return Verdict(
      leader: entrants[sorted[0].index].name,
      margins: margins,
      isAccuracy: isAccuracy,
      isTest: isTest,
      step: step ?? ranked.flatMap { $0.reports.map(\.step) }.max() ?? 0
    )
  }

  private typealias Ranked = (index: Int, reports: [ValidationReport], mean: Double)

  private static func mean(_ reports: [ValidationReport]) -> Double {
    reports.reduce(0) { $0 + $1.scoreMean } / Double(reports.count)
  }

  /// The last meta-validation that all of them have had.
  private func newestStep(of entrants: [Int]) -> Int? {
    let steps = entrants.flatMap { self.entrants[$0].runs }.map { run in
      Set((validations[run.id] ?? [:]).keys)
    }
    guard let first = steps.first else { return nil }
    return steps.dropFirst().reduce(first) { $0.intersection($1) }.max()
  }

  /// After the meta-validation at a step; of the meta-test where there is none.
  private func margin(of leader: Ranked, over other: Ranked, at step: Int?) -> Verdict.Margin? {
    guard let step else { return testMargin(of: leader, over: other) }
    let (first, second) = (min(leader.index, other.index), max(leader.index, other.index))
    // Two of several may have had a later look, which says nothing of the others yet.
    let looks = (looks[Pair(first: first, second: second)] ?? []).filter { $0.step <= step }
    guard let last = looks.last else { return nil }
    let since = looks.reversed().prefix { look in
      look.isApart && (look.difference.mean > 0) == (last.difference.mean > 0)
    }
    return Verdict.Margin(
      name: entrants[other.index].name,
      mean: leader.index == first ? last.difference.mean : -last.difference.mean,
      half: last.half,
      pairing: last.difference.pairing,
      isApart: last.isApart,
      since: since.last?.step
    )
  }

  /// The meta-test is looked at once.
  private func testMargin(of leader: Ranked, over other: Ranked) -> Verdict.Margin? {
    let pair = Pair(first: leader.index, second: other.index)
    guard let difference = difference(pair, leader.reports, other.reports) else { return nil }
    let half = difference.half(missing: share)
    return Verdict.Margin(
      name: entrants[other.index].name,
      mean: difference.mean,
      half: half,
      pairing: difference.pairing,
      isApart: abs(difference.mean) > half,
      since: nil
    )
  }
}
