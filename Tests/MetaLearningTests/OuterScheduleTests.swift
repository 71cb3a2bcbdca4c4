import Events
import Testing

@testable import MetaLearning

struct OuterScheduleTests {
  private func rate(_ schedule: Double, step: Int) throws -> Double {
    var values = HyperparameterValues(StandardHyperparameters.all(for: .dense))
    try values.set("outer-lr", to: 0.002)
    try values.set("outer-schedule", to: schedule)
    return values.outerLearningRate(step: step, totalSteps: 1_000)
  }

  @Test func constantStays() throws {
    #expect(try rate(0, step: 0) == 0.002)
    #expect(try rate(0, step: 999) == 0.002)
  }

  @Test func cosineHalvesInTheMiddleAndEndsAtZero() throws {
    #expect(try rate(1, step: 0) == 0.002)
    #expect(abs(try rate(1, step: 500) - 0.001) < 1e-12)
    #expect(try rate(1, step: 999) < 1e-8)
    // A run that goes on past its end does not climb again.
    #expect(try rate(1, step: 2_000) == 0)
  }
}
