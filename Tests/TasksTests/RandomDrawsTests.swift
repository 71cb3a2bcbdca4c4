import Kernels
import Tasks
import Testing

@Suite struct RandomDrawsTests {
  /// Mean a/(a+b) and variance ab/((a+b)²(a+b+1)), to five standard errors.
  @Test(arguments: [(0.05, 0.05), (0.5, 0.5), (2, 2), (2, 5), (10, 0.3)])
  func betaNumbersHaveTheirMoments(a: Double, b: Double) {
    let count = 40_000
    var draws = RandomDraws(RandomStream(seed: 8))
    let numbers = (0..<count).map { _ in draws.beta(a, b) }
    #expect(numbers.allSatisfy { (0...1).contains($0) })
    let mean = numbers.reduce(0, +) / Double(count)
    let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
    let sum = a + b
    let wanted = a * b / (sum * sum * (sum + 1))
    let error = 5 * (wanted / Double(count)).squareRoot()
    #expect(abs(mean - a / sum) < error, "\(mean), seed 8")
    // A number in [0, 1] has squares whose deviation is below a half.
    #expect(abs(variance - wanted) < 2.5 / Double(count).squareRoot(), "\(variance), seed 8")
  }

  /// So small a parameter leaves numbers at the ends, and each is one.
  @Test func tinyParametersGiveNumbers() {
    var draws = RandomDraws(RandomStream(seed: 9))
    let numbers = (0..<2000).map { _ in draws.beta(1e-3, 1e-3) }
    #expect(numbers.allSatisfy { (0...1).contains($0) })
    let low = numbers.count { $0 < 0.5 }
    #expect((800...1200).contains(low), "\(low), seed 9")
  }
}
