import Events
import Foundation
import Testing

@testable import Recording
@testable import Sweeps

@Suite("What a sweep says of its numbers")
struct SweepStatisticsTests {
  @Test(
    "Student's t as tables have it",
    arguments: [
      (0.975, 1, 12.7062), (0.975, 2, 4.3027), (0.975, 4, 2.7764), (0.975, 30, 2.0423),
      (0.995, 2, 9.9248), (0.995, 10, 3.1693), (0.95, 5, 2.0150), (0.975, 100_000, 1.95999),
      (0.9999, 3, 22.2037),
    ]
  )
  func quantiles(_ probability: Double, _ degrees: Int, _ expected: Double) {
    let t = StudentT.quantile(probability, degrees: degrees)
    #expect(abs(t - expected) < 1e-4 * expected)
  }

  @Test func intervalsOverSeeds() throws {
    // Mean 2, standard error 1/√3, t 4.3027.
    let mean = try #require(SeedMean([1, 2, 3]))
    #expect(mean.mean == 2 && abs((mean.half ?? 0) - 4.30265 / 3.0.squareRoot()) < 1e-4)
    #expect(SeedMean([1])?.half == nil && SeedMean([]) == nil)
  }

  // MARK: A sweep with known scores

  /// Two hyperparameters with two values, three seeds; `score` decides each run's loss.
  private func results(
    _ score: (_ a: Int, _ b: Int, _ seed: Int) -> Double?
  ) -> SweepResults {
    var runs: [SweepPlan.Run] = []
    var outcomes: [SweepResults.Outcome?] = []
    for seed in 0..<3 {
      for a in 0..<2 {
        for b in 0..<2 {
          let values = [
            SweepPlan.Setting(id: "a", text: "\(a)"), SweepPlan.Setting(id: "b", text: "\(b)"),
          ]
          let combination = SweepPlan.Combination(method: "maml", values: values)
          let index = runs.count + 1
          runs.append(
            .init(index: index, combination: combination, seed: UInt64(seed), folder: "\(index)")
          )
          let loss = score(a, b, seed)
          outcomes.append(
            SweepResults.Outcome(
              status: loss == nil ? .diverged : .finished,
              test: loss,
              testHalf: 0.1,
              validation: nil,
              validationHalf: nil,
              isAccuracy: false
            )
          )
        }
      }
    }
    let usual = [SweepPlan.Setting(id: "a", text: "0"), SweepPlan.Setting(id: "b", text: "0")]
    let plan = SweepPlan(
      name: "known",
      methods: [.init(id: "maml", name: "MAML", options: [:], settings: [], usual: usual)],
      axes: ["a", "b"],
      random: nil,
      seeds: [0, 1, 2],
      runs: runs,
      steps: 12
    )
    return SweepResults(plan, outcomes: outcomes)
  }

  @Test func differencesArePairedBySeed() throws {
    // Seeds differ by far more than the values do, and take no part in the difference.
    let results = results { a, _, seed in Double(seed) * 10 - Double(a) - 0.1 * Double(a * seed) }
    let best = try #require(results.rows.first)
    #expect(best.combination.values[0].text == "1")
    let difference = try #require(results.difference(best))
    #expect(abs(difference.mean + 1.1) < 1e-12)
    #expect(abs((difference.half ?? 0) - 4.30265 * 0.1 / 3.0.squareRoot()) < 1e-5)
    #expect((best.test?.half ?? 0) > 20)
    #expect(results.comparisons == 3)
    let text = SweepTable(results: results).text(.text)
    #expect(text.contains("best of 4: MAML, a 1, b 0"))
    // t at 1 - 0.05 / 3 / 2 with two degrees of freedom is 7.6488.
    #expect(text.contains("± 0.4416: told apart from the baseline"))
  }

  @Test func whatExplainsTheVarianceIsFound() throws {
    let results = results { a, b, seed in Double(4 * a) + Double(b) + 0.01 * Double(seed) }
    let importance = try #require(Importance("maml", results))
    #expect(importance.runs == 12)
    #expect(importance.shares.map(\.id) == ["a", "b", "seed"])
    // 4² to 1² of variance, and next to nothing by the seeds.
    #expect(abs(importance.shares[0].share - 16.0 / 17) < 1e-4)
    #expect(abs(importance.shares[1].share - 1.0 / 17) < 1e-4)
    let interval = try #require(importance.shares[0].interval)
    #expect(interval.contains(16.0 / 17) && interval.upperBound - interval.lowerBound < 1e-3)
  }

  @Test func chanceLeavesImportanceUncertain() throws {
    let noise = [0.3, -1.2, 0.8, 0.1, 1.9, -0.4, -2.2, 0.6, 0.9, -0.7, 1.1, -1.3]
    let results = results { a, b, seed in noise[seed * 4 + a * 2 + b] }
    let importance = try #require(Importance("maml", results))
    for share in importance.shares.dropLast() {
      let interval = try #require(share.interval)
      #expect(interval.upperBound - interval.lowerBound > 0.2)
    }
  }

  @Test func divergedSeedsCountAgainstACombination() throws {
    let results = results { a, b, seed in a == 1 && seed == 2 ? nil : Double(10 - a - b) }
    #expect(results.rows.map { $0.combination.values[0].text } == ["0", "0", "1", "1"])
    #expect(results.rows.map(\.diverged) == [0, 0, 1, 1])
    #expect(SweepTable(results: results).text(.text).contains("1 of 3 diverged"))
  }

  @Test func runNumbersForABatchSystem() {
    #expect(SlurmArray.ranges([1, 2, 3, 7, 9, 10]) == "1-3,7,9-10")
    #expect(SlurmArray.ranges([4]) == "4")
  }
}
