import Testing

@testable import Training

@Suite struct CheckpointScoresTests {
  @Test func meansHaveTheirIntervals() {
    let mean = EpisodeMean([1, 2, 3, 4])
    // Standard deviation √(5/3), standard error half of it.
    #expect(mean.mean == 2.5 && abs(mean.confidence95 - 1.96 * 0.645497) < 1e-5)
    #expect(EpisodeMean([7]).confidence95 == .infinity)
  }

  @Test func pairsAreComparedEpisodeByEpisode() {
    let pair = PairedComparison([3, 5, 2, 9], [1, 4, 2, 10])
    #expect(pair.difference.mean == 0.5)
    #expect(pair.larger == 2 && pair.smaller == 1)
    // A constant difference is certain, however much the episodes differ.
    #expect(PairedComparison([1, 20, 300], [0, 19, 299]).difference.confidence95 == 0)
  }

  /// Exact values of the binomial distribution.
  @Test func theSignTestIsTheBinomials() {
    func p(_ larger: Int, _ smaller: Int) -> Double {
      let first = [Float](repeating: 1, count: larger) + [Float](repeating: 0, count: smaller)
      return PairedComparison(first, first.map { 1 - $0 }).signTest
    }
    #expect(abs(p(8, 2) - 0.109375) < 1e-9)
    #expect(abs(p(10, 0) - 2 * 0.0009765625) < 1e-9)
    #expect(p(5, 5) == 1)
    #expect(PairedComparison([1, 1], [1, 1]).signTest == 1)
    #expect(p(2_000, 1_000) < 1e-60, "no underflow on the way")
  }
}
