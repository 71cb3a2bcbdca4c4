import Autodiff
import Events
import Models

/// Meta-dropout: a noise network, learned in the outer loop, perturbs the support set's features
/// (Lee et al., ICLR 2020, section 3; official code haebeom-lee/metadrop).
///
/// In every layer μ = map(x; θ) + b is multiplied by softplus(a + ε), a = map(x; φ) + c, ε standard normal
/// in the inner steps and 0 on the query set. θ adapts, φ does not; gradients reach φ through both.
package struct MetaDropout: Method {
  package static let clip = HyperparameterDescriptor(
    id: "gradient-clip",
    symbol: "±g",
    kind: .logarithmic(0...100),
    defaultValue: 3,
    help: "bound of every number of the averaged meta-gradient; 0 for none; 3 in the official code"
  )

  package static let samples = HyperparameterDescriptor(
    id: "mc-samples",
    symbol: "S",
    kind: .integer(1...100),
    defaultValue: 30,
    help: "noise draws whose losses an inner step at meta-validation and meta-test averages",
    isStructural: true
  )

  package let descriptor = MethodDescriptor(
    id: "metadropout",
    name: "Meta-dropout",
    citation: "Lee, Nam, Yang, Hwang: Meta Dropout: Learning to Perturb Latent Features for "
      + "Generalization, ICLR 2020",
    summary:
      "MAML with a second network φ, as large as the body, that says by how much noise each support "
      + "feature is multiplied; the query set sees the noise's middle. φ learns in the outer loop.",
    equation: """
      support: y = μ(x; θ) · softplus(a(x; φ) + ε),  ε ~ N(0, 1);  query: ε = 0
      θₖ₊₁ = θₖ − α ∇_θ L_S(θₖ, φ, εₖ),  k = 0 … M−1
      (θ, φ) ← Adam(clip(mean of ∇ L_Q(θ_M, φ))),  rate β
      """
  )

  private static let group = "noise"
  /// Added to a layer's variance (the official code's).
  private static let epsilon = 1e-3

  package init() {}

  /// A point on a surface has no features.
  package var tasks: Set<TaskAbility> { [.regression, .classification] }

  package func hyperparameters(for model: any Model) -> [HyperparameterDescriptor] {
    let shared = StandardHyperparameters.all(for: model.family)
    // The official code's for Omniglot with one example a class: five steps of 0.1.
    let norm = ConvolutionHyperparameters.isNormalisationAdapted.id
    let changed =
      model.family == .convolutional ? ["inner-lr": 0.1, "inner-steps": 5, norm: 0] : [:]
    // Features are multiplied by functions of themselves: normalised by other examples' statistics,
    // those of a deep network can grow without bound. So each pass has its own batch's, as published.
    let convolutional =
      model.family == .convolutional
      ? ConvolutionHyperparameters.all.filter { $0.id != ConvolutionHyperparameters.statistics.id }
      : []
    return (shared + convolutional).map {
      $0.with(defaultValue: changed[$0.id] ?? $0.defaultValue)
    } + ownHyperparameters(for: model.family)
  }

  package func ownHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    [Self.clip, Self.samples]
  }

  package func gradientLimit(_ values: HyperparameterValues) -> GradientLimit {
    let bound = values.number(Self.clip.id)
    return bound > 0 ? .value(bound, groups: ["body", "head", Self.group]) : .none
  }

  /// Each layer multiplies its values by a function of themselves, which doubles their relative errors.
  private static let mostLayers = 8

  package func refusal(of model: any Model) -> String? {
    let usual: Normalisation = model.family == .convolutional ? .batch : .none
    guard model.normalisation == usual else {
      return
        "\(descriptor.name) trains a shift without scale behind its noise and nothing else; use --norm "
        + "\(usual.rawValue), or leave it out"
    }
    let count = model.bodyLayers.count
    guard count > Self.mostLayers else { return nil }
    return
      "\(descriptor.name) doubles rounding errors in every layer, and \(model.name) has \(count); "
      + "use a network of at most \(Self.mostLayers), such as conv4 or conv6"
  }

  /// Its query pass has another form than its support passes.
  package var seams: Set<MethodSeam> { [.queryLosses] }

  // MARK: The noise network

  /// A linear map of the body or head: the weight's name without its end.
  private static func maps(_ model: any Model) -> [ParameterSpecification] {
    model.parameters.filter { $0.name.hasSuffix(".weight") && !$0.name.contains(".norm.") }
  }

  /// `noise.block1.conv` of `body.block1.conv`, `noise.head` of `head`.
  private static func noise(_ map: String) -> String {
    "\(group).\(map.hasPrefix("body.") ? String(map.dropFirst(5)) : map)"
  }

  /// How a file calls the noise of a map: `block1` of `body.block1.conv`.
  private static func site(_ map: String) -> String {
    let name = noise(map).dropFirst(group.count + 1)
    return String(name.hasSuffix(".conv") ? name.dropLast(5) : name)
  }

  /// A map beside each of the body's, and one number for the head: the deviation that an example's
  /// logits have in common.
  package func extraParameters(
    for model: any Model,
    shot: Int,
    _ values: HyperparameterValues
  ) -> [ParameterSpecification] {
    Self.maps(model).flatMap { weight -> [ParameterSpecification] in
      let isHead = weight.group == "head"
      var sizes = weight.shape.dimensions
      var (stored, axes) = (weight.storedShape, weight.order.axes)
      if isHead {
        sizes[sizes.count - 1] = 1
        stored[0] = 1
        axes[axes.count - 1] = 1
      }
      let name = Self.noise(String(weight.name.dropLast(".weight".count)))
      let bound = 1 / Float(weight.shape.rows).squareRoot()
      return [
        ParameterSpecification(
          name + ".weight",
          Shape(sizes),
          .uniform(bound: bound),
          storedShape: stored,
          order: StoredOrder(axes: axes, permutation: weight.order.permutation)
        ),
        ParameterSpecification(
          name + ".bias",
          [sizes[sizes.count - 1]],
          .uniform(bound: bound)
        ),
      ]
    }
  }

  /// What one pass multiplied by, of each of the body's maps.
  private typealias Multipliers = [(layer: String, values: Tensor)]

  /// A forward pass with the noise's draw for `pass`, or with its middle where that is nil.
  private func forward(
    _ trace: EpisodeTrace,
    _ examples: Tensor,
    _ parameters: ParameterTree<Tensor>,
    noise pass: Pass?,
    sample: Int = 0,
    _ statistics: BatchStatistics
  ) -> (output: Tensor, multipliers: Multipliers) {
    statistics.epsilon = Self.epsilon
    var multipliers: Multipliers = []
    func noisy(_ level: Tensor, _ map: String, _ shape: Shape) -> Tensor {
      guard let pass else { return level.softplus() }
      let noise = trace.draw(Self.site(map), .normal, shape, for: pass, sample: sample)
      return (level + noise).softplus()
    }
    let visitor = BodyVisitor(mapping: { map, inputs, values in
      let level = self.level(Self.noise(map), inputs, parameters)
      let multiplier = noisy(level, map, values.shape)
      multipliers.append((String(map.dropFirst(5).prefix { $0 != "." }), multiplier))
      return values * multiplier
    })
    let parameters = unscaled(trace, parameters)
    let features = trace.model.features(
      of: examples,
      parameters,
      statistics: statistics,
      visitor: visitor
    )
    let mean = trace.model.head(features, parameters)
    guard let pass else { return (mean, multipliers) }
    let deviation = level(Self.noise("head"), trace.model.headInputs(features), parameters)
      .softplus()
    let noise = trace.draw("head", .normal, mean.shape, for: pass, sample: sample)
    return (mean + deviation.broadcast(.column, to: mean.shape) * noise, multipliers)
  }

  /// a(x; φ) of one map.
  private func level(
    _ name: String,
    _ inputs: Tensor,
    _ parameters: ParameterTree<Tensor>
  ) -> Tensor {
    let weight = parameters[name + ".weight"]
    let product: Tensor =
      switch (weight.shape.dimensions.count, inputs.shape.dimensions.count) {
      case (4, _): inputs.convolution(weight)
      case (_, 4): inputs.projected(weight)
      default: inputs.matmul(weight)
      }
    let bias = parameters[name + ".bias"]
    return product + bias.broadcast(bias.shape.count == 1 ? .scalar : .row, to: product.shape)
  }

  /// Normalised layers are shifted and not scaled: their scales stay one, and have no gradient.
  private func unscaled(
    _ trace: EpisodeTrace,
    _ parameters: ParameterTree<Tensor>
  ) -> ParameterTree<Tensor> {
    let names = parameters.names.filter { $0.hasSuffix(".norm.weight") }
    return parameters.replacing(
      Dictionary(
        uniqueKeysWithValues: names.map { name in
          let shape = parameters[name].shape
          return (name, trace.graph.constant(1, shape))
        }
      )
    )
  }

  // MARK: What adapts

  package func isAdapted(_ name: String, _ values: HyperparameterValues) -> Bool {
    guard name.hasPrefix("body.") || name.hasPrefix("head.") else { return false }
    return !name.contains(".norm.")
      || (values.isNormalisationAdapted && name.hasSuffix(".norm.bias"))
  }

  /// A convolution's bias acts here, and is part of what is normalised.
  package func normalisedLayers(of model: any Model) -> [NormalisedLayer] {
    model.normalisedLayers.map {
      NormalisedLayer(name: $0.name, channels: $0.channels, isBiased: false)
    }
  }

  package func output(
    _ trace: EpisodeTrace,
    _ examples: Tensor,
    _ parameters: ParameterTree<Tensor>,
    pass: Pass,
    statistics: BatchStatistics
  ) -> Tensor {
    let noise = pass.isSupport ? pass : nil
    return forward(trace, examples, parameters, noise: noise, statistics).output
  }

  package func observeSupport(
    _ trace: EpisodeTrace,
    _ parameters: ParameterTree<Tensor>,
    _ statistics: BatchStatistics
  ) {
    _ = forward(trace, trace.supportInputs, parameters, noise: nil, statistics)
  }

  /// One draw of fresh noise in meta-training; at meta-test the mean loss of several, the same in every
  /// inner step.
  package func innerLoss(
    _ trace: EpisodeTrace,
    _ parameters: ParameterTree<Tensor>,
    step: Int
  ) -> Tensor {
    let count = trace.isTraining ? 1 : trace.values.integer(Self.samples.id)
    let losses = (0..<count).map { sample in
      let pass = Pass.support(step: trace.isTraining ? step : 0)
      let statistics = statistics(trace, parameters, pass: pass)
      let output = forward(
        trace,
        trace.supportInputs,
        parameters,
        noise: pass,
        sample: sample,
        statistics
      ).output
      return trace.loss(output, trace.supportTargets)
    }
    return losses.dropFirst().reduce(losses[0], +) * (1 / Double(count))
  }

  // MARK: The screen

  package func probes(for model: any Model) -> [ProbeDescriptor] {
    let whole = [
      ProbeDescriptor(
        key: "noise_mean",
        label: "mean ×",
        help: "mean of what support features are multiplied by, in the last inner step"
      ),
      ProbeDescriptor(
        key: "noise_std",
        label: "std ×",
        help: "its standard deviation, mean over the layers"
      ),
      ProbeDescriptor(
        key: "noise_gradient_norm",
        label: "‖∂φ‖",
        asciiLabel: "grad phi",
        help: "norm of the noise network's meta-gradient, before it is clipped"
      ),
    ]
    return whole
      + model.bodyLayers.flatMap { layer in
        ["mean", "std"].map { part in
          ProbeDescriptor(
            key: "noise_\(part)/\(layer)",
            label: "\(part) ×",
            help: "the same in one layer",
            layer: layer
          )
        }
      }
  }

  /// Mean and standard deviation of the multipliers in the last inner step, by layer and of all: the mean
  /// over the layers' maps, and over the layers.
  package func probeTensors(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> [String: Tensor] {
    let all = multipliers(trace, adaptation)
    func mean(_ tensors: [Tensor]) -> Tensor {
      tensors.reduce(trace.graph.constant(0), +) * (1 / Double(tensors.count))
    }
    var tensors: [String: Tensor] = [:]
    let layers = trace.model.bodyLayers
    for layer in layers {
      let own = all.filter { $0.layer == layer }.map(\.values)
      tensors["noise_mean/\(layer)"] = mean(own.map { $0.mean() })
      tensors["noise_std/\(layer)"] = mean(own.map(deviation))
    }
    for part in ["noise_mean", "noise_std"] {
      tensors[part] = mean(layers.compactMap { tensors["\(part)/\($0)"] })
    }
    return tensors
  }

  private func deviation(_ values: Tensor) -> Tensor {
    let distance = values - values.mean()
    return (distance * distance).mean().squareRoot()
  }

  private func multipliers(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> Multipliers {
    let last = adaptation.innerLosses.count - 1
    let pass = Pass.support(step: last)
    let parameters = adaptation.parameters[last]
    let statistics = statistics(trace, parameters, pass: pass)
    return forward(trace, trace.supportInputs, parameters, noise: pass, statistics).multipliers
  }

  package func probeValues(_ measured: MeasuredProbes, model: any Model) -> [String: Float] {
    ["noise_gradient_norm": Float(measured.gradientNorms[Self.group] ?? 0)]
  }

  package func panels(for model: any Model) -> [PanelDescription] {
    [
      PanelDescription(
        id: "dropout",
        title: "learned noise",
        letter: "n",
        parts: [
          .rows(["noise_gradient_norm"]),
          .table(
            PanelTable(
              lines: "layer",
              total: "all",
              columns: [
                .init("noise_mean", title: "mean ×"),
                .init("noise_std", title: "std ×", hasHistory: true),
              ]
            )
          ),
        ]
      )
    ]
  }

  package func moments(for model: any Model) -> [MomentDescription] {
    [
      MomentDescription(
        id: "noise",
        title: "the learned noise",
        equation: "y = μ · softplus(a(x; φ) + ε)",
        words: "In the inner steps every layer's values are multiplied by noise that a second "
          + "network φ makes of the same inputs: mean {probe:noise_mean}, standard deviation "
          + "{probe:noise_std}. On the query set the noise has its middle value.",
        place: .first
      )
    ]
  }
}
