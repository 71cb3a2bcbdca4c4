import CAllocationCount
import Dispatch
import Events
import Synchronization
import Tasks
import Training

/// Heap allocations of an outer step in steady state: of the engine, its reports thrown away, and
/// of the whole process with the bus behind it.
enum AllocationsBenchmark: Benchmark {
  static let name = "allocations"
  private static let warmUp = 2_000
  private static let steps = 4_000

  static func run() async throws {
    print("\nallocations: calls of malloc, calloc, realloc, … over \(steps) outer steps, no probes")
    print("a step: between two reports within a turn; on average: what a turn costs included\n")
    let table = Table([
      ("method", 18), ("threads", 7), ("engine, most steps", 18), ("engine, on average", 18),
      ("steps with any", 14), ("with the bus, on average", 24),
    ])
    for contender in Contender.all {
      for threads in [1, 2] {
        let configuration = try contender.configuration(
          Workload.all[0],
          threads: threads,
          steps: warmUp + steps + 1,
          probeEvery: 1_000_000
        )
        let engine = try count(configuration)
        let whole = try await countWithBus(configuration)
        table.row([
          contender.name, String(threads), fixed(engine.median), fixed(engine.mean, 3),
          fixed(engine.shareWithAny * 100, 1) + " %", fixed(whole, 3),
        ])
      }
    }
  }

  private struct Counts {
    /// Allocations between one report and the next.
    let each: [Int]

    var median: Double { Spread(each.map(Double.init)).median }
    var mean: Double { Double(each.reduce(0, +)) / Double(each.count) }
    var shareWithAny: Double { Double(each.count { $0 > 0 }) / Double(each.count) }
  }

  /// The engine alone: events go nowhere.
  private static func count(_ configuration: RunConfiguration) throws -> Counts {
    let readings = Readings(count: steps + 1)
    let comparison = try Comparison([configuration]) { event in
      guard case .step(let report) = event, report.step >= warmUp else { return }
      readings.note(report.step - warmUp)
    }
    DispatchQueue.global(qos: .utility).sync { comparison.run() }
    return Counts(each: (0..<steps).map { readings[$0 + 1] - readings[$0] })
  }

  private static func countWithBus(_ configuration: RunConfiguration) async throws -> Double {
    let readings = Readings(count: steps + 1)
    try await train(configuration) { step in
      if step >= warmUp { readings.note(step - warmUp) }
    }
    return Double(readings[steps] - readings[0]) / Double(steps)
  }
}

/// The counter at each step, in memory made beforehand; counting runs from the first to the last.
///
/// `@unchecked Sendable`: written by the training thread, read when it has ended.
private final class Readings: @unchecked Sendable {
  private let values: UnsafeMutableBufferPointer<Int>

  init(count: Int) {
    values = .allocate(capacity: count)
    values.initialize(repeating: 0)
  }

  deinit { values.deallocate() }

  subscript(index: Int) -> Int { values[index] }

  func note(_ index: Int) {
    guard index < values.count else { return }
    if index == 0 { allocation_count_start() }
    values[index] = Int(allocation_count())
    if index == values.count - 1 { allocation_count_stop() }
  }
}
