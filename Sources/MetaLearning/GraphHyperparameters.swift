import Autodiff
import Events
import Models
import Tasks

/// What only networks on the nodes of a graph have.
package enum GraphHyperparameters {
  /// How Â is made of the adjacency A with a loop at every node.
  package enum Norm: String, CaseIterable {
    /// D⁻¹ (A + I), as TLP-FSNC has it.
    case row
    /// D⁻½ (A + I) D⁻½ (Kipf and Welling 2017).
    case symmetric
  }

  package static let dropout = HyperparameterDescriptor(
    id: "dropout",
    symbol: "p",
    kind: .linear(0...0.9, step: 0.1),
    defaultValue: 0.5,
    help: "share of hidden numbers that an inner step of meta-training leaves out; 0.5 in TLP-FSNC"
  )

  package static let norm = HyperparameterDescriptor(
    id: "graph-norm",
    symbol: "Â",
    kind: .choice(Norm.allCases.map(\.rawValue)),
    defaultValue: 0,
    help:
      "row: mean over neighbours (TLP-FSNC); symmetric: by the degrees' roots (Kipf and Welling)",
    isStructural: true,
    isFixed: true
  )

  package static let featureNorm = HyperparameterDescriptor(
    id: "feature-norm",
    symbol: "X",
    kind: .choice(["none", "row"]),
    defaultValue: 0,
    help: "features as they are (TLP-FSNC), or each node's divided by their sum",
    isStructural: true,
    isFixed: true
  )

  package static let weightDecay = HyperparameterDescriptor(
    id: "weight-decay",
    symbol: "λ",
    kind: .linear(0...0.1, step: 1e-4),
    defaultValue: 5e-4,
    help: "L2 penalty that Adam adds to the meta-gradient; 5e-4 in TLP-FSNC"
  )

  package static let all = [dropout, norm, featureNorm, weightDecay]

  /// What most methods have, with the defaults of nodes.
  package static let shared = StandardHyperparameters.all(for: .graph).map {
    $0.with(defaultValue: TaskDefaults.nodeSettings[$0.id] ?? $0.defaultValue)
  }
}

extension Method {
  /// What the network brings along.
  package func modelHyperparameters(for model: any Model) -> [HyperparameterDescriptor] {
    switch model.family {
    case .dense: []
    case .convolutional: convolutionHyperparameters(for: model)
    // A replayed step would see one mask at every step.
    case .graph:
      GraphHyperparameters.all.filter {
        !(self is any TrajectoryMethod) || $0.id != GraphHyperparameters.dropout.id
      }
    }
  }

  /// The network's hyperparameters that the method has not itself under the same name.
  func hyperparameters(
    _ shared: [HyperparameterDescriptor],
    _ own: [HyperparameterDescriptor],
    for model: any Model
  ) -> [HyperparameterDescriptor] {
    let taken = Set((shared + own).map(\.id))
    return shared + modelHyperparameters(for: model).filter { !taken.contains($0.id) } + own
  }

  /// How the method's network reads a graph.
  package func graphReading(_ values: HyperparameterValues) -> GraphReading {
    func isSecond(_ id: String) -> Bool { values.descriptor(id) != nil && values.integer(id) == 1 }
    return GraphReading(
      isSymmetric: isSecond(GraphHyperparameters.norm.id),
      hasRowFeatures: isSecond(GraphHyperparameters.featureNorm.id),
      parts: graphRequest(values)
    )
  }
}

extension HyperparameterValues {
  /// L2 penalty of whatever Adam moves, where the network's kind has one.
  var graphDecay: Double {
    guard descriptor(GraphHyperparameters.norm.id) != nil,
      descriptor(GraphHyperparameters.weightDecay.id) != nil
    else { return 0 }
    return number(GraphHyperparameters.weightDecay.id)
  }
}

// MARK: - Probes

extension Method {
  func allProbeTensors(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> [String: Tensor] {
    var tensors = probeTensors(trace, adaptation)
    if trace.model.family == .graph {
      // The second number of a set in memory: the nodes and what they see in one step.
      tensors[GraphProbes.rows.key] = trace.supportInputs.slice(from: 1, as: .scalar)
    }
    return tensors
  }

  /// The method's panels, and those of the network's kind.
  package func allPanels(for model: any Model) -> [PanelDescription] {
    panels(for: model)
      + (model.family == .graph
        ? [
          PanelDescription(
            id: "graph",
            title: "graph",
            parts: [.rows([GraphProbes.rows.key])]
          )
        ] : [])
  }
}

enum GraphProbes {
  static let rows = ProbeDescriptor(
    key: "rows_seen",
    label: "rows seen",
    help: "nodes whose hidden numbers the support loss depends on, of an episode"
  )
}
