import CellGrid
import Dashboard
import Events
import Glibc

/// An hour before the dashboard, sped up: its memory must not grow.
///
/// Three runs at 7,000 steps a second together, ten frames a second at 200×50, a validation each
/// two seconds with its episode, a hyperparameter changed and a key pressed each second: what the
/// screen would see in an hour, with a clock of its own instead of the wall's.
enum SoakBenchmark: Benchmark {
  static let name = "soak"

  static func run() {
    var visit = Visit()
    print("\nsoak: an hour of the dashboard at 200×50, sped up\n")
    print("|  minute |   MiB | outer steps | frames |")
    print("| ------: | ----: | ----------: | -----: |")
    let start = ContinuousClock.now
    var early = 0.0
    for minute in 1...60 {
      for _ in 0..<60 { visit.second() }
      let memory = residentMebibytes()
      if minute == 5 { early = memory }
      if minute % 5 == 0 || minute == 1 {
        let cells = [
          pad("\(minute)", 7), pad(rounded(memory), 5), pad("\(visit.step * 3)", 11),
          pad("\(visit.frames)", 6),
        ]
        print("| " + cells.joined(separator: " | ") + " |")
      }
    }
    let seconds = (ContinuousClock.now - start).seconds
    let growth = rounded(residentMebibytes() - early)
    print("\nfrom minute 5 to minute 60: \(growth) MiB (goal 0); took \(rounded(seconds)) s")
  }

  private static func residentMebibytes() -> Double {
    guard let file = fopen("/proc/self/statm", "r") else { return .nan }
    defer { fclose(file) }
    var text = [CChar](repeating: 0, count: 128)
    guard fgets(&text, 128, file) != nil else { return .nan }
    let fields = String(decoding: text.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(
      separator: " "
    )
    guard fields.count > 1, let pages = Int(fields[1]) else { return .nan }
    return Double(pages * sysconf(Int32(_SC_PAGESIZE))) / 1_048_576
  }

  private static func rounded(_ value: Double) -> String {
    String(Double(Int((value * 10).rounded())) / 10)
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}

/// The dashboard and what happens before it.
private struct Visit {
  private static let stepsASecond = 2_333
  private static let framesASecond = 10
  /// Every panel in turn, charts moved and zoomed, the theme and the axis changed.
  private static let keys = Array("12345jklxozmt?")

  private var state = DashboardState(
    theme: .terminal,
    capabilities: TerminalCapabilities(colors: 256, isUnicode: true)
  )
  private(set) var step = 0
  private(set) var frames = 0
  private var seconds = 0.0

  init() {
    for index in 0..<3 { state.apply(.started(Self.description(index))) }
  }

  mutating func second() {
    let count = Int(seconds)
    press(Self.keys[count % Self.keys.count])
    for frame in 0..<Self.framesASecond {
      let end = count * Self.stepsASecond + Self.stepsASecond * (frame + 1) / Self.framesASecond
      while step < end {
        step += 1
        for run in 0..<3 { state.apply(.step(Self.report(run, step))) }
      }
      state.tick(now: seconds + Double(frame) / Double(Self.framesASecond))
      _ = state.render(size: GridSize(columns: 200, rows: 50))
      state.markDrawn()
      frames += 1
    }
    let rate = count % 2 == 0 ? 0.01 : 0.02
    state.apply(.hyperparameterChanged(RunID(count % 3), id: "inner-lr", value: rate, step: step))
    if count % 2 == 0 { for run in 0..<3 { validate(run) } }
    seconds += 1
  }

  private mutating func press(_ key: Character) {
    _ = state.handle(.key(.character(key)))
    // Whatever it opened is closed again.
    _ = state.handle(.key(.escape))
  }

  private mutating func validate(_ run: Int) {
    state.apply(
      .validation(
        ValidationReport(
          run: RunID(run),
          step: step,
          loss: 0.5,
          lossConfidence95: 0.02,
          lossByInnerStep: [1, 0.5],
          episodes: 100
        )
      )
    )
    let curve = (0..<FitSnapshot.pointCount).map { Float($0 % 10) }
    let points = curve.map { FitSnapshot.Point(x: $0, y: $0) }
    state.apply(
      .fit(
        FitSnapshot(
          run: RunID(run),
          step: step,
          support: Array(points.prefix(10)),
          target: points,
          fits: [curve, curve],
          supportLosses: [1, 0.5]
        )
      )
    )
  }

  private static let probeKeys =
    ["colearner_loss", "colearner_cosine", "colearner_norm_ratio"]
    + ["layer1", "layer2"].flatMap { ["colearner_cosine/\($0)", "colearner_norm_ratio/\($0)"] }

  private static func description(_ index: Int) -> RunDescription {
    RunDescription(
      id: RunID(index),
      methodID: ["maml", "cml", "metaperturb"][index],
      methodName: ["MAML", "CML", "MetaPerturb"][index],
      citation: "",
      task: TaskDescription(
        name: "sinusoid",
        kind: .regression,
        way: nil,
        shot: 10,
        queryShot: 10
      ),
      model: "MLP 1-40-40-1",
      layers: ["layer1", "layer2", "head"],
      parameterCounts: ["body": 1720, "head": 41],
      hyperparameters: [
        HyperparameterDescriptor(
          id: "inner-lr",
          symbol: "α",
          kind: .logarithmic(0...10),
          defaultValue: 0.01,
          help: "inner-loop learning rate"
        )
      ],
      values: ["inner-lr": 0.01, "inner-steps": 1],
      probes: probeKeys.map { ProbeDescriptor(key: $0, label: $0, help: "", layer: nil) },
      totalSteps: 10_000_000,
      metaBatchSize: 25,
      seed: 1,
      threads: 2
    )
  }

  private static func report(_ run: Int, _ step: Int) -> StepReport {
    let loss = 0.4 + Float((step &* 7919 + run &* 104_729) % 1000) / 1000
    var probes: StepProbes?
    if step % 10 == 1 {
      probes = StepProbes(
        supportLosses: [loss * 4, loss],
        queryLosses: [loss * 4, loss],
        innerGradientNorms: [loss, loss, loss],
        values: probeKeys.map { _ in loss }
      )
    }
    return StepReport(
      run: RunID(run),
      step: step,
      seconds: Double(step) / 7_000,
      queryLoss: loss,
      supportLoss: loss * 4,
      metaGradientNorm: loss,
      probes: probes
    )
  }
}
