import Events

/// What can be set of MAML++ alone.
extension MAMLPlusPlus {
  package enum Settings {
    static let learnRates = HyperparameterDescriptor(
      id: "learn-rates",
      symbol: "a",
      kind: .flag,
      defaultValue: 1,
      help: "learn an inner rate for every tensor and inner step; off: all stay at inner-lr",
      isFixed: true
    )

    static let perStepNorm = HyperparameterDescriptor(
      id: "per-step-norm",
      symbol: "γβₖ",
      kind: .flag,
      defaultValue: 1,
      help: "scale and shift of batch norm have a row for each inner step",
      isStructural: true,
      isFixed: true
    )

    static let ratesRate = HyperparameterDescriptor(
      id: "rates-lr",
      symbol: "βₐ",
      kind: .logarithmic(0...1),
      defaultValue: 0,
      help: "outer learning rate of the inner rates, annealed alike; 0: that of the weights; "
        + "0.0001 "
        + "keeps them steady on sinusoids"
    )

    static let epochSteps = HyperparameterDescriptor(
      id: "epoch-steps",
      symbol: "E",
      kind: .integer(0...100_000),
      defaultValue: 0,
      help: "outer steps of an epoch; 0: 500 as published, or a hundredth of the run where that "
        + "is less"
    )

    static let multiStepEpochs = HyperparameterDescriptor(
      id: "multi-step-epochs",
      symbol: "P",
      kind: .integer(0...1_000),
      defaultValue: 10,
      help: "epochs in which the query loss after every inner step counts; published 10, or 15 on "
        + "mini-ImageNet"
    )

    static let firstOrderEpochs = HyperparameterDescriptor(
      id: "first-order-epochs",
      symbol: "D",
      kind: .integer(0...1_000),
      defaultValue: 0,
      help: "epochs in which inner gradients count as constants; 0 in the published code, 50 in "
        + "the paper"
    )

    static let finalRate = HyperparameterDescriptor(
      id: "outer-lr-final",
      symbol: "β₁",
      kind: .logarithmic(0...1),
      defaultValue: 1e-5,
      help: "outer learning rate at the end of the cosine, at most outer-lr; published 0.00001 "
        + "on Omniglot"
    )

    static let clip = HyperparameterDescriptor(
      id: "gradient-clip",
      symbol: "⊥",
      kind: .logarithmic(0...1_000),
      defaultValue: 0,
      help: "bound of every number of the weights' meta-gradient; 0: none; published 10 on "
        + "mini-ImageNet"
    )

    static let all = [
      learnRates, perStepNorm, ratesRate, epochSteps, multiStepEpochs, firstOrderEpochs, finalRate,
      clip,
    ]

    /// The derived setting with the weight of the query loss after an inner step.
    static func weight(_ step: Int) -> String { "multi-step-weight-\(step)" }
    /// The derived setting with the order of an epoch's derivatives.
    static let order = "derivative-order"

    /// The inner step 1, 2, … whose weight a derived setting is.
    static func place(of id: String) -> Int? {
      let prefix = "multi-step-weight-"
      return id.hasPrefix(prefix) ? Int(id.dropFirst(prefix.count)) : nil
    }
  }

  /// Outer steps in epochs.
  struct Epochs {
    let steps: Int
    /// Of the run, the last one perhaps shorter.
    let count: Int

    init(_ values: HyperparameterValues, totalSteps: Int) {
      let own = values.integer(Settings.epochSteps.id)
      steps = own > 0 ? own : max(1, min(500, totalSteps / 100))
      count = max(1, (totalSteps + steps - 1) / steps)
    }

    func epoch(of step: Int) -> Int { step / steps }
  }

  /// Which of its graphs an epoch uses.
  struct Phase: OptionSet {
    let rawValue: Int

    static let multiStep = Self(rawValue: 1)
    static let firstOrder = Self(rawValue: 2)

    init(rawValue: Int) { self.rawValue = rawValue }

    init(_ values: HyperparameterValues, epoch: Int) {
      var phase: Self = []
      if epoch < values.integer(Settings.multiStepEpochs.id) { phase.insert(.multiStep) }
      if epoch < values.integer(Settings.firstOrderEpochs.id) { phase.insert(.firstOrder) }
      self = phase
    }

    var isMultiStep: Bool { contains(.multiStep) }
    var isFirstOrder: Bool { contains(.firstOrder) }

    /// w of inner step `place` (1 … `steps`): all equal in the first epoch, then the last one's
    /// grows
    /// until the others have 0.03 together; behind the multi-step epochs it is alone.
    static func weight(_ place: Int, of steps: Int, epoch: Int, epochs: Int) -> Double {
      let (count, isLast) = (Double(steps), place == steps)
      guard epoch < epochs else { return isLast ? 1 : 0 }
      let decay = Double(epoch) / (count * Double(epochs))
      let floor = 0.03 / count
      return isLast
        ? min(1 / count + (count - 1) * decay, 1 - (count - 1) * floor)
        : max(1 / count - decay, floor)
    }
  }
}
