import Glibc
import Kernels

/// The convolutions of a few-shot step on one core: GFLOP/s of each map and algorithm.
///
/// Counted are the operations of direct, in the thread's own time and the best of many calls,
/// because neighbours only slow down.
enum ConvolutionBenchmark: Benchmark {
  static let name = "convolutions"

  /// Support and query set at 28×28 (5 and 75 images) and at 84×84 (25 and 75).
  private static let shapes: [ConvolutionShape] =
    [(28, 1), (14, 64), (7, 64), (3, 64)].flatMap { size, inputs in
      [5, 75].map { shape($0, size, inputs) }
    }
    + [(84, 3), (42, 64), (21, 64), (10, 64)].flatMap { size, inputs in
      [25, 75].map { shape($0, size, inputs) }
    }

  private static func shape(_ batch: Int, _ size: Int, _ inputs: Int) -> ConvolutionShape {
    ConvolutionShape(batch: batch, height: size, width: size, inputs: inputs, outputs: 64)
  }

  static func run() async {
    let table = KernelTable.forThisMachine
    print("convolutions (\(table.name)): GFLOP/s of convolution, image and weight gradient")
    for shape in shapes {
      for algorithm in ConvolutionAlgorithm.allCases {
        // An image's own gradient is never needed; Winograd wants sixteen channels.
        let isFirst = shape.inputs < 16
        if isFirst && algorithm != .direct { continue }
        let speeds = ConvolutionMap.allCases.map { map in
          isFirst && map == .imageGradient
            ? "-" : speed(Convolution(map, shape, by: algorithm), on: table)
        }
        let title =
          "\(shape.batch)x\(shape.height)x\(shape.width), \(shape.inputs) to \(shape.outputs)"
        print("  \(pad(title, 20)) \(pad("\(algorithm)", 9))", speeds.map { pad($0, 6) }.joined())
      }
    }
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  private static func speed(_ convolution: Convolution, on table: KernelTable) -> String {
    let counts = convolution.counts
    let first = AlignedBuffer([Float](repeating: 0.5, count: counts.first))
    let second = AlignedBuffer([Float](repeating: 0.25, count: counts.second))
    let result = AlignedBuffer(count: counts.result)
    let scratch = AlignedBuffer(count: convolution.scratchCount)
    let began = seconds()
    // A fraction of a millisecond at a time: the clock is coarse.
    let repetitions = 1 + 30_000_000 / convolution.shape.floatingPointOperations
    var (best, calls) = (Double.infinity, 0)
    while calls < 5 || seconds() - began < 0.2 {
      let start = seconds()
      for _ in 0..<repetitions {
        table.run(convolution, first, second, into: result, scratch: scratch)
      }
      best = min(best, (seconds() - start) / Double(repetitions))
      calls += 1
    }
    return String(Int((Double(convolution.shape.floatingPointOperations) / best * 1e-9).rounded()))
  }

  /// What this thread has computed so far.
  private static func seconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
