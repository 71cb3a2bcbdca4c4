import Autodiff
import Glibc
import Kernels
import MetaLearning
import Models
import Tasks

/// Where the time of an episode on Conv4-64 goes, instruction by instruction, on one core.
enum StepProfile: Benchmark {
  static let name = "profile"

  static func run() throws {
    for (size, channels, shot) in [(28, 1, 1), (84, 3, 5)] {
      let model = ConvNet(
        height: size,
        width: size,
        inputChannels: channels,
        channels: 64,
        outputs: 5
      )
      let layout = EpisodeLayout(
        supportCount: 5 * shot,
        queryCount: 75,
        inputShape: [size, size, channels],
        targetCount: 5
      )
      let values = HyperparameterValues(MAML().hyperparameters(for: model))
      let setup = EpisodeSetup(
        method: MAML(),
        model: model,
        layout: layout,
        values: values,
        isClassification: true
      )
      let began = seconds()
      let plan = setup.trainingPlan(values)
      let planning = fixed((seconds() - began) * 1000)
      profile(
        plan.plan.program,
        in: workspace(setup, plan, values),
        "\(size)×\(size)×\(channels), 5-way \(shot)-shot, planned in \(planning) ms"
      )
    }
  }

  /// Memory for one plan, filled with normal numbers; hyperparameters have their own values.
  static func workspace(
    _ setup: EpisodeSetup,
    _ plan: EpisodePlan,
    _ values: HyperparameterValues
  ) -> Workspace {
    let workspace = Workspace()
    let spaces: [(Space, Int)] = [
      (.parameters, setup.parameters.count), (.episode, setup.layout.count), (.settings, 1024),
      (.results, plan.plan.program.resultCount), (.noise, max(plan.noiseCount, 16)),
    ]
    for (space, count) in spaces {
      var numbers = RandomStream(seed: UInt64(space.rawValue) + 1)
      let buffer = AlignedBuffer(count: count)
      numbers.fillNormal(buffer, at: 0, count: count)
      if space == .parameters { buffer.scale(0..<count, by: 0.1) }
      if space == .settings {
        for (index, descriptor) in values.descriptors.enumerated() {
          buffer[values.settingOffset(index)] = Float(values.number(descriptor.id))
        }
      }
      workspace.bind(space, to: buffer)
    }
    return workspace
  }

  /// The same of any program whose spaces are bound.
  static func profile(_ program: KernelProgram, in workspace: Workspace, _ title: String) {
    program.replay(in: workspace)
    var times = [Double](repeating: .infinity, count: program.instructions.count)
    for _ in 0..<7 {
      var (index, last) = (0, seconds())
      program.replay(in: workspace) { _ in
        let now = seconds()
        times[index] = min(times[index], now - last)
        (index, last) = (index + 1, now)
      }
    }
    report(program, times, title)
  }

  private static func report(_ program: KernelProgram, _ times: [Double], _ title: String) {
    let total = times.reduce(0, +)
    let operations = Double(program.floatingPointOperations)
    print(
      "\nprofile: \(title): \(fixed(total * 1000, 1)) ms, "
        + "\(fixed(operations / total * 1e-9)) direct GFLOP/s, arena "
        + "\(fixed(Double(program.arenaCount) * 4 / 1_048_576)) MiB\n"
    )
    var byKind: [String: Double] = [:]
    for (instruction, time) in zip(program.instructions, times) {
      byKind[kind(instruction), default: 0] += time
    }
    for (kind, time) in byKind.sorted(by: { $0.value > $1.value }) {
      print("  \(fixed(time * 1000, 2)) ms  \(fixed(time / total * 100, 1)) %  \(kind)")
    }
    print("")
    let slowest = times.indices.sorted { times[$0] > times[$1] }.prefix(40)
    for index in slowest {
      print("  \(fixed(times[index] * 1000, 3)) ms  \(text(program, index, times[index]))")
    }
  }

  private static func kind(_ instruction: Instruction) -> String {
    switch instruction {
    case .convolution: "convolution"
    case .chain: "elementwise chains"
    case .pooling: "pooling"
    case .stencil: "stencils"
    case .moments: "moments"
    default: "the rest"
    }
  }

  private static func text(_ program: KernelProgram, _ index: Int, _ time: Double) -> String {
    switch program.instructions[index] {
    case .convolution(let convolution, _, _, _, let accumulates):
      let shape = convolution.shape
      let speed = Double(shape.floatingPointOperations) / time * 1e-9
      let prefix = accumulates ? "added " : ""
      return "\(prefix)\(convolution.map) \(convolution.algorithm) \(shape.batch)×\(shape.height)×"
        + "\(shape.width), \(shape.inputs) to \(shape.outputs): \(fixed(speed)) GFLOP/s"
    case .chain(let number): return "chain \(program.describe(chain: number))"
    case .pooling(let pooling): return "\(pooling.operation) \(pooling.map.pixels) pixels"
    case .stencil(let stencil): return "\(stencil.operation) \(stencil.map.pixels) pixels"
    case .moments(_, _, let rows, let columns): return "moments \(rows)×\(columns)"
    case .matmul(let product): return "product \(product.m)×\(product.n)×\(product.k)"
    default: return "\(kind(program.instructions[index]))"
    }
  }

  /// What this thread has computed so far.
  static func seconds() -> Double { seconds(CLOCK_THREAD_CPUTIME_ID) }

  /// What all threads have computed.
  static func processSeconds() -> Double { seconds(CLOCK_PROCESS_CPUTIME_ID) }

  private static func seconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
