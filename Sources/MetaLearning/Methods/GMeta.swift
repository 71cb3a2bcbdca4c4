import Autodiff
import Events
import Models
import Tasks

/// Local subgraphs: MAML on graphs in which a node is the mean over what it sees in two steps (Huang and
/// Zitnik, NeurIPS 2020).
///
/// z(v) = mean over u ∈ N₂(v) of GCN(Â[N₂(v)], X[N₂(v)])_u, and a linear head on z. That is one more reading
/// of the graph: everything else is MAML's. The publication classifies by prototypes; the head is that of the
/// code whose numbers are compared with (Tan et al., TLP-FSNC), as Documentation/Methods/GMeta.md says.
package struct GMeta: Method {
  package let descriptor = MethodDescriptor(
    id: "g-meta",
    name: "G-Meta",
    citation:
      "Huang, Zitnik: Graph Meta Learning via Local Subgraphs, NeurIPS 2020 (reconstructed)",
    status: .reconstructed,
    summary:
      "MAML on nodes that are graphs of their own: what a node sees in two steps is cut out, and the "
      + "mean over it is classified.",
    equation: """
      z(v) = mean over u ∈ N₂(v) of GCN(Â[N₂(v), N₂(v)], X[N₂(v)])ᵤ
      θₖ₊₁ = θₖ − α ∇L_S(θₖ),  k = 0 … M−1,  logits W z + b
      θ ← Adam(mean of ∇_θ L_Q(θ_M)),  rate β
      """
  )

  package init() {}

  package var tasks: Set<TaskAbility> { [.nodes] }
  package func graphRequest(_ values: HyperparameterValues) -> GraphRequest { .subgraphs }

  package func sharedHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    GraphHyperparameters.shared
  }

  // MARK: Probes

  private static let size = ProbeDescriptor(
    key: "subgraph_nodes",
    label: "nodes of a graph",
    help: "nodes of a support node's own graph, its mean over an episode"
  )

  package func probes(for model: any Model) -> [ProbeDescriptor] {
    [Self.size] + AdaptationProbes.shifts
  }

  package func panels(for model: any Model) -> [PanelDescription] {
    [panelOfProbes(id: "subgraphs", title: "local graphs", for: model)]
  }

  package func probeTensors(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> [String: Tensor] {
    // The first number of a set in memory: the rows of all its graphs.
    let rows = trace.supportInputs.slice(from: 0, as: .scalar)
    return AdaptationProbes.shiftTensors(trace, adaptation)
      .merging([Self.size.key: rows / Double(trace.supportTargets.shape.rows)]) { $1 }
  }
}
