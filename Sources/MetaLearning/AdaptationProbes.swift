import Autodiff
import Events
import Models

/// Probes that tell what an inner loop moves, for methods that restrict or replace it.
package enum AdaptationProbes {
  private static let groups = ["body", "head"]

  /// How far body and head move: the mean over episodes of ‖θ_M − θ‖ / ‖θ‖.
  package static let shifts = groups.map { group in
    ProbeDescriptor(
      key: "shift/\(group)",
      label: "Δ\(group)",
      help:
        "how far the \(group) moves in the inner loop, against its own norm; near 0 it is reused, "
        + "beyond 1 the initialisation is left behind",
      healthy: HealthyRange("a part of its norm; 0 where the method leaves the \(group) alone")
    )
  }

  /// One scalar a group, under the probes' keys; `start` is where the way began, if not at the
  /// meta-parameters.
  package static func shiftTensors(
    _ trace: EpisodeTrace,
    _ adaptation: Adaptation,
    from start: ParameterTree<Tensor>? = nil
  ) -> [String: Tensor] {
    let start = start ?? trace.metaParameters
    let tensors = groups.map { group in
      let names = trace.metaParameters.names.filter { $0.hasPrefix(group + ".") }
      func norm(_ tensor: (String) -> Tensor) -> Tensor {
        names.map { (tensor($0) * tensor($0)).sum() }
          .reduce(trace.graph.constant(0), +).squareRoot()
      }
      let moved = norm { adaptation.adapted[$0] - start[$0] }
      return moved / norm { trace.metaParameters[$0] }
    }
    return Dictionary(uniqueKeysWithValues: zip(shifts.map(\.key), tensors))
  }

  /// The meta-gradient against its first-order part, the query gradient at the adapted weights.
  package static let firstOrder =
    groups.flatMap { group in
      [
        ProbeDescriptor(
          key: "gradient_norm/\(group)",
          label: "‖g‖ \(group)",
          help: "norm of the \(group)'s meta-gradient",
          healthy: falling
        ),
        ProbeDescriptor(
          key: "direct_norm/\(group)",
          label: "‖g₁‖ \(group)",
          help: "norm of its first-order part: the query gradient at the adapted weights",
          healthy: falling
        ),
      ]
    } + [
      ProbeDescriptor(
        key: "first_order_cosine",
        label: "cos(g, g₁)",
        help:
          "agreement of the meta-gradient with its first-order part; near 1 the second-order terms "
          + "change little",
        healthy: HealthyRange(
          from: 0,
          "near 1 first order costs little; below 0 it would go the wrong way"
        )
      )
    ]

  /// Of a gradient's norm.
  package static let falling = HealthyRange(
    "while it falls or stands; a jump by powers of ten comes before divergence"
  )

  /// Both gradients by parameter, the meta-gradient's first.
  package static func firstOrderTensors(
    _ trace: EpisodeTrace,
    _ method: any Method,
    _ adaptation: Adaptation
  ) -> [Tensor] {
    let names = names(trace.metaParameters.names)
    let whole = trace.graph.gradient(
      of: trace.queryLoss(method, adaptation.adapted),
      withRespectTo: names.map { trace.metaParameters[$0] }
    )
    let leaves = adaptation.adapted.replacing(
      values: adaptation.adapted.values.map { $0.stoppingGradient() }
    )
    let direct = trace.graph.gradient(
      of: trace.queryLoss(method, leaves),
      withRespectTo: names.map { leaves[$0] }
    )
    return whole + direct
  }

  /// The values of `firstOrder` from the averages of `firstOrderTensors`.
  package static func firstOrderValues(_ averages: [[Float]], model: any Model) -> [Float] {
    let names = names(model.parameters.map(\.name))
    func product(_ first: Int, _ second: Int, _ group: String?) -> Double {
      var sum = 0.0
      for (index, name) in names.enumerated() where group.map({ name.hasPrefix($0 + ".") }) ?? true
      {
        let (a, b) = (averages[first + index], averages[second + index])
        for place in a.indices { sum += Double(a[place]) * Double(b[place]) }
      }
      return sum
    }
    let direct = names.count
    let norms = groups.flatMap { group in
      [product(0, 0, group).squareRoot(), product(direct, direct, group).squareRoot()]
    }
    let size = (product(0, 0, nil) * product(direct, direct, nil)).squareRoot()
    let cosine = size > 0 ? product(0, direct, nil) / size : 0
    return (norms + [cosine]).map { Float($0) }
  }

  private static func meta(_ name: String) -> String { "meta-gradient/" + name }
  private static func direct(_ name: String) -> String { "direct gradient/" + name }

  /// Of `all`, by names of their own: `values` makes the probes of them.
  package static func tensors(
    _ trace: EpisodeTrace,
    _ method: any Method,
    _ adaptation: Adaptation
  ) -> [String: Tensor] {
    let names = names(trace.metaParameters.names)
    let gradients = firstOrderTensors(trace, method, adaptation)
    let keys = names.map(meta) + names.map(direct)
    return shiftTensors(trace, adaptation).merging(zip(keys, gradients)) { $1 }
  }

  /// The probes of `firstOrder`; those of `shifts` are averages themselves.
  package static func values(_ measured: MeasuredProbes, model: any Model) -> [String: Float] {
    let names = names(model.parameters.map(\.name))
    let gradients = names.map { measured[meta($0)] } + names.map { measured[direct($0)] }
    let values = firstOrderValues(gradients, model: model)
    return Dictionary(uniqueKeysWithValues: zip(firstOrder.map(\.key), values))
  }

  /// `shifts` and then `firstOrder`.
  package static let all = shifts + firstOrder

  private static func names(_ all: [String]) -> [String] {
    all.filter(isBodyOrHead)
  }

  /// Whether a parameter is the network's.
  package static func isBodyOrHead(_ name: String) -> Bool {
    groups.contains { name.hasPrefix($0 + ".") }
  }
}
