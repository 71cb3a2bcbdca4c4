/// How the outer loop moves a group of meta-parameters; its rate is `Method.outerRate`.
package enum UpdateRule: Sendable, Equatable {
  /// Kingma and Ba 2015 with β₁ 0.9, β₂ 0.999, ε 1e-8; `decay` is an L2 penalty in the gradient.
  ///
  /// A group's bias correction counts the updates of that group, so one that is frozen at first
  /// begins like any other, as in PyTorch for tensors without gradient.
  case adam(decay: Double = 0)
  /// d = g + decay·θ; m = momentum·m + d; θ −= rate·m, or rate·(d + momentum·m) with Nesterov's.
  case sgd(momentum: Double = 0, nesterov: Bool = false, decay: Double = 0)
  /// θ −= share·g, whatever the outer rate: g is the distance to what θ follows.
  case follow(share: Double)
  /// θ −= rate·g without any state: g is the distance to what θ moves to.
  case interpolate
  /// θ becomes what stands in the gradient's place.
  case assign
  case frozen
}

/// What keeps a meta-gradient small before the update.
package enum GradientLimit: Sendable, Equatable {
  case none
  /// Every number of the listed groups is cut off at ± the bound.
  case value(Double, groups: Set<String>)
  /// All numbers are scaled so that the norm over all groups is at most the bound.
  case norm(Double)
}

/// The inner products of a meta-batch's gradients, in episode order.
///
/// Over every group that the optimizer updates by a gradient.
package struct EpisodeProducts: Sendable {
  package let count: Int
  private let values: [Double]

  /// `values` are `count` × `count` numbers, row by row.
  package init(count: Int, _ values: [Double]) {
    precondition(values.count == count * count, "\(values.count) products of \(count) episodes")
    self.count = count
    self.values = values
  }

  package subscript(_ first: Int, _ second: Int) -> Double { values[first * count + second] }

  /// 0 where either gradient vanishes.
  package func cosine(_ first: Int, _ second: Int) -> Double {
    let size = (self[first, first] * self[second, second]).squareRoot()
    return size > 0 ? self[first, second] / size : 0
  }

  /// The mean cosine over all pairs of episodes; 0 for a single one.
  package var meanCosine: Double {
    guard count > 1 else { return 0 }
    var sum = 0.0
    for first in 0..<count { for second in 0..<first { sum += cosine(first, second) } }
    return sum / Double(count * (count - 1) / 2)
  }
}

/// What an outer step found, for a method to make its probes of.
package struct MeasuredProbes {
  /// What `probeTensors` are called, in the order of the two below.
  package let keys: [String]
  /// Each of `probeTensors`, averaged over the meta-batch.
  package let averages: [[Float]]
  /// The same of the meta-batch's last episode alone.
  package let last: [[Float]]
  /// The same of every episode, by the tensor's place.
  private let perEpisode: (_ tensor: Int) -> [[Float]]
  /// Hyperparameters and derived settings as they were in the step.
  package let settings: [String: Double]
  /// Inner products of the episodes' gradients.
  package let products: EpisodeProducts
  /// ‖g‖ of the averaged meta-gradient by group.
  package let gradientNorms: [String: Double]
  /// The outer rate of each group in the step.
  package let rates: [String: Double]
  /// ‖g‖ of the online groups after each inner step, where a method has such.
  package let onlineNorms: [Double]
  /// What the meta-gradient is worth, where that is measured.
  package let quality: GradientQuality?
  /// The same of the gradient that looks one step back alone, of a method with online groups.
  package let oneStepQuality: GradientQuality?

  package init(
    keys: [String] = [],
    averages: [[Float]],
    last: [[Float]] = [],
    episodes: @escaping (_ tensor: Int) -> [[Float]] = { _ in [] },
    settings: [String: Double],
    products: EpisodeProducts = EpisodeProducts(count: 0, []),
    gradientNorms: [String: Double] = [:],
    rates: [String: Double] = [:],
    onlineNorms: [Double] = [],
    quality: GradientQuality? = nil,
    oneStepQuality: GradientQuality? = nil
  ) {
    self.keys = keys
    self.averages = averages
    self.last = last
    perEpisode = episodes
    self.settings = settings
    self.products = products
    self.gradientNorms = gradientNorms
    self.rates = rates
    self.onlineNorms = onlineNorms
    self.quality = quality
    self.oneStepQuality = oneStepQuality
  }

  /// The average of the tensor with a name; empty where there is none.
  package subscript(_ key: String) -> [Float] {
    keys.firstIndex(of: key).map { averages[$0] } ?? []
  }

  /// The same of the last episode; nil where there is none.
  package func last(_ key: String) -> [Float]? {
    keys.firstIndex(of: key).flatMap { last.indices.contains($0) ? last[$0] : nil }
  }

  /// The same of every episode of the meta-batch; empty where there is none.
  package func episodes(_ key: String) -> [[Float]] {
    keys.firstIndex(of: key).map(perEpisode) ?? []
  }

  /// The average of a single number.
  package func number(_ key: String) -> Float? { self[key].first }
}
