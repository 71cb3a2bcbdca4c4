import Dispatch
import Events
import MetaLearning
import Synchronization
import Tasks
import Training

/// Outer steps a second of the whole training core: fresh episodes at every step, every step's
/// report through the bus to a subscriber, probes every 50 steps, as in the product.
enum SinusoidBenchmark: Benchmark {
  static let name = "sinusoid"
  private static let repetitions = 5
  private static let secondsEach = 0.6
  private static let probeEvery = 50

  private struct Case {
    let contender: Contender
    let workload: Workload
    let threads: Int
    var steps = 0
    var rates: [Double] = []
  }

  static func run() async throws {
    var cases: [Case] = []
    for workload in Workload.all {
      for contender in Contender.all {
        for threads in [1, 2] {
          var one = Case(contender: contender, workload: workload, threads: threads)
          let rate = try await measure(one, steps: 1_500)
          one.steps = max(Int(rate * secondsEach), 100)
          cases.append(one)
        }
      }
    }
    // Round after round, so that a busy minute of the machine hits every case alike.
    for _ in 0..<repetitions {
      for index in cases.indices {
        cases[index].rates.append(try await measure(cases[index], steps: cases[index].steps))
      }
    }
    print("\nsinusoid: outer steps/s; \(repetitions) repetitions, \(loadDescription)\n")
    let table = Table([
      ("method", 18), ("workload", 8), ("threads", 7), ("median", 8), ("min", 8), ("max", 8),
    ])
    for one in cases {
      let rates = Spread(one.rates)
      table.row(
        [one.contender.name, one.workload.name, String(one.threads)]
          + [rates.median, rates.minimum, rates.maximum].map { fixed($0) }
      )
    }
  }

  /// Steps a second between the report of step `warmUp` and the last, by the wall clock.
  private static func measure(_ one: Case, steps: Int, warmUp: Int = 500) async throws -> Double {
    let configuration = try one.contender.configuration(
      one.workload,
      threads: one.threads,
      steps: warmUp + steps,
      probeEvery: probeEvery
    )
    let marks = Mutex<[ContinuousClock.Instant]>([])
    try await train(configuration) { step in
      if step == warmUp || step == warmUp + steps { marks.withLock { $0.append(.now) } }
    }
    return marks.withLock { Double(steps) / ($0[1] - $0[0]).seconds }
  }
}

/// Trains one run as the product does: on a background queue, a bus with one listener behind it.
///
/// `atStep` is called on the training thread when a step is about to be posted.
func train(
  _ configuration: RunConfiguration,
  atStep: @escaping @Sendable (Int) -> Void
) async throws {
  let bus = EventBus()
  let screen = bus.subscribe(capacity: 16_384)
  let comparison = try Comparison([configuration]) { event in
    if case .step(let report) = event { atStep(report.step) }
    bus.post(event)
  }
  async let delivery: Void = bus.run()
  async let listening: Void = listen(to: screen)
  await withCheckedContinuation { continuation in
    DispatchQueue.global(qos: .utility).async {
      comparison.run()
      continuation.resume()
    }
  }
  bus.close()
  _ = await (delivery, listening)
}

private func listen(to subscription: Subscription) async {
  while await subscription.next() != nil {}
}
