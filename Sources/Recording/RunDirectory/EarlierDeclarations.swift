import Events

/// The screen of recordings that were made before methods declared theirs: understood from the keys
/// of their probes, which is all that those versions wrote down.
///
/// Nothing else may know a method's keys; a recording with `panels` never comes here.
extension ReadDeclarations {
  init(
    earlier task: TaskDescription,
    _ hyperparameters: [HyperparameterDescriptor],
    _ probes: [ProbeDescriptor]
  ) {
    let keys = Set(probes.map(\.key))
    let hasSecondHead = !keys.isDisjoint(with: ["colearner_cosine", "colearner_loss"])
    let hasNoise = !keys.isDisjoint(with: ["noise_scale", "kappa", "noise_std"])
    self.hyperparameters = hyperparameters.map { $0.with(role: $0.role ?? Self.roles[$0.id]) }
    self.probes = probes.map(\.declaredLater)
    panels = (hasSecondHead ? [.earlierSecondHead] : []) + (hasNoise ? [.earlierNoise(task)] : [])
    let walksThroughNoise = hasNoise && task.setting == nil
    moments =
      (walksThroughNoise ? [.earlierNoise] : []) + (hasSecondHead ? [.earlierSecondHead] : [])
    if task.setting != nil { stepLoss = keys.contains("phi_disagreement") ? .heldOut : .training }
  }

  private static let roles: [String: HyperparameterDescriptor.Role] = [
    "inner-lr": .innerRate, "inner-steps": .innerSteps, "outer-lr": .outerRate,
    "first-order": .firstOrder, "gamma": .switch(off: 0),
  ]
}

extension ProbeDescriptor {
  /// With the style and the words that the same probe has now.
  fileprivate var declaredLater: Self {
    func with(_ style: ProbeStyle, _ words: (label: String, ascii: String?)? = nil) -> Self {
      Self(
        key: key,
        label: words?.label ?? label,
        asciiLabel: words?.ascii,
        help: help,
        layer: layer,
        style: style
      )
    }
    switch (String(prefix), member) {
    case ("colearner_loss", nil): return with(.number, ("co-learner loss", nil))
    case ("colearner_cosine", nil): return with(.signed, ("cos(g_m, g_c)", nil))
    case ("colearner_norm_ratio", nil): return with(.number, ("γ‖g_c‖/‖g_m‖", "gamma g_c/g_m"))
    case ("colearner_cosine", _): return with(.signedBar)
    case ("colearner_alignment", _):
      return with(.lamp(on: "agrees", off: "opposes", above: 0.5))
    case ("kappa", nil): return with(.gauge(0...1), ("κ noise", "kappa"))
    case ("noise_mean", _): return with(.signed)
    case ("noise_clamped", _): return with(.percent)
    case ("phi_disagreement", nil): return with(.number, ("φ disagree", "disagree"))
    case ("task_loss", let task?): return with(.number, ("loss \(task)", nil))
    default: return self
    }
  }
}

extension PanelDescription {
  fileprivate static let earlierSecondHead = Self(
    id: "co-learner",
    title: "co-learner",
    letter: "c",
    parts: [
      .rows(["colearner_loss", "colearner_cosine", "colearner_norm_ratio"]),
      .table(
        PanelTable(
          lines: "layer",
          columns: [
            .init("colearner_cosine", title: "cosine"),
            .init("colearner_norm_ratio", title: "ratio"),
            .init("colearner_alignment", title: "⟨m, c⟩ > 0", asciiTitle: "m.c > 0"),
          ]
        )
      ),
    ]
  )

  fileprivate static func earlierNoise(_ task: TaskDescription) -> Self {
    let isJoint = task.setting != nil
    return Self(
      id: "perturbation",
      title: "perturbation",
      letter: "p",
      parts: [
        .rows(["kappa"]),
        .table(
          PanelTable(
            lines: "site",
            total: "all",
            columns: [
              .init("noise_mean", title: "mean", rank: 1),
              .init("noise_std", title: "std", hasHistory: true, rank: 2),
              .init("noise_scale", title: "scale", hasHistory: true),
              .init("noise_multiplier", title: "×", hasHistory: true),
              .init("noise_clamped", title: "clamped"),
            ]
          )
        ),
      ]
        + (isJoint
          ? [
            .cells(["phi_disagreement"], columns: 1), .cells(["task_loss"], columns: 2),
            .accuracyByDraws(title: "acc. by S", hasBars: false),
          ] : [])
    )
  }
}

extension MomentDescription {
  fileprivate static let earlierSecondHead = Self(
    id: "co-learner",
    title: "the co-learner's term",
    equation: "g = g_m + γ g_c,  γ = {gamma}",
    words: "A second head without inner steps reads the same features; its query loss "
      + "{probe:colearner_loss} adds its gradient to the body's, the learnable noise: "
      + "cos(g_m, g_c) = {probe:colearner_cosine}, γ‖g_c‖/‖g_m‖ = {probe:colearner_norm_ratio}.",
    place: .afterGradient,
    switchID: "gamma",
    wordsWhenOff: "the second head learns, but the body does not feel it."
  )

  fileprivate static let earlierNoise = Self(
    id: "perturbation",
    title: "the perturbation",
    equation: "h ← h · z(h; φ)",
    words: "In every layer, inner loop and query pass, the features are multiplied by noise that "
      + "depends on them, from one small network φ shared by all layers: mean z "
      + "{probe:noise_mean}, std {probe:noise_std}, scale {probe:noise_scale}.",
    place: .first
  )
}
