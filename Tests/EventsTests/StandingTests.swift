import Testing

@testable import Events

@Suite("Who is ahead")
struct StandingTests {
  private func report(
    _ run: Int,
    _ step: Int,
    _ scores: [Float],
    accuracy: Bool = false,
    isTest: Bool = false
  ) -> RunEvent {
    let mean = scores.reduce(0, +) / Float(scores.count)
    return .validation(
      ValidationReport(
        run: RunID(run),
        step: step,
        loss: mean,
        lossConfidence95: 0.1,
        accuracy: accuracy ? mean : nil,
        accuracyConfidence95: accuracy ? 0.1 : nil,
        lossByInnerStep: [],
        episodes: scores.count,
        scores: scores,
        isMetaTest: isTest
      )
    )
  }

  private func standing(_ runs: RunDescription...) -> Standing {
    var standing = Standing()
    for run in runs { standing.apply(.started(run)) }
    return standing
  }

  @Test("The mean of paired differences, with Student's t")
  func paired() throws {
    var standing = standing(.sample(0, "MAML"), .sample(1, "CML"))
    #expect(standing.verdict == nil)
    // Episodes differ much more than the methods do.
    standing.apply(report(0, 100, [1, 5, 9, 13], isTest: true))
    #expect(standing.verdict == nil)
    standing.apply(report(1, 100, [0.8, 4.9, 8.9, 12.8], isTest: true))
    let verdict = try #require(standing.verdict)
    let margin = try #require(verdict.margins.first)
    #expect(verdict.leader == "CML" && margin.name == "MAML" && verdict.isTest)
    // Differences −0.2, −0.1, −0.1, −0.2: mean −0.15, s/√n = 0.0577/2, t(3) = 3.1824.
    #expect(abs(margin.mean + 0.15) < 1e-6)
    #expect(abs(margin.half - 3.18245 * 0.057735 / 2) < 1e-5)
    #expect(margin.isApart && verdict.isDecided && margin.pairing == .episodes(4))
    #expect(
      verdict.sentence
        == "CML − MAML −0.1500 ± 0.0919: told apart (meta-test loss, paired over 4 episodes, 95 %)"
    )
    #expect(verdict.lines() == [verdict.sentence])
  }

  @Test("Of accuracy more is better; three methods share the error")
  func accuracies() throws {
    var standing = standing(.sample(0, "A"), .sample(1, "B"), .sample(2, "C"))
    standing.apply(report(0, 9, [0.5, 0.5, 0.7, 0.7], accuracy: true, isTest: true))
    standing.apply(report(1, 9, [0.6, 0.7, 0.8, 0.9], accuracy: true, isTest: true))
    standing.apply(report(2, 9, [0.55, 0.7, 0.8, 0.9], accuracy: true, isTest: true))
    let verdict = try #require(standing.verdict)
    #expect(verdict.leader == "B" && verdict.margins.map(\.name) == ["C", "A"])
    // 0.05 of three pairs: t(3) at 1 − 0.05/6 is 4.8567.
    let margin = verdict.margins[1]
    #expect(abs(margin.half - 4.8567 * 0.057735 / 2) < 1e-4)
    #expect(verdict.sentence.contains("B − A +15.00 ± 14.02 %: told apart"))
    #expect(
      verdict.sentence.hasSuffix(
        "(meta-test accuracy, paired over 4 episodes, 95 % over all pairs)"
      )
    )
    #expect(
      verdict.lines() == [
        "highest meta-test accuracy: B; paired over 4 episodes, 95 % over all pairs",
        "  B − C   +1.25 ±  6.07 %   not told apart",
        "  B − A  +15.00 ± 14.02 %   told apart",
      ]
    )
    // Six of long names fit eighty columns, too.
    var many = self.standing(
      .sample(0, "A method of a very long name indeed, inner-lr 0.01, outer-lr 0.001"),
      .sample(1, "B"),
      .sample(2, "C"),
      .sample(3, "D"),
      .sample(4, "E"),
      .sample(5, "F")
    )
    for run in 0..<6 {
      let base = Float(run)
      many.apply(report(run, 9, [base, base + 1, base + 2, base + 3.5], isTest: true))
    }
    let lines = try #require(many.verdict).lines()
    #expect(lines.count == 12 && lines.allSatisfy { $0.count <= 80 }, "\(lines)")
  }

  @Test("Every look spends its part of the error, and says since when the runs are apart")
  func looks() throws {
    var standing = standing(.sample(0, "MAML"), .sample(1, "CML"))
    let base: [Float] = [1, 2, 3, 4, 5, 6, 7, 8]
    let near: [Float] = [0.1, -0.1, 0.1, -0.1, 0.1, -0.1, 0.1, -0.1]
    let far: [Float] = [1, 1.1, 1, 1.1, 1, 1.1, 1, 1.1]
    for (step, distance) in [(10, near), (20, far), (30, near), (40, far), (50, far)] {
      standing.apply(report(0, step, base))
      standing.apply(report(1, step, zip(base, distance).map { $0 - $1 }))
    }
    let verdict = try #require(standing.verdict)
    let margin = try #require(verdict.margins.first)
    #expect(!verdict.isTest && verdict.step == 50 && verdict.leader == "CML")
    #expect(margin.isApart && margin.since == 40)
    // The fifth look has 0.05/30: t(7) = 4.93.
    let error = 0.05345 / 8.0.squareRoot()
    let t = StudentT.quantile(1 - 0.05 / 60, degrees: 7)
    #expect(abs(margin.half - t * error) < 1e-4)
    #expect(
      verdict.sentence.contains("told apart since step 40 (meta-validation loss at step 50, ")
    )
    // The parts of all looks are 0.05 together: Σ 1/(k(k+1)) = 1.
    let spent = (1...100_000).reduce(0.0) { $0 + 1 / (Double($1) * Double($1 + 1)) }
    #expect(spent < 1 && spent > 0.9999)
  }

  @Test("Under the null hypothesis looking at every step errs in no more than 5 of 100 comparisons")
  func errors() {
    var random = SeededNormals(seed: 20_261)
    var wrong = 0
    for _ in 0..<200 {
      var standing = standing(.sample(0, "A"), .sample(1, "B"))
      var wasApart = false
      for step in 1...30 {
        let scores = (0..<2).map { _ in (0..<20).map { _ in random.next() } }
        standing.apply(report(0, step, scores[0]))
        standing.apply(report(1, step, scores[1]))
        wasApart = wasApart || standing.verdict?.isDecided == true
      }
      if wasApart { wrong += 1 }
    }
    // Looked at with 5 % each time, four of five would be told apart once.
    #expect(wrong <= 16, "seed 20261: \(wrong) of 200")
  }

  @Test("Seeds of a series are paired by seed, over seeds")
  func seeds() throws {
    var standing = standing(
      .sample(0, "A", seed: 0),
      .sample(1, "B", seed: 0),
      .sample(2, "A", seed: 1),
      .sample(3, "B", seed: 1),
      .sample(4, "A", seed: 2),
      .sample(5, "B", seed: 2)
    )
    for run in 0..<6 {
      let seed = Float(run / 2)
      let score = 10 * seed + (run % 2 == 0 ? 1 + 0.01 * seed : 0)
      standing.apply(report(run, 100, [score, score], isTest: true))
    }
    let verdict = try #require(standing.verdict)
    #expect(verdict.leader == "B" && verdict.margins.count == 1)
    #expect(verdict.margins[0].pairing == .seeds(3) && verdict.isDecided)
    #expect(abs(verdict.margins[0].mean + 1.01) < 1e-5)
  }

  @Test("All are compared at one step, though two of them are farther")
  func oneStep() throws {
    var standing = standing(.sample(0, "A"), .sample(1, "B"), .sample(2, "C"))
    for run in 0..<3 { standing.apply(report(run, 10, [Float(run), Float(run) + 1.1, 2])) }
    standing.apply(report(0, 20, [9, 9, 9.5]))
    standing.apply(report(1, 20, [1, 2, 3]))
    let verdict = try #require(standing.verdict)
    #expect(verdict.step == 10 && verdict.leader == "A" && verdict.margins[0].mean < 0)
    standing.apply(report(2, 20, [0.5, 0.6, 0.9]))
    #expect(standing.verdict?.step == 20 && standing.verdict?.leader == "C")
  }

  @Test(
    "Diverged runs take no part; a replay that goes back begins anew; without scores it is unpaired"
  )
  func others() throws {
    var standing = standing(.sample(0, "A"), .sample(1, "B"), .sample(2, "C"))
    for run in 0..<3 { standing.apply(report(run, 5, [Float(run), Float(run) + 1])) }
    #expect(standing.verdict?.leader == "A")
    standing.apply(.statusChanged(RunID(0), .diverged, step: 6))
    #expect(standing.verdict?.leader == "B" && standing.verdict?.margins.map(\.name) == ["C"])
    for run in 0..<3 { standing.apply(.started(.sample(run, ["A", "B", "C"][run]))) }
    #expect(standing.verdict == nil)
    for run in 0..<2 { standing.apply(report(run, 5, [Float(run)])) }
    standing.apply(report(2, 5, [9]))
    let verdict = try #require(standing.verdict)
    #expect(!verdict.isPaired && verdict.sentence.contains("unpaired"))
    // √2 · 0.1 / 1.96, with many standard errors between them.
    #expect(verdict.leader == "A")
  }
}

/// Normal numbers with known bits.
private struct SeededNormals {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  private mutating func uniform() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 11) / 9_007_199_254_740_992
  }

  /// The sum of twelve uniform numbers, less six.
  mutating func next() -> Float { Float((0..<12).reduce(-6.0) { sum, _ in sum + uniform() }) }
}
