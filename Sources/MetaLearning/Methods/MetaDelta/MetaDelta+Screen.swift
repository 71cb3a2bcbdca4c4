import Events
import Models

/// What it shows of itself.
extension MetaDelta {
  package func probes(for model: any Model, _ values: HyperparameterValues) -> [ProbeDescriptor] {
    let members = 1...Self.lists[values.integer(Self.members.id)].count
    let passes = 1...values.integer(Self.passes.id)
    func probe(
      _ key: String,
      _ label: String,
      _ help: String,
      _ style: ProbeStyle = .number
    )
      -> ProbeDescriptor
    { ProbeDescriptor(key: key, label: label, help: help, style: style) }
    let training = [
      probe("class_loss", "L class", "cross-entropy of the batch's classes, mean of the members"),
      probe("rotation_loss", "L turn", "cross-entropy of the quarter turns, mean of the members"),
      probe("class_accuracy", "class", "share of classes that are told right", .percent),
      probe("rotation_accuracy", "turn", "share of quarter turns that are told right", .percent),
      probe(
        "ensemble_accuracy",
        "ensemble",
        "of the members together on held-out episodes",
        .percent
      ),
    ]
    let each = members.flatMap { index in
      [
        probe("member_accuracy/\(index)", "acc.", "of one member on the same episodes", .percent),
        probe("class_loss/\(index)", "L class", "one member's cross-entropy of classes"),
        probe("rotation_loss/\(index)", "L turn", "one member's cross-entropy of quarter turns"),
        probe("gradient_norm/\(index)", "‖g‖", "norm of its gradient, before it is shrunk"),
      ]
    }
    let curves = passes.flatMap { pass in
      [
        probe(
          "decoder_entropy/\(pass)",
          "H",
          "mean entropy of the queries' answers at each pass, in nats",
          .curve(axis: "pass")
        ),
        probe(
          "prototype_shift/\(pass)",
          "Δc",
          "how far the prototypes go after each pass",
          .curve(axis: "pass")
        ),
      ]
    }
    return training + each + curves
  }

  package func panels(for model: any Model) -> [PanelDescription] {
    [
      PanelDescription(
        id: "members",
        title: "members",
        parts: [
          .rows([
            "class_loss", "rotation_loss", "class_accuracy", "rotation_accuracy",
            "ensemble_accuracy",
            "decoder_entropy", "prototype_shift",
          ]),
          .table(
            PanelTable(
              lines: "member",
              columns: [
                .init("member_accuracy", title: "acc.", hasHistory: true),
                .init("class_loss", title: "class", rank: 1),
                .init("rotation_loss", title: "turn", rank: 2),
                .init("gradient_norm", title: "‖g‖", asciiTitle: "g", rank: 3),
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
        id: "batch",
        title: "a batch instead of episodes",
        equation: "L = (1 − r) CE(class) + r CE(quarter turn),  r = {rotation-weight}",
        words:
          "Every member sees the same {batch-classes} classes, each picture in four quarter turns. "
          + "No episode is adapted to; held-out ones are decoded by prototypes.",
        place: .first
      )
    ]
  }

  package func adaptationAxis(_ values: HyperparameterValues) -> AdaptationAxis { .none }
  package var stepLoss: StepLoss { .training }

  package func batchProbes(
    _ measured: BatchMeasures,
    _ values: HyperparameterValues
  ) -> [String: Float] {
    var found = ["ensemble_accuracy": measured.accuracy]
    for name in ["class_loss", "rotation_loss", "class_accuracy", "rotation_accuracy"] {
      let all = measured.members.compactMap { $0[name] }
      found[name] = all.reduce(0, +) / Float(max(all.count, 1))
    }
    let targets = measured.targets.flatMap(\.self)
    for (index, numbers) in measured.members.enumerated() {
      for name in ["class_loss", "rotation_loss", "gradient_norm"] {
        found["\(name)/\(index + 1)"] = numbers[name]
      }
      let answers = measured.episodes.flatMap { $0[index].answers }
      found["member_accuracy/\(index + 1)"] = Float(Self.accuracy(answers, targets))
    }
    let decoded = measured.episodes.flatMap(\.self)
    for pass in 0..<values.integer(Self.passes.id) {
      func mean(_ all: (DecodedEpisode) -> [Double]) -> Float {
        let own = decoded.compactMap { all($0).indices.contains(pass) ? all($0)[pass] : nil }
        return own.isEmpty ? .nan : Float(own.reduce(0, +) / Double(own.count))
      }
      found["decoder_entropy/\(pass + 1)"] = mean(\.entropies)
      found["prototype_shift/\(pass + 1)"] = mean(\.shifts)
    }
    return found
  }
}
