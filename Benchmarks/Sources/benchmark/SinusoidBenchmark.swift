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
    /// Milliseconds from nothing to the first step's report: tracing, planning, one step.
    var firstSteps: [Double] = []
  }

  static func run() async throws {
    var cases: [Case] = []
    for workload in Workload.all {
      for contender in Contender.all {
        for threads in [1, 2] {
          var one = Case(contender: contender, workload: workload, threads: threads)
          try await measure(&one, steps: 1_000)
          one.steps = max(Int(one.rates.removeFirst() * secondsEach), 100)
          cases.append(one)
        }
      }
    }
    // Round after round, so that a busy minute of the machine hits every case alike.
    for _ in 0..<repetitions {
      for index in cases.indices {
        try await measure(&cases[index], steps: cases[index].steps)
      }
    }
    print("\nsinusoid: outer steps/s; \(repetitions) repetitions, \(loadDescription)\n")
    let table = Table([
      ("method", 18), ("workload", 8), ("threads", 7), ("median", 8), ("min", 8), ("max", 8),
      ("first step, ms", 14),
    ])
    for one in cases {
      let rates = Spread(one.rates)
      table.row(
        [one.contender.name, one.workload.name, String(one.threads)]
          + [rates.median, rates.minimum, rates.maximum, Spread(one.firstSteps).median].map {
            fixed($0)
          }
      )
    }
  }

  /// Adds the steps a second between the report of step `warmUp` and the last, by the wall clock.
  private static func measure(_ one: inout Case, steps: Int, warmUp: Int = 500) async throws {
    let configuration = try one.contender.configuration(
      one.workload,
      threads: one.threads,
      steps: warmUp + steps,
      probeEvery: probeEvery
    )
    let marks = Mutex<[ContinuousClock.Instant]>([])
    let began = ContinuousClock.now
    try await train(configuration) { step in
      if step == 1 || step == warmUp || step == warmUp + steps {
        marks.withLock { $0.append(.now) }
      }
    }
    let times = marks.withLock { $0 }
    one.firstSteps.append((times[0] - began).seconds * 1000)
    one.rates.append(Double(steps) / (times[2] - times[1]).seconds)
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
