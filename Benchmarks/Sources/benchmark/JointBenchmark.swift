import Dispatch
import Glibc
import Kernels

/// MetaPerturb's joint step, W4: how many tasks a second take one, by one thread or two side by side,
/// and where the time of one goes.
enum JointBenchmark: Benchmark {
  static let name = "joint"
  private static let secondsEach = 20.0

  static func run() {
    let began = ContinuousClock.now
    let setup = JointTask.Setup()
    let planning = (ContinuousClock.now - began).seconds
    print("\njoint: ResNet-20, 32×32×3, batch 128, θ and φ; \(loadDescription)")
    print("planned in \(fixed(planning * 1000)) ms\n")
    let tasks = [JointTask(setup, seed: 1), JointTask(setup, seed: 2)]
    let table = Table([
      ("tasks side by side", 18), ("task-steps/s", 12), ("core-s a task-step", 18),
      ("last losses", 16), ("peak MiB", 8),
    ])
    for count in [1, 2] {
      let row = measure(Array(tasks[..<count]))
      table.row([
        String(count), fixed(row.rate, 2), fixed(row.coreSeconds, 3),
        "\(fixed(Double(row.losses.0), 2)), \(fixed(Double(row.losses.1), 2))",
        fixed(peakMebibytes),
      ])
    }
    tasks[0].draw()
    let seconds = StepProfile.seconds
    let before = seconds()
    tasks[0].drawNoise()
    print(
      "\nnoise of one pass: \(fixed((seconds() - before) * 1000, 1)) ms for "
        + "\(setup.noiseCount) numbers"
    )
    for (title, plan) in [("θ's pass", setup.theta), ("φ's pass", setup.phi)] {
      StepProfile.profile(plan.program, in: tasks[0].workspace, title)
    }
  }

  private static func measure(
    _ tasks: [JointTask]
  ) -> (rate: Double, coreSeconds: Double, losses: (Float, Float)) {
    var losses: (Float, Float) = (0, 0)
    var (steps, started, spent) = (0, ContinuousClock.now, 0.0)
    // The first step touches memory for the first time.
    for number in 1...1000 {
      losses = step(tasks, number)
      if number == 1 { (started, spent) = (.now, StepProfile.processSeconds()) }
      steps = number - 1
      if (ContinuousClock.now - started).seconds > secondsEach, steps >= 3 { break }
    }
    let count = Double(steps * tasks.count)
    return (
      count / (ContinuousClock.now - started).seconds,
      (StepProfile.processSeconds() - spent) / count, losses
    )
  }

  /// Every task takes a step on a thread of its own; then φ follows the mean of their gradients.
  private static func step(_ tasks: [JointTask], _ number: Int) -> (Float, Float) {
    DispatchQueue.concurrentPerform(iterations: tasks.count) { index in
      tasks[index].step(number: number)
    }
    let shared = tasks[0].range("perturbation")
    for place in shared {
      let mean = tasks.reduce(0) { $0 + $1.results[place] } / Float(tasks.count)
      for task in tasks { task.results[place] = mean }
    }
    for task in tasks { task.update(shared, number) }
    return tasks[0].losses
  }

  private static var peakMebibytes: Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Double(usage.ru_maxrss) / 1024
  }
}
