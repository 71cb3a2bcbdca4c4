import Autodiff
import Models
import Tasks

/// Standard normal numbers that one site of a pass is given.
package struct NoiseDraw: Sendable, Equatable {
  package let pass: Pass
  package let site: Int
  /// Where they begin in an episode's noise.
  package let offset: Int
  package let shape: Shape
}

/// The symbols of one episode while a method's graph is traced.
///
/// Inputs are bound at replay: meta-parameters, support and query set, hyperparameters that are
/// numbers, and the random draws the method asks for.
package final class EpisodeTrace {
  package let graph: Graph
  /// The method that is trained, a base's wrapper; nil where a base is traced by itself.
  package let method: (any Method)?
  package let model: any Model
  package let values: HyperparameterValues
  /// Targets are one-hot classes, outputs their logits.
  package let isClassification: Bool
  /// False at meta-validation and meta-test.
  package let isTraining: Bool
  /// Which of the method's graphs this is.
  package let stage: Int
  package let metaParameters: ParameterTree<Tensor>
  package let supportInputs: Tensor
  package let supportTargets: Tensor
  package let queryInputs: Tensor
  package let queryTargets: Tensor
  /// What a replayed inner loop goes on from; empty elsewhere.
  package let state: ParameterTree<Tensor>
  /// What goes back over replayed steps, as far as it has come; empty elsewhere.
  package let adjoint: ParameterTree<Tensor>
  private let derived: [String]
  private let layout: ParameterLayout
  /// Random numbers one episode needs, asked for so far.
  package let draws: DrawLayout

  package init(
    model: any Model,
    layout: EpisodeLayout,
    parameters: ParameterLayout,
    values: HyperparameterValues,
    isClassification: Bool = false,
    isTraining: Bool = true,
    stage: Int = 0,
    derived: [String] = [],
    state: ParameterLayout? = nil,
    adjoint: ParameterLayout? = nil,
    method: (any Method)? = nil,
    draws: DrawLayout = DrawLayout()
  ) {
    let graph = Graph()
    self.graph = graph
    self.method = method
    self.model = model.reading(layout)
    self.draws = draws
    self.isClassification = isClassification
    self.isTraining = isTraining
    self.stage = stage
    self.derived = derived
    self.values = values
    self.layout = parameters
    metaParameters = parameters.tensors(in: graph)
    self.state = state?.tensors { graph.input(.state, at: $0, $1) } ?? ParameterTree([])
    self.adjoint = adjoint?.tensors { graph.input(.adjoint, at: $0, $1) } ?? ParameterTree([])
    func episode(_ offset: Int, _ dimensions: [Int]) -> Tensor {
      graph.input(.episode, at: offset, Shape(dimensions))
    }
    supportInputs = episode(
      layout.supportInputs,
      layout.nodes.map { [$0.support.count] } ?? [layout.supportCount] + layout.inputShape
    )
    supportTargets = episode(layout.supportTargets, [layout.supportCount, layout.targetCount])
    queryInputs = episode(
      layout.queryInputs,
      layout.nodes.map { [$0.query.count] } ?? [layout.queryCount] + layout.inputShape
    )
    queryTargets = episode(layout.queryTargets, [layout.queryCount, layout.targetCount])
  }

  /// The same symbols with another query set, for what an objective is of it.
  package func withQuery(inputs: Tensor, targets: Tensor) -> EpisodeTrace {
    EpisodeTrace(self, queryInputs: inputs, queryTargets: targets)
  }

  private init(_ other: EpisodeTrace, queryInputs: Tensor, queryTargets: Tensor) {
    graph = other.graph
    method = other.method
    model = other.model
    values = other.values
    isClassification = other.isClassification
    isTraining = other.isTraining
    stage = other.stage
    metaParameters = other.metaParameters
    supportInputs = other.supportInputs
    supportTargets = other.supportTargets
    self.queryInputs = queryInputs
    self.queryTargets = queryTargets
    state = other.state
    adjoint = other.adjoint
    derived = other.derived
    layout = other.layout
    draws = other.draws
  }

  /// K, the support examples (of a class, in classification).
  package var shot: Int {
    supportTargets.shape.rows / (isClassification ? max(model.outputCount, 1) : 1)
  }

  /// A hyperparameter as an input of the graph: changing it retraces nothing.
  package func setting(_ id: String) -> Tensor {
    graph.input(.settings, at: settingOffset(id), .scalar)
  }

  private func settingOffset(_ id: String) -> Int {
    if let index = derived.firstIndex(of: id) { return values.derivedOffset(index) }
    guard let index = values.descriptors.firstIndex(where: { $0.id == id }) else {
      preconditionFailure("no hyperparameter \(id)")
    }
    return values.settingOffset(index)
  }

  /// Standard normal numbers for one site of a pass, drawn once an episode.
  ///
  /// Every use sees the same draw: the backward recursion, and the same pass at other parameters.
  /// So an inner step's gain is not mixed with a change of noise, and a plan that takes a pass
  /// several times does not need memory for as many draws.
  package func normal(_ shape: Shape, for pass: Pass, site: Int) -> Tensor {
    let draw = draws.placeSite(site, pass, shape)
    return graph.input(.noise, at: draw.offset, shape)
  }

  /// Random numbers by name, drawn once an episode; every use of the same name, pass and sample sees
  /// the same.
  ///
  /// A file of episodes may hold them as `draws.NAME`, `[steps, episodes, …]`, and for support passes
  /// `[steps, episodes, inner steps, …]`; samples after the first are never a file's.
  package func draw(
    _ name: String,
    _ distribution: Distribution,
    _ shape: Shape,
    for pass: Pass = .query,
    sample: Int = 0
  ) -> Tensor {
    let parameters: [DrawParameter] =
      switch distribution {
      case .beta(let a, let b): [a, b]
      case .bernoulli(let share), .kept(let share): [share]
      case .normal, .uniform, .choice, .permutation: []
      }
    let draw = draws.place(
      EpisodeDraw.Key(name: name, pass: pass, sample: sample),
      isNamed: true,
      distribution,
      parameters.map(placed),
      shape
    )
    return graph.input(.noise, at: draw.offset, shape)
  }

  /// A permutation of `count` examples, for `Tensor.chosen(by:)`.
  package func permutation(_ name: String, of count: Int, for pass: Pass = .query) -> Tensor {
    draw(name, .permutation, [count, count], for: pass)
  }

  private func placed(_ parameter: DrawParameter) -> EpisodeDraw.Parameter {
    switch parameter {
    case .number(let number): .number(number)
    case .setting(let id): .setting(offset: settingOffset(id))
    }
  }

  /// Mean squared error over all outputs, or mean cross-entropy of logits (methods 0.1).
  package func loss(_ output: Tensor, _ targets: Tensor) -> Tensor {
    if isClassification { return output.crossEntropy(targets) }
    let error = output - targets
    return (error * error).mean()
  }

  /// The body's features in an ordinary forward pass, with dropout where the network has it: in what
  /// its second layer reads, while supports are learned in meta-training.
  package func features(
    of examples: Tensor,
    _ parameters: ParameterTree<Tensor>,
    _ statistics: BatchStatistics,
    pass: Pass
  ) -> Tensor {
    var visitor = BodyVisitor()
    if isTraining, pass.isSupport, values.descriptor(GraphHyperparameters.dropout.id) != nil {
      visitor.entering = { [unowned self] layer, hidden in
        layer == 1 ? dropped(hidden, pass) : hidden
      }
    }
    return model.features(of: examples, parameters, statistics: statistics, visitor: visitor)
  }

  /// Numbers that stay with probability 1 − p are divided by that, the others 0.
  private func dropped(_ hidden: Tensor, _ pass: Pass) -> Tensor {
    let rate = setting(GraphHyperparameters.dropout.id)
    let mask = draw(
      "dropout",
      .kept(.setting(GraphHyperparameters.dropout.id)),
      hidden.shape,
      for: pass
    )
    return hidden * mask * (graph.constant(1) / (1 - rate))
  }

  /// The meta-parameters before the last update; what a task's state follows.
  package var previous: ParameterTree<Tensor> {
    layout.tensors { graph.input(.previous, at: $0, $1) }
  }

  /// The meta-parameters that have fast weights in the state, in order.
  package var fastNames: [String] {
    metaParameters.names.filter { state.names.contains(Trajectory.fast($0)) }
  }

  /// The meta-parameters with the fast weights of the state in their places.
  package var fastParameters: ParameterTree<Tensor> {
    let fast = Set(state.names)
    return metaParameters.replacing(
      values: metaParameters.names.map { name in
        let stored = Trajectory.fast(name)
        return fast.contains(stored) ? state[stored] : metaParameters[name]
      }
    )
  }

  package func queryLoss(_ method: any Method, _ parameters: ParameterTree<Tensor>) -> Tensor {
    loss(method.output(self, queryInputs, parameters, pass: .query), queryTargets)
  }
}

extension Model {
  /// The same for an episode's sets, where those lie in memory in a way of their own.
  fileprivate func reading(_ layout: EpisodeLayout) -> any Model {
    guard let nodes = layout.nodes, let network = self as? any NodeModel else { return self }
    return network.reading([nodes.support, nodes.query].map(\.inputs))
  }
}

extension NodeForm {
  fileprivate var inputs: NodeInputs {
    NodeInputs(
      count: count,
      examples: examples,
      near: NodeInputs.Part(near, at: nearStart),
      chosen: chosen.map { NodeInputs.Part($0, at: chosenStart) },
      far: far.map { NodeInputs.Part($0, at: farStart) },
      features: NodeInputs.Part(features, at: featureStart),
      own: own.map { NodeInputs.Part($0, at: ownStart) }
    )
  }
}
