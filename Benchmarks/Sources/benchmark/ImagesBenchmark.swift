import Glibc
import Kernels
import MetaLearning
import Models
import Synchronization
import Tasks
import Training

/// Outer steps a second of few-shot classification on Conv4, exact second order, fresh episodes at
/// every step; one row a workload, method, algorithm and number of threads.
enum ImagesBenchmark: Benchmark {
  static let name = "images"
  private static let secondsEach = 6.0

  /// A shape of episodes; the peers run the same (peers/images_workload.py).
  private struct Shape {
    let name: String
    let size: Int
    let channels: Int
    let shot: Int
    var innerSteps = 1
    var metaBatch = 4

    var model: ConvNet {
      ConvNet(height: size, width: size, inputChannels: channels, channels: 64, outputs: 5)
    }
  }

  private static let shapes = [
    Shape(name: "W2", size: 28, channels: 1, shot: 1),
    Shape(name: "W2b", size: 28, channels: 1, shot: 1, innerSteps: 5),
    Shape(name: "W2c", size: 28, channels: 1, shot: 1, metaBatch: 32),
    Shape(name: "W3", size: 84, channels: 3, shot: 5),
  ]

  static func run() async throws {
    print("\nimages: Conv4-64, 5-way, 15 query a class; \(loadDescription)\n")
    let table = Table([
      ("workload", 8), ("method", 8), ("threads", 7), ("steps/s", 8), ("core-ms a step", 14),
      ("direct GFLOP/s", 14), ("first step, s", 13),
    ])
    for shape in shapes {
      for method in [MAML(), CML()] as [any Method] where method is MAML || shape.name == "W2" {
        for threads in [1, 2] {
          let row = try await measure(shape, method, threads: threads)
          table.row([
            shape.name, method.descriptor.name, String(threads), fixed(row.rate, 2),
            fixed(row.coreSeconds * 1000), fixed(row.flops, 0), fixed(row.first, 2),
          ])
        }
      }
    }
  }

  private static func measure(
    _ shape: Shape,
    _ method: any Method,
    threads: Int
  ) async throws -> Row {
    var values = HyperparameterValues(method.hyperparameters(for: shape.model))
    try values.set(StandardHyperparameters.innerSteps.id, to: Double(shape.innerSteps))
    try values.set(StandardHyperparameters.innerLearningRate.id, to: 0.4)
    let task = NoiseImages(size: shape.size, channels: shape.channels, way: 5)
    var configuration = RunConfiguration(
      method: method,
      model: shape.model,
      distribution: task,
      values: values,
      shot: shape.shot,
      queryShot: 15,
      totalSteps: 1,
      metaBatchSize: shape.metaBatch,
      seed: 0,
      threads: threads,
      evaluateEvery: 0,
      evaluationEpisodes: 1,
      testEpisodes: 1,
      probeEvery: 0
    )
    let marks = Mutex<[Int: Mark]>([:])
    func train(steps: Int) async throws -> Row {
      configuration.totalSteps = steps + 1
      let began = Mark.now
      try await benchmark.train(configuration) { step in marks.withLock { $0[step] = .now } }
      let times = marks.withLock { $0 }
      guard let first = times[1], let last = times[steps + 1] else { return Row() }
      return Row(
        rate: Double(steps) / (last.time - first.time).seconds,
        coreSeconds: (last.processor - first.processor) / Double(steps),
        first: (first.time - began.time).seconds
      )
    }
    let trial = try await train(steps: 2)
    var result = try await train(steps: max(Int(trial.rate * secondsEach), 3))
    let setup = EpisodeSetup(
      method: method,
      model: shape.model,
      layout: task.layout(shot: shape.shot, queryShot: 15),
      values: values,
      isClassification: true
    )
    let operations = setup.trainingPlan(values).plan.program.floatingPointOperations
    result.flops = Double(operations * shape.metaBatch) * result.rate * 1e-9
    result.first = trial.first
    return result
  }

  private struct Row {
    var rate = 0.0
    /// What all threads together computed for a step; hardly depends on what else is running.
    var coreSeconds = 0.0
    var flops = 0.0
    var first = 0.0
  }

  private struct Mark {
    let time: ContinuousClock.Instant
    /// Seconds that the process has computed.
    let processor: Double

    static var now: Mark {
      var spent = timespec()
      clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent)
      return Mark(time: .now, processor: Double(spent.tv_sec) + Double(spent.tv_nsec) * 1e-9)
    }
  }
}

/// Pictures of noise: what a step costs does not depend on what they show.
private struct NoiseImages: TaskDistribution {
  let name = "noise"
  let kind = TaskKind.pictures
  let isClassification = true
  let defaults = TaskDefaults.images(steps: 1, width: 64)
  let size: Int
  let channels: Int
  let way: Int

  func layout(shot: Int, queryShot: Int) -> EpisodeLayout {
    EpisodeLayout(
      supportCount: way * shot,
      queryCount: way * queryShot,
      inputShape: [size, size, channels],
      targetCount: way
    )
  }

  func sample(
    _ split: MetaSplit,
    _ layout: EpisodeLayout,
    stream: RandomStream,
    into buffer: AlignedBuffer,
    at offset: Int
  ) {
    var stream = stream
    stream.fillNormal(buffer, at: offset, count: layout.count)
    for (start, count) in [
      (layout.supportTargets, layout.supportCount), (layout.queryTargets, layout.queryCount),
    ] {
      for example in 0..<count {
        for label in 0..<way {
          let isOwn = label == example * way / count
          buffer[offset + start + example * way + label] = isOwn ? 1 : 0
        }
      }
    }
  }
}
