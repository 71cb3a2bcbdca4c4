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
    ] where isGiven && !entry.hasStyle {
      throw problem(option, "\(entry.name) has neither layers nor a head; leave it out")
    }
    var style = method.modelDefaults
    if let activation = options.activation { style.activation = activation }
    if let headBias = options.headBias { style.hasHeadBias = headBias }
    return entry.make(
      ModelRequest(
        inputShape: example.inputShape,
        outputs: example.outputs,
        width: try width(entry, example, initial),
        style: style
      )
    )
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

  /// What `--width` takes.
  package static var widthHelp: String {
    let parts = all.filter { $0.reads == .images }.map { "\($0.name) \($0.widthText)" }
    return "Units of a layer, or channels: \(parts.joined(separator: ", "))."
  }
}
