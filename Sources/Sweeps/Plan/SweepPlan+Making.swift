import Events
import Experiments
import Files
import Kernels
import MetaLearning
import Recording
import Training

extension SweepPlan {
  /// Checks everything; nothing is trained or written yet.
  package init(_ options: SweepOptions, name: String, cores: Int) throws(ConfigurationError) {
    try Self.checkAxes(options)
    var options = options
    // Thousands of runs would keep ten checkpoints each, and everything twice.
    options.training.keepEvery = options.training.keepEvery ?? 0
    options.training.tensorboard = options.training.tensorboard ?? false
    let resolver = RunResolver(options: options.training, cores: cores)
    let bases = try resolver.configurations()
    guard bases.allSatisfy(\.distribution.isSampled) else {
      throw resolver.problem(
        .task,
        "a sweep ranks by meta-tests, and recorded episodes have none; use another task"
      )
    }
    guard bases.allSatisfy(\.isTested) else {
      throw resolver.problem(.testEpisodes, "a sweep ranks by meta-tests; use 1 or more")
    }
    let axes = try Self.axes(of: bases, options)
    try Self.checkCount(axes, options)
    var methods: [Method] = []
    var combinations: [Combination] = []
    for (base, own) in zip(bases, axes) {
      methods.append(Self.method(base, own, options))
      combinations += try Self.combinations(base, own, options)
    }
    try Self.check(combinations, resolver, bases)
    let seeds = (0..<UInt64(options.seeds)).map { (options.training.seed ?? 0) &+ $0 }
    var runs: [Run] = []
    for seed in seeds {
      for combination in combinations {
        let method = methods.first { $0.id == combination.method }
        runs.append(
          Run(
            index: runs.count + 1,
            combination: combination,
            seed: seed,
            folder: Self.folder(
              runs.count + 1,
              of: combinations.count * seeds.count,
              hash: Self.hash(combination, method, seed)
            )
          )
        )
      }
    }
    self.init(
      name: name,
      methods: methods,
      axes: options.axes.map(\.name),
      random: options.random,
      seeds: seeds,
      runs: runs,
      steps: runs.reduce(0) { sum, run in
        sum + (bases.first { $0.method.descriptor.id == run.combination.method }?.totalSteps ?? 0)
      },
      baseline: options.baseline
    )
    data = bases.first?.data ?? RunData()
    if let baseline { _ = try self.baseline(baseline, origin: "--baseline") }
  }

  // MARK: Making

  private static func method(
    _ base: RunConfiguration,
    _ axes: [SweepAxis],
    _ options: SweepOptions
  ) -> Method {
    let id = base.method.descriptor.id
    var record = base.options
    for name in [OptionName.seed, .threads] { record[name.rawValue] = nil }
    let initial = options.training.initial.map(RunResolver.absolute)
    record[OptionName.initial.rawValue] = initial
    if options.training.initialMissing == true {
      record[OptionName.initialMissing.rawValue] = "draw"
    }
    if options.training.initialHead == true { record[OptionName.initialHead.rawValue] = "new" }
    var settings: [Setting] = []
    for setting in options.training.set where [nil, id].contains(setting.method) {
      guard base.values.descriptor(setting.id) != nil else { continue }
      settings.removeAll { $0.id == setting.id }
      settings.append(Setting(id: setting.id, text: setting.text))
    }
    return Method(
      id: id,
      name: base.method.descriptor.name,
      options: record,
      settings: settings,
      usual: axes.map { axis in
        Setting(id: axis.id, text: base.values.choice(axis.id))
      }
    )
  }

  private static func combinations(
    _ base: RunConfiguration,
    _ axes: [SweepAxis],
    _ options: SweepOptions
  ) throws(ConfigurationError) -> [Combination] {
    let id = base.method.descriptor.id
    guard !axes.isEmpty else { return [Combination(method: id, values: [])] }
    guard let random = options.random else {
      var all: [[Setting]] = [[]]
      for axis in axes {
        guard let descriptor = base.values.descriptor(axis.id) else { continue }
        let values = try axis.values(descriptor)
        all = all.flatMap { head in values.map { head + [Setting(id: axis.id, text: $0)] } }
      }
      return all.map { Combination(method: id, values: $0) }
    }
    return try drawn(random, base, axes, options)
  }

  /// Different combinations by lot; methods that share hyperparameters get the same draws.
  private static func drawn(
    _ count: Int,
    _ base: RunConfiguration,
    _ axes: [SweepAxis],
    _ options: SweepOptions
  ) throws(ConfigurationError) -> [Combination] {
    let stream = RandomStream(seed: options.training.seed ?? 0).split(0x5eed)
    var seen: Set<Combination> = []
    var drawn: [Combination] = []
    for attempt in 0..<UInt64(count * 50) where drawn.count < count {
      var values: [Setting] = []
      for axis in axes {
        guard let descriptor = base.values.descriptor(axis.id),
          let place = options.axes.firstIndex(of: axis)
        else { continue }
        let key = stream.split(attempt).split(UInt64(place)).key
        values.append(Setting(id: axis.id, text: try axis.draw(descriptor, key: key)))
      }
      let combination = Combination(method: base.method.descriptor.id, values: values)
      if seen.insert(combination).inserted { drawn.append(combination) }
    }
    guard drawn.count == count else {
      throw ConfigurationError(
        .usage,
        "--random: \(count) different combinations cannot be drawn, there are about "
          + "\(drawn.count); use fewer, or leave --random out to make them all"
      )
    }
    return drawn
  }

  /// Eight hexadecimal digits that differ where the configuration does.
  private static func hash(_ combination: Combination, _ method: Method?, _ seed: UInt64) -> String
  {
    var lines = ["seed=\(seed)", "method=\(combination.method)"]
    lines += (method?.options ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    lines += ((method?.settings ?? []) + combination.values).map { "set \($0.id)=\($0.text)" }
    var fingerprint = Fingerprint()
    fingerprint.add(lines.joined(separator: "\n").utf8)
    return
      (UInt32(truncatingIfNeeded: fingerprint.value >> 32)
      ^ UInt32(truncatingIfNeeded: fingerprint.value)).hexadecimal
  }

  private static func folder(_ index: Int, of count: Int, hash: String) -> String {
    let digits = String(index)
    let zeros = max(String(count).count, 3) - digits.count
    return String(repeating: "0", count: zeros) + digits + "-" + hash
  }

  /// Whether the runs' folders are named as their configurations ask.
  var isIntact: Bool {
    runs.enumerated().allSatisfy { place, run in
      let hash = Self.hash(run.combination, method(run.combination.method), run.seed)
      return run.index == place + 1
        && run.folder == Self.folder(place + 1, of: runs.count, hash: hash)
    }
  }
}
