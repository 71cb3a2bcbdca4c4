import Autodiff
import Dispatch
import Glibc
import Kernels

/// MetaPerturb's joint step, W4: how many tasks a second take one, by one thread or two side by side,
/// medians, and where the time of one goes.
enum JointBenchmark: Benchmark {
  static let name = "joint"
  private static let secondsEach = 12.0

  static func run() {
    print("\njoint: ResNet-20, 32×32×3, batch 128, θ and φ; \(loadDescription)\n")
    let table = Table([
      ("convolutions", 12), ("tasks side by side", 18), ("task-steps/s", 12),
      ("core-s a task-step", 18), ("last losses", 11), ("peak MiB", 8),
    ])
    for convolutions in [Plan.Convolutions.winograd, .winograd4] {
      let setup = JointTask.Setup(convolutions)
      for count in [1, 2] {
        let tasks = (0..<count).map { JointTask(setup, seed: UInt64($0 + 1)) }
        let row = measure(tasks)
        table.row([
          "\(convolutions)", String(count), fixed(row.rate, 2), fixed(row.coreSeconds, 3),
          "\(fixed(Double(row.losses.0), 2)), \(fixed(Double(row.losses.1), 2))",
          fixed(peakMebibytes),
        ])
      }
    }
    profile()
  }

  private static func profile() {
    let began = ContinuousClock.now
    let setup = JointTask.Setup(.winograd)
    print("\nplanned in \(fixed((ContinuousClock.now - began).seconds * 1000)) ms")
    let task = JointTask(setup, seed: 1)
    task.draw()
    let before = StepProfile.seconds()
    task.drawNoise()
    let spent = StepProfile.seconds() - before
    print("noise of one pass: \(fixed(spent * 1000, 1)) ms for \(setup.noiseCount) numbers")
    for (title, plan) in [("θ's pass", setup.theta), ("φ's pass", setup.phi)] {
      StepProfile.profile(plan.program, in: task.workspace, title)
    }
  }

  private static func measure(
    _ tasks: [JointTask]
  ) -> (rate: Double, coreSeconds: Double, losses: (Float, Float)) {
    // The first step touches memory for the first time.
    var losses = step(tasks, 1)
    var (walls, cores): ([Double], [Double]) = ([], [])
    while walls.reduce(0, +) < secondsEach || walls.count < 3 {
      let (began, spent) = (ContinuousClock.now, StepProfile.processSeconds())
      losses = step(tasks, walls.count + 2)
      walls.append((ContinuousClock.now - began).seconds)
      cores.append(StepProfile.processSeconds() - spent)
    }
    let count = Double(tasks.count)
    return (count / Spread(walls).median, Spread(cores).median / count, losses)
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
