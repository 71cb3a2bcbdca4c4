import Autodiff
import Events
import Glibc
import Models

/// Meta-RKHS-II: adaptation is gradient flow in the function space of the network's tangent kernel, up to a
/// time t and in closed form (Zhou et al., ICLR 2021, section 3.3).
///
/// f_t(x) = f(x) + K(x, S) H⁻¹ (I − exp(−tH)) (y − f(S)) with H = K(S, S): the flow of half the sum of squares.
/// No weight moves; the meta-gradient goes through f, K and H.
package struct MetaRKHSII: Method {
  package static let time = HyperparameterDescriptor(
    id: "flow-time",
    symbol: "t",
    kind: .logarithmic(0.001...1_000),
    defaultValue: 1,
    help: "how long the function flows towards the support set; the paper's best is 10 on images"
  )

  package static let doublings = HyperparameterDescriptor(
    id: "doublings",
    symbol: "D",
    kind: .integer(4...KernelFlow.mostDoublings),
    defaultValue: 16,
    help: "the flow is doubled so often; t times the kernel's largest eigenvalue may be 2^D",
    isStructural: true
  )

  /// In an adapted tree: which share of t has passed.
  private static let share = "flow.share"
  private static let shares = [1 / 16.0, 1 / 8.0, 1 / 4.0, 1 / 2.0, 1]
  /// Eigenvalues that are shown.
  private static let shown = 6

  package let descriptor = MethodDescriptor(
    id: "meta-rkhs-ii",
    name: "Meta-RKHS-II",
    citation: "Zhou et al.: Meta-Learning with Neural Tangent Kernels, ICLR 2021",
    adapts: "the function, at once",
    order: .second,
    summary: "The function flows towards the support set in the space of the network's tangent "
      + "kernel, for a time t and in closed form; no weight moves.",
    equation: "f_t(x) = f(x) + K(x,S) H⁻¹ (I − e^(−tH)) (y − f(S)),  H = K(S,S)\n"
      + "θ ← Adam(mean of ∇ L_Q(f_t)),  rate β"
  )

  package init() {}

  /// Its pass over the query set reads the support set.
  package var seams: Set<MethodSeam> { [] }

  // MARK: What can be set

  package var tasks: Set<TaskAbility> { [.regression] }

  package func sharedHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    [StandardHyperparameters.outerLearningRate, StandardHyperparameters.outerSchedule]
  }

  package func ownHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    [Self.time, Self.doublings]
  }

  package func refusal(of model: any Model) -> String? {
    TangentKernel.refusal(of: model, by: descriptor.name)
  }

  // MARK: The flow

  package func isAdapted(_ name: String, _ values: HyperparameterValues) -> Bool { false }
  package func adaptationSteps(_ values: HyperparameterValues) -> Int { Self.shares.count }

  package func evaluationSteps(_ values: HyperparameterValues, wanted: Int) -> Int {
    adaptationSteps(values)
  }

  package func adaptationAxis(_ values: HyperparameterValues) -> AdaptationAxis {
    .time([0] + Self.shares)
  }

  package func adapt(_ trace: EpisodeTrace, steps: Int, isFirstOrder: Bool) -> Adaptation {
    let start = trace.metaParameters
    let points = Self.shares.map { share in
      ParameterTree(
        zip(start.names, start.values).map { (name: $0, value: $1) }
          + [(name: Self.share, value: trace.graph.constant(share))]
      )
    }
    let all = [start] + points
    let losses = all.indices.dropLast().map { innerLoss(trace, all[$0], step: $0) }
    return Adaptation(parameters: all, innerLosses: losses)
  }

  package func output(
    _ trace: EpisodeTrace,
    _ examples: Tensor,
    _ parameters: ParameterTree<Tensor>,
    pass: Pass,
    statistics: BatchStatistics
  ) -> Tensor {
    guard parameters.names.contains(Self.share) else {
      let features = trace.features(of: examples, parameters, statistics, pass: pass)
      return trace.model.head(features, parameters)
    }
    let support = TangentKernel(trace, trace.supportInputs, parameters)
    let own = TangentKernel(trace, examples, parameters)
    let change = KernelFlow.flowed(
      own.matrix(with: support),
      support.matrix(with: support),
      trace.supportTargets - support.outputs,
      time: trace.setting(Self.time.id) * parameters[Self.share],
      doublings: trace.values.integer(Self.doublings.id)
    )
    return own.outputs + change
  }

  // MARK: Probes

  package func probes(for model: any Model) -> [ProbeDescriptor] {
    [
      ProbeDescriptor(
        key: "kernel_largest",
        label: "λ₁",
        help: "largest eigenvalue of H = K(S, S), mean over tasks; errors along it shrink like "
          + "e^(−tλ₁)"
      ),
      ProbeDescriptor(
        key: "kernel_trace",
        label: "tr H",
        help: "sum of H's eigenvalues, mean over tasks"
      ),
      ProbeDescriptor(
        key: "doublings_needed",
        label: "D ≥",
        asciiLabel: "D >=",
        help: "doublings that this meta-batch's largest eigenvalue needs at t",
        healthy: HealthyRange("up to as many as are set; with fewer the result is wrong")
      ),
    ]
      + (1...Self.shown).flatMap { place in
        [
          ProbeDescriptor(
            key: "kernel_eigenvalue/\(place)",
            label: "λ",
            help: "an eigenvalue of H in falling order, mean over tasks; 0 beyond the support set"
          ),
          ProbeDescriptor(
            key: "learned/\(place)",
            label: "1−e^(−tλ)",
            help: "share of the error along that direction that is gone at t",
            style: .percent
          ),
        ]
      }
  }

  package func panels(for model: any Model) -> [PanelDescription] {
    [
      PanelDescription(
        id: "spectrum",
        title: "tangent kernel",
        parts: [
          .rows(["kernel_largest", "kernel_trace", "doublings_needed", Self.time.id]),
          .table(
            PanelTable(
              lines: "direction",
              columns: [
                .init("kernel_eigenvalue", title: "λ", asciiTitle: "eigenvalue", hasHistory: true),
                .init("learned", title: "learned"),
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
        id: "flow",
        title: "the flow of the function",
        equation: "f_t = f + K(·,S) H⁻¹ (I − e^(−tH)) (y − f(S)),  t = {flow-time}",
        words: "No weight moves. Along each eigenvector of the kernel the error on the support set "
          + "shrinks like e^(−tλ); the largest eigenvalue is {probe:kernel_largest}. Step t and watch "
          + "the curve go from the prior to the points.",
        place: .insteadOfInnerStep
      )
    ]
  }

  package func probeTensors(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> [String: Tensor] {
    let support = TangentKernel(trace, trace.supportInputs, trace.metaParameters)
    return ["kernel": support.matrix(with: support), "time": trace.setting(Self.time.id)]
  }

  package func probeValues(_ measured: MeasuredProbes, model: any Model) -> [String: Float] {
    let episodes = measured.episodes("kernel")
    let kernels = episodes.isEmpty ? [measured["kernel"]] : episodes
    let time = Double(measured.number("time") ?? 0)
    let spectra = kernels.map { KernelFlow.largestEigenvalues($0, count: Self.shown) }
    func mean(_ value: ([Double]) -> Double) -> Float {
      Float(spectra.reduce(0) { $0 + value($1) } / Double(spectra.count))
    }
    let largest = spectra.compactMap(\.first).max() ?? 0
    let traces = kernels.map { kernel in
      let size = Int(Double(kernel.count).squareRoot().rounded())
      return (0..<size).reduce(Float(0)) { $0 + kernel[$1 * (size + 1)] }
    }
    var values = [
      "kernel_largest": mean { $0.first ?? 0 },
      "kernel_trace": traces.reduce(0, +) / Float(traces.count),
      "doublings_needed": Float(KernelFlow.doublings(time: time, largest: largest)),
    ]
    for place in 0..<Self.shown {
      func own(_ spectrum: [Double]) -> Double {
        spectrum.indices.contains(place) ? spectrum[place] : 0
      }
      values["kernel_eigenvalue/\(place + 1)"] = mean(own)
      values["learned/\(place + 1)"] = mean { -Glibc.expm1(-time * own($0)) }
    }
    return values
  }

  package func advice(
    _ measured: [String: Float],
    _ values: HyperparameterValues
  ) -> String? {
    let time = values.number(Self.time.id)
    return KernelFlow.advice(
      needed: measured["doublings_needed"],
      set: values.integer(Self.doublings.id),
      "the kernel's spectrum at flow-time \(HyperparameterDescriptor.plain(time))",
      remedy: {
        let most = (time * $0 * 1e6).rounded() / 1e6
        return "a flow-time of at most \(HyperparameterDescriptor.plain(most))"
      }
    )
  }
}
