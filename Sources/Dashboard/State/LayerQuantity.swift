import Events

/// One quantity that a run measures in every layer.
struct LayerQuantity: Equatable {
  /// Of the probes' keys; empty for the inner loop's gradient, which every method tells.
  let prefix: String
  let label: String
  let layers: [String]

  func history(_ layer: Int, of run: RunState) -> SeriesHistory? {
    prefix.isEmpty
      ? run.innerGradientHistories.at(layer) : run.probeHistory("\(prefix)/\(layers[layer])")
  }
}

extension LayerQuantity {
  static func quantities(of run: RunState) -> [LayerQuantity] {
    var seen: [LayerQuantity] = []
    for probe in run.description.probes {
      guard probe.layer != nil, probe.member != nil else { continue }
      let prefix = String(probe.prefix)
      guard !seen.contains(where: { $0.prefix == prefix }) else {
        continue
      }
      seen.append(
        LayerQuantity(prefix: prefix, label: probe.label, layers: run.layers(with: prefix))
      )
    }
    if run.isAdapting, !run.description.layers.isEmpty {
      let layers = run.description.layers
      seen.append(LayerQuantity(prefix: "", label: "‖∇L_S(θ)‖ inner gradient", layers: layers))
    }
    return seen
  }

  /// Rows that all quantities of a run take, frame included.
  static func rows(_ run: RunState) -> Int {
    2 + quantities(of: run).reduce(0) { $0 + $1.layers.count + 2 }
  }
}

extension DashboardState {
  /// The method whose layers are shown: the preset's own where it has one, else the focused.
  var heatmapRun: RunState? {
    let measures = { (run: RunState) in !LayerQuantity.quantities(of: run).isEmpty }
    guard let id = presetPanel else { return run(where: measures) }
    return run { measures($0) && $0.panel(id) != nil } ?? run(where: measures)
  }
}
