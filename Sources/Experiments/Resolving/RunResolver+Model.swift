import Files
import MetaLearning
import Models
import Recording
import Tasks

extension RunResolver {
  /// What a network reads and tells apart.
  struct Example {
    /// Of the task, for sentences.
    let name: String
    var reads = ModelInput.images
    let inputShape: [Int]
    let outputs: Int
    /// Of a network whose width nothing says.
    let usualWidth: Int
  }

  /// The network for the task's examples, as a method wants it.
  func model(
    _ task: any TaskDistribution,
    _ initial: TensorFile?,
    for method: any Method
  ) throws(ConfigurationError) -> any Model {
    let layout = task.layout(shot: 1, queryShot: 1)
    let example = Example(
      name: task.name,
      reads: task.kind.input,
      inputShape: layout.inputShape,
      outputs: layout.targetCount,
      usualWidth: task.defaults.width
    )
    return try model(example, initial, for: method)
  }

  /// The network for such examples; `initial` gives its width where no option does.
  func model(
    _ example: Example,
    _ initial: TensorFile?,
    for method: any Method
  ) throws(ConfigurationError) -> any Model {
    let entry = try entry(example)
    if let obstacle = entry.obstacle(example.inputShape) {
      let (height, width) = (example.inputShape[0], example.inputShape[1])
      throw badTask(
        DatasetError(
          path: example.name,
          reason: "has images of \(height)×\(width) pixels, and \(entry.name) \(obstacle)"
        )
      )
    }
    for (option, isGiven) in [
      (OptionName.activation, options.activation != nil), (.headBias, options.headBias != nil),
      (.norm, options.norm != nil),
    ] where isGiven && !entry.hasStyle {
      throw problem(option, "\(entry.name) has neither layers nor a head; leave it out")
    }
    var style = method.modelDefaults
    if let activation = options.activation { style.activation = activation }
    if let headBias = options.headBias { style.hasHeadBias = headBias }
    style.normalisation = try normalisation(entry)
    let layers = try layers(entry)
    var width = layers?.first
    if width == nil { width = try self.width(entry, example, initial) }
    return entry.make(
      ModelRequest(
        inputShape: example.inputShape,
        outputs: example.outputs,
        width: width ?? example.usualWidth,
        layers: layers,
        style: style
      )
    )
  }

  /// What was asked for behind each layer; nil for the usual.
  private func normalisation(_ entry: ModelEntry) throws(ConfigurationError) -> Normalisation? {
    guard let norm = options.norm else { return nil }
    guard entry.normalisations.contains(norm) else {
      let known = entry.normalisations.map(\.rawValue)
      throw problem(
        .norm,
        "\(norm.rawValue) is not for \(entry.name), which can have \(Self.either(known))"
      )
    }
    return norm == entry.normalisations[0] ? nil : norm
  }

  /// The widths of layers that are told one by one; nil where they are not.
  private func layers(_ entry: ModelEntry) throws(ConfigurationError) -> [Int]? {
    guard let layers = options.layers else { return nil }
    guard let counts = entry.layerCounts else {
      let others = ModelCatalog.all.filter { $0.layerCounts != nil }.map(\.name)
      throw problem(
        .layers,
        "\(entry.name) has layers of its own; leave it out, or use --model \(Self.either(others))"
      )
    }
    guard options.width == nil else {
      throw problem(.layers, "tells every width, and --width one for all; leave one of them out")
    }
    guard counts.contains(layers.count) else {
      throw problem(
        .layers,
        "\(layers.count) layers are not allowed for \(entry.name); use \(counts.lowerBound) to "
          + "\(counts.upperBound)"
      )
    }
    for width in layers where !entry.widths.contains(width) {
      throw problem(.layers, "\(width) is not allowed for \(entry.name); \(entry.widthRule)")
    }
    return layers
  }

  /// The kind of network that was asked for, or the usual one.
  private func entry(_ example: Example) throws(ConfigurationError) -> ModelEntry {
    let reads = example.reads
    let fitting = ModelCatalog.names(reading: reads)
    let name = options.model ?? fitting[0]
    guard let entry = ModelCatalog.entry(name) else {
      throw problem(
        .model,
        "there is no model \"\(name)\" for this task; use \(Self.either(fitting))"
      )
    }
    guard entry.reads == reads else {
      throw problem(
        .model,
        "\(name) reads \(entry.reads), and \(example.name) has \(reads); "
          + "use \(Self.either(fitting))"
      )
    }
    return entry
  }

  /// A network's width: the option's, that of the stored parameters, or the usual one.
  private func width(
    _ entry: ModelEntry,
    _ example: Example,
    _ initial: TensorFile?
  ) throws(ConfigurationError) -> Int {
    let stored = entry.widthParameter.flatMap { initial?.shape(named: $0)?.first }
    let width = options.width ?? stored ?? entry.usualWidth ?? example.usualWidth
    guard entry.widths.contains(width) || width == stored else {
      throw problem(.width, "\(width) is not allowed for \(entry.name); \(entry.widthRule)")
    }
    return width
  }

  private static func either(_ names: [String]) -> String {
    guard let last = names.last, names.count > 1 else { return names.joined() }
    return names.dropLast().joined(separator: ", ") + " or " + last
  }
}

extension TaskKind {
  fileprivate var input: ModelInput {
    switch self {
    case .numbers: .numbers
    case .pictures: .images
    case .surface: .surface
    case .nodes: .nodes
    }
  }
}

extension ModelCatalog {
  /// What `--model` takes, for its help.
  package static var help: String {
    let parts = [ModelInput.numbers, .images, .surface, .nodes].map { input in
      names(reading: input).joined(separator: ", ") + " on \(input)"
    }
    return "Network: \(parts.joined(separator: "; "))."
  }

  /// What `--layers` takes.
  package static var layersHelp: String {
    let parts = all.compactMap { entry in
      entry.layerCounts.map { "\(entry.name) \($0.lowerBound) to \($0.upperBound)" }
    }
    return "The width of each layer in the place of --width, as in 64,64,64; layers: "
      + parts.joined(separator: ", ") + "."
  }

  /// What `--norm` takes.
  package static var normHelp: String {
    let parts = all.filter(\.hasStyle).map { entry in
      "\(entry.name) \(entry.normalisations.map(\.rawValue).joined(separator: ", "))"
    }
    return "What normalises behind each layer, the usual first: \(parts.joined(separator: "; "))."
  }

  /// What `--width` takes.
  package static var widthHelp: String {
    let parts = all.filter { $0.reads == .images }.map { "\($0.name) \($0.widthText)" }
    return "Units of a layer, or channels: \(parts.joined(separator: ", "))."
  }
}
