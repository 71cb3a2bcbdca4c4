import Events
import Foundation
import Recording

/// What recording costs an outer step, on the real disk, in batches as the bus delivers them.
enum RecorderBenchmark: Benchmark {
  static let name = "recorder"

  static func run() async throws {
    try await measure(steps: 5_000, "every step written")
    try await measure(steps: 1_000_000, "one step in 200 written")
  }

  private static func measure(steps: Int, _ title: String) async throws {
    let folder = "/tmp/metatop-benchmark-\(getpid())-\(steps)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let recorder = try Recorder([description(steps)], under: folder, report: { print($0) })
    let batch = 35  // what comes in 5 ms at 7,000 steps a second
    let clock = ContinuousClock()
    let began = clock.now
    for first in stride(from: 1, through: steps, by: batch) {
      let last = min(first + batch - 1, steps)
      await recorder.record((first...last).map { .step(report($0)) })
    }
    _ = await recorder.finish()
    let cost = (clock.now - began).seconds / Double(steps)
    let share = cost * 7_000 * 100
    print(
      "recorder: \(Int(cost * 1e9)) ns a step, \((share * 100).rounded() / 100) % of one core at",
      "7,000 steps/s (\(title))"
    )
  }

  private static func report(_ step: Int) -> StepReport {
    var probes: StepProbes?
    if step % 100 == 0 {
      probes = StepProbes(
        supportLosses: [3.25, 1.125],
        queryLosses: [3.5, 1.25],
        innerGradientNorms: [1.5, 2.5, 3.5],
        values: []
      )
    }
    return StepReport(
      run: RunID(0),
      step: step,
      seconds: Double(step) / 7_000,
      queryLoss: 1 / Float(step),
      supportLoss: 2 / Float(step),
      metaGradientNorm: 3 / Float(step),
      probes: probes
    )
  }

  private static func description(_ steps: Int) -> RunDescription {
    RunDescription(
      id: RunID(0),
      methodID: "maml",
      methodName: "MAML",
      citation: "Finn et al. 2017",
      task: TaskDescription(name: "sinusoid", kind: .regression, way: nil, shot: 10, queryShot: 10),
      model: "MLP 1-40-40-1",
      layers: ["layer1", "layer2", "head"],
      parameterCounts: ["body": 1_720, "head": 41],
      hyperparameters: [],
      values: [:],
      probes: [],
      totalSteps: steps,
      metaBatchSize: 25,
      seed: 0,
      threads: 2
    )
  }
}
