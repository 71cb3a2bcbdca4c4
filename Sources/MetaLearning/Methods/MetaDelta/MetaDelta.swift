import Autodiff
import Events
import Models

/// MetaDelta, offline and on one machine: several encoders learn classes and quarter turns from batches; an
/// episode is decoded by prototypes without parameters, and the encoders' answers are stacked
/// (Chen et al., AAAI 2021 challenge).
package struct MetaDelta: BatchMethod {
  package enum Decoder: String, CaseIterable { case prototype, soft, transport }

  package let descriptor = MethodDescriptor(
    id: "metadelta",
    name: "MetaDelta",
    citation: "Chen et al.: MetaDelta: A Meta-Learning System for Few-shot Image Classification, "
      + "AAAI 2021 MetaDL challenge",
    status: .inspired,
    adapts: "prototypes",
    order: .first,
    page: "MetaDelta",
    summary:
      "Several encoders learn classes and quarter turns from batches under one clock; episodes "
      + "are decoded by prototypes that the queries refine, and the answers are stacked.",
    equation: "L = (1 − r) CE(class) + r CE(quarter turn);  each member ← Adam, ‖∇L‖ ≤ c\n"
      + "q = softmax(−‖f − c/‖c‖‖²);  c ← mean of support and q-weighted queries"
  )

  package init() {}

  // MARK: What can be set

  package func sharedHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    [StandardHyperparameters.outerLearningRate, StandardHyperparameters.outerSchedule]
  }

  /// Encoders decode by running averages, whatever else there is.
  package func hyperparameters(for model: any Model) -> [HyperparameterDescriptor] {
    sharedHyperparameters(for: model.family)
      + convolutionHyperparameters(for: model).filter {
        $0.id == ConvolutionHyperparameters.algorithm.id
      } + ownHyperparameters(for: model.family)
  }

  package func ownHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    [
      Self.members, Self.rotation, Self.clip, Self.classes, Self.images, Self.decoder, Self.passes,
      Self.transportPasses, Self.transportRate, Self.decay, Self.budget, Self.fit, Self.held,
    ]
  }

  package var sizes: [String] { [Self.members.id, Self.classes.id, Self.images.id] }
  package var timeBudget: String? { Self.budget.id }

  package func batchSize(_ values: HyperparameterValues) -> (classes: Int, images: Int) {
    (values.integer(Self.classes.id), values.integer(Self.images.id))
  }

  package func memberLimit(_ values: HyperparameterValues) -> Double? {
    let bound = values.number(Self.clip.id)
    return bound > 0 ? bound : nil
  }

  package func fittingEpisodes(_ values: HyperparameterValues) -> (fit: Int, held: Int) {
    (values.integer(Self.fit.id), values.integer(Self.held.id))
  }

  package func refusal(of model: any Model) -> String? {
    guard let map = model.inputShape.count == 3 ? model.inputShape : nil else {
      return
        "\(descriptor.name) turns pictures by quarters, and \(model.name) reads none; use pictures "
        + "and --model conv4"
    }
    guard map[0] == map[1] else {
      return "\(descriptor.name) turns pictures by quarters, so they must be square, and these are "
        + "\(map[0])×\(map[1]); use --image-size"
    }
    return nil
  }

  // MARK: Members

  package func members(for model: any Model, _ values: HyperparameterValues) -> [any Model] {
    let list = Self.lists[values.integer(Self.members.id)]
    return list.map { remade(model, width: $0, outputs: model.outputCount) }
  }

  private func remade(_ model: any Model, width: Int?, outputs: Int) -> any Model {
    guard let option = model.option, let entry = ModelCatalog.entry(option.name) else {
      return model
    }
    return entry.make(
      ModelRequest(
        inputShape: model.inputShape,
        outputs: outputs,
        width: width ?? option.width,
        style: model.style
      )
    )
  }

  package func memberParameters(
    for member: any Model,
    classes: Int
  ) -> [ParameterSpecification] {
    func head(_ name: String, _ outputs: Int) -> [ParameterSpecification] {
      remade(member, width: nil, outputs: outputs).parameters.filter { $0.group == "head" }
        .map { $0.renamed(name + $0.name.dropFirst("head".count)) }
    }
    return member.parameters.filter { $0.group == "body" } + head("classifier", classes)
      + head("rotation", 4) + RunningStatistics(member.normalisedLayers).parameters
  }

  // MARK: Training

  package func batchPass(_ trace: EpisodeTrace) -> BatchPass {
    var turned = [trace.supportInputs]
    for _ in 1..<4 { turned.append(quarterTurn(turned[turned.count - 1])) }
    let count = trace.supportTargets.shape.rows
    let statistics = BatchStatistics()
    let parameters = trace.metaParameters
    let features = trace.features(
      of: stacked(turned),
      parameters,
      statistics,
      pass: .support(step: 0)
    )
    let rows = trace.model.headInputs(features)
    func outputs(_ head: String) -> Tensor {
      let bias = head + ".bias"
      let weight = parameters[head + ".weight"]
      return parameters.names.contains(bias)
        ? rows.linear(weight, parameters[bias]) : rows.matmul(weight)
    }
    let targets = stacked(Array(repeating: trace.supportTargets, count: 4))
    let turns = trace.graph.table(
      (0..<16 * count).map { $0 / 4 / count == $0 % 4 ? 1.0 : 0 },
      [4 * count, 4]
    )
    let (classes, quarters) = (outputs("classifier"), outputs("rotation"))
    let (classLoss, turnLoss) = (classes.crossEntropy(targets), quarters.crossEntropy(turns))
    let share = trace.setting(Self.rotation.id)
    return BatchPass(
      loss: classLoss * (1 - share) + turnLoss * share,
      numbers: [
        ("class_loss", classLoss), ("rotation_loss", turnLoss),
        ("class_accuracy", classes.accuracy(targets)),
        ("rotation_accuracy", quarters.accuracy(turns)),
      ],
      statistics: statistics
    )
  }

  /// Counter-clockwise: columns in reverse, then rows and columns exchanged.
  private func quarterTurn(_ images: Tensor) -> Tensor {
    let size = images.shape.dimensions
    let side = size[2]
    let reverse = images.graph.table(
      (0..<side * side).map { $0 / side + $0 % side == side - 1 ? 1.0 : 0 },
      [side, side]
    )
    let rows = images.permuted([0, 1, 3, 2])
    let reversed = rows.reshaped(to: [size[0] * size[1] * size[3], side]).matmul(reverse)
      .reshaped(to: rows.shape).permuted([0, 1, 3, 2])
    return reversed.permuted([0, 2, 1, 3])
  }

  /// Batches of one shape, one behind the other.
  private func stacked(_ parts: [Tensor]) -> Tensor {
    let one = parts[0].shape
    let whole = Shape([parts.count * one.dimensions[0]] + one.dimensions.dropFirst())
    let padded = parts.enumerated().map { $1.padded(from: $0 * one.count, to: whole) }
    return padded.dropFirst().reduce(padded[0], +)
  }

  // MARK: Decoding

  package func encoded(_ trace: EpisodeTrace, _ examples: Tensor) -> Tensor {
    let running = RunningStatistics(trace.model.normalisedLayers).values(trace.metaParameters)
    return trace.model.headInputs(
      trace.features(of: examples, trace.metaParameters, running, pass: .query)
    )
  }

  package func decode(
    _ episode: EncodedEpisode,
    _ values: HyperparameterValues
  ) -> DecodedEpisode {
    let decoder = PrototypeDecoder(episode)
    switch Decoder(rawValue: values.choice(Self.decoder.id)) ?? .soft {
    case .prototype: return decoder.soft(passes: 1)
    case .soft: return decoder.soft(passes: values.integer(Self.passes.id))
    case .transport:
      return decoder.transport(
        passes: values.integer(Self.transportPasses.id),
        rate: values.number(Self.transportRate.id)
      )
    }
  }

  // MARK: The ensemble

  package func combination(
    of episodes: [[DecodedEpisode]],
    targets: [[Int]],
    fit: Int,
    _ values: HyperparameterValues,
    shouldStop: () -> Bool
  ) -> MemberCombination? {
    let count = episodes.first?.count ?? 0
    let way = episodes.first?.first?.answers.first?.count ?? 0
    func rows(_ member: Int, _ range: Range<Int>) -> [[Double]] {
      episodes[range].flatMap { $0[member].answers }
    }
    let (fitted, held) = (0..<fit, fit..<episodes.count)
    let scales = (0..<count).map { member -> Double in
      let all = Stacker.centred(rows(member, fitted)).flatMap(\.self)
      let mean = all.reduce(0, +) / Double(max(all.count, 1))
      let square = all.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return max((square / Double(max(all.count, 1))).squareRoot(), 1e-12)
    }
    func inputs(_ range: Range<Int>) -> [[Double]] {
      let parts = (0..<count).map { member in
        Stacker.centred(rows(member, range)).map { row in row.map { $0 / scales[member] } }
      }
      return (parts.first ?? []).indices.map { place in parts.flatMap { $0[place] } }
    }
    guard
      let stacker = Stacker(
        inputs(fitted),
        targets[fitted].flatMap(\.self),
        classes: way,
        decay: values.number(Self.decay.id),
        shouldStop: shouldStop
      )
    else { return nil }
    var combination = MemberCombination(
      choice: 0,
      scales: scales,
      weights: stacker.weights,
      intercepts: stacker.intercepts
    )
    let wanted = targets[held].flatMap(\.self)
    combination.accuracies = (0...count + 1).map { choice in
      combination.choice = choice
      let answers = episodes[held].flatMap { combination.answers($0.map(\.answers)) }
      return Self.accuracy(answers, wanted)
    }
    // Ties go to the earlier.
    let best = combination.accuracies.max() ?? 0
    combination.choice = combination.accuracies.firstIndex(of: best) ?? count
    return combination
  }
}
