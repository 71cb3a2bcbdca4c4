import Events
import Foundation
import Testing

/// A made-up comparison of three methods on sinusoids or pictures, the same on every machine.
///
/// The curves have the shapes of real runs: a steep start, a long tail, noise that shrinks.
struct DemoEvents {
  var random = SplitMix(state: 7)

  /// The layers of the body: where a co-learner's gradient and a perturbation's noise enter.
  static func body(_ kind: TaskDescription.Kind) -> [String] {
    kind == .regression ? ["layer1", "layer2"] : ["block1", "block2", "block3", "block4"]
  }

  static let task = TaskDescription(
    name: "sinusoid",
    kind: .regression,
    way: nil,
    shot: 10,
    queryShot: 10
  )

  static let images = TaskDescription(
    name: "omniglot",
    kind: .classification,
    way: 5,
    shot: 1,
    queryShot: 15
  )

  static func description(
    _ index: Int,
    total: Int = 30_000,
    task: TaskDescription = task
  )
    -> RunDescription
  {
    let methods = [("maml", "MAML"), ("cml", "CML"), ("metaperturb", "MetaPerturb")]
    let others = ["ANIL", "Reptile", "Meta-SGD", "HyperMAML", "COMLN", "Trajectory Shifting"]
    let (id, own) = methods[index % 3]
    let name = index < 3 ? own : others[(index - 3) % others.count]
    let hyperparameters = hyperparameters(id)
    let isRegression = task.kind == .regression
    return RunDescription(
      id: RunID(index),
      methodID: id,
      methodName: name,
      citation: "",
      task: task,
      model: isRegression ? "MLP 1-40-40-1" : "Conv4-64 28×28×1",
      layers: body(task.kind) + ["head"],
      parameterCounts: isRegression
        ? ["body": 1720, "head": 41] : ["body": 111_936, "head": 325],
      hyperparameters: hyperparameters,
      values: Dictionary(uniqueKeysWithValues: hyperparameters.map { ($0.id, $0.defaultValue) }),
      probes: probes(id, task.kind),
      panels: declared(id, task.kind.rawValue).panels,
      moments: declared(id, task.kind.rawValue).moments,
      totalSteps: total,
      metaBatchSize: isRegression ? 25 : 4,
      seed: 42,
      threads: 2,
      color: index
    )
  }

  /// What a method declares of itself, as a MetaLearning test keeps it up to date in
  /// `Tests/Fixtures`; the form is `regression`, `classification` or `joint`.
  static func declared(_ method: String, _ form: String) -> RunDescription {
    guard let found = fixtures[method]?[form] else {
      preconditionFailure("Tests/Fixtures/\(method).json has no \(form)")
    }
    return found
  }

  private static let fixtures: [String: [String: RunDescription]] = {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../Fixtures")
    return Dictionary(
      uniqueKeysWithValues: ["maml", "cml", "metaperturb"].map { id in
        let file = folder.appending(path: "\(id).json")
        do {
          let found = try JSONDecoder().decode(
            [String: RunDescription].self,
            from: try Data(contentsOf: file)
          )
          return (id, found)
        } catch {
          preconditionFailure("\(file.path) cannot be read: \(error)")
        }
      }
    )
  }()

  /// A run of every method of the catalogue in each of its forms, from the same fixtures.
  struct Declared: Sendable, CustomTestStringConvertible {
    let name: String
    let description: RunDescription

    var testDescription: String { name }
  }

  static let allDeclared: [Declared] = {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../Fixtures").standardizedFileURL.path
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".json") }.sorted().flatMap { name -> [Declared] in
      guard let bytes = FileManager.default.contents(atPath: "\(folder)/\(name)"),
        let forms = try? JSONDecoder().decode([String: RunDescription].self, from: bytes)
      else { preconditionFailure("\(folder)/\(name) cannot be read") }
      return forms.sorted { $0.key < $1.key }.map {
        Declared(name: "\(name.dropLast(5)) \($0.key)", description: $0.value)
      }
    }
  }()

  /// The first of a method's hyperparameters, so that the demo's panel stays short.
  static func hyperparameters(_ method: String) -> [HyperparameterDescriptor] {
    let shown = [
      "inner-lr", "inner-steps", "outer-lr", "first-order", "gamma", "co-learner", "rule", "kappa",
      "kappa-anneal", "mc-samples",
    ]
    return declared(method, "regression").hyperparameters.filter { shown.contains($0.id) }
  }

  static func probes(
    _ method: String,
    _ kind: TaskDescription.Kind = .regression
  ) -> [ProbeDescriptor] {
    declared(method, kind.rawValue).probes
  }

  /// The report of one outer step; probes with every tenth.
  mutating func step(_ step: Int, of index: Int, classification: Bool = false) -> RunEvent {
    let floor: Float = [0.52, 0.38, 0.44][index % 3]
    let loss = classification ? crossEntropy(step, of: index) : curve(step, floor: floor)
    let hasProbes = step % 10 == 1
    let kind: TaskDescription.Kind = classification ? .classification : .regression
    return .step(
      StepReport(
        run: RunID(index),
        step: step,
        seconds: Double(step) / 500,
        operations: Double(step) * 1e6 * Double(index + 1),
        queryLoss: loss,
        supportLoss: loss * 4 + 1,
        metaGradientNorm: loss * 0.6,
        queryAccuracy: classification ? max(1 - loss / 2, 0.1) : nil,
        probes: hasProbes ? probes(index, loss, kind) : nil
      )
    )
  }

  func validation(
    _ step: Int,
    of index: Int,
    classification: Bool = false
  ) -> RunEvent {
    if classification { return accuracy(step, of: index) }
    let floor: Float = [0.52, 0.38, 0.44][index % 3]
    let loss = floor + 3.5 / (1 + Float(step) / 150)
    return .validation(
      ValidationReport(
        run: RunID(index),
        step: step,
        loss: loss,
        lossConfidence95: 0.021 + floor * 0.01,
        lossByInnerStep: [loss + 2.7, loss, loss * 0.86, loss * 0.81, loss * 0.8],
        episodes: 600
      )
    )
  }

  private func accuracy(_ step: Int, of index: Int) -> RunEvent {
    let loss = trend(step, of: index)
    let accuracy = 1 - loss / 2
    return .validation(
      ValidationReport(
        run: RunID(index),
        step: step,
        loss: loss,
        lossConfidence95: 0.03,
        accuracy: accuracy,
        accuracyConfidence95: 0.05 * (1 - accuracy) + 0.004,
        lossByInnerStep: [1.7, loss, loss * 0.9, loss * 0.88, loss * 0.87, loss * 0.87],
        accuracyByInnerStep: [0.21, accuracy, 0.6 * accuracy + 0.4]
          + [Float](repeating: 0.5 * accuracy + 0.5, count: 3),
        episodes: 100
      )
    )
  }

  private func trend(_ step: Int, of index: Int) -> Float {
    [0.19, 0.1, 0.14][index % 3] + 1.4 / (1 + Float(step) / [500, 300, 400][index % 3])
  }

  private mutating func crossEntropy(_ step: Int, of index: Int) -> Float {
    trend(step, of: index) * (0.6 + 0.8 * random.unit())
  }

  private mutating func curve(_ step: Int, floor: Float) -> Float {
    let trend = floor + 3.5 / (1 + Float(step) / 150)
    let spread = trend * (0.7 + 0.6 * random.unit())
    return random.unit() > 0.999 ? spread * 2.5 : spread
  }

  private mutating func probes(
    _ index: Int,
    _ loss: Float,
    _ kind: TaskDescription.Kind
  ) -> StepProbes {
    StepProbes(
      supportLosses: [loss + 2.6, loss * 0.8],
      queryLosses: [loss + 2.7, loss],
      innerGradientNorms: [0.4, 0.8, 1.2],
      values: Self.probes(["maml", "cml", "metaperturb"][index % 3], kind).map { value($0.key) }
    )
  }

  private mutating func value(_ key: String) -> Float {
    let noise = random.unit()
    return switch key {
    case "colearner_loss": 0.61 + 0.2 * noise
    case "colearner_cosine": 0.2 + 0.3 * noise
    case "colearner_norm_ratio": 0.35 + 0.1 * noise
    case "colearner_cosine/layer2", "colearner_cosine/block3": -0.3 + 0.1 * noise
    case "colearner_alignment/layer2", "colearner_alignment/block3": 0
    case "kappa": 0.75
    case _ where key.hasPrefix("colearner_cosine"): 0.1 + 0.6 * noise
    case _ where key.hasPrefix("colearner_norm_ratio"): 0.2 + 0.4 * noise
    case _ where key.hasPrefix("colearner_alignment"): 1
    case _ where key.hasPrefix("noise_mean"): -0.02 + 0.04 * noise
    case _ where key.hasPrefix("noise_std"): 0.1 + 0.2 * noise
    default: 0.8 + 0.4 * noise
    }
  }
}

extension RunEvent {
  /// The screen shows a recording, half played.
  static let inRecording = replayed(
    ReplayStatus(
      position: 1,
      duration: 2,
      speed: 1,
      isPaused: false,
      isLive: false,
      loops: false
    )
  )
}

/// Vigna's SplitMix64: a small generator whose numbers are the same everywhere.
struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// A number in 0..<1.
  mutating func unit() -> Float { Float(next() >> 40) / Float(1 << 24) }
}
