import Autodiff
import Events

/// The values of a run's hyperparameters; always complete, always within their ranges.
package struct HyperparameterValues: Sendable, Equatable {
  package let descriptors: [HyperparameterDescriptor]
  package private(set) var byID: [String: Double]

  /// Every hyperparameter at its default.
  package init(_ descriptors: [HyperparameterDescriptor]) {
    self.descriptors = descriptors
    byID = Dictionary(uniqueKeysWithValues: descriptors.map { ($0.id, $0.defaultValue) })
  }

  package func descriptor(_ id: String) -> HyperparameterDescriptor? {
    descriptors.first { $0.id == id }
  }

  /// Where hyperparameter number `index` lies in the settings space.
  package func settingOffset(_ index: Int) -> Int { index * Shape.scalar.paddedCount }

  /// Floats of the settings space.
  package var settingCount: Int { settingOffset(descriptors.count) }

  package mutating func set(_ id: String, to value: Double) throws(HyperparameterError) {
    guard let descriptor = descriptor(id) else {
      let known = descriptors.map(\.id).joined(separator: ", ")
      throw HyperparameterError("\(id): no such hyperparameter; use one of \(known)")
    }
    byID[id] = try descriptor.validated(value)
  }

  /// The same without hyperparameters that something else decides.
  package func without(_ ids: [String]) -> Self {
    var rest = Self(descriptors.filter { !ids.contains($0.id) })
    rest.byID = byID.filter { !ids.contains($0.key) }
    return rest
  }

  package func number(_ id: String) -> Double {
    guard let value = byID[id] else { preconditionFailure("no hyperparameter \(id)") }
    return value
  }

  package func integer(_ id: String) -> Int { Int(number(id)) }
  package func isOn(_ id: String) -> Bool { number(id) != 0 }

  package func choice(_ id: String) -> String {
    descriptor(id)?.format(number(id)) ?? ""
  }
}

extension HyperparameterValues {
  /// Whether the derivatives of the inner loop's gradients are dropped; off for methods that have
  /// no such choice.
  package var isFirstOrder: Bool {
    let id = StandardHyperparameters.firstOrder.id
    return descriptor(id) != nil && isOn(id)
  }

  /// Where derived setting number `index` lies, behind the hyperparameters.
  package func derivedOffset(_ index: Int) -> Int { settingOffset(descriptors.count + index) }

  /// The outer optimizer's rate at outer step `step` (0, 1, …).
  package func outerLearningRate(step: Int, totalSteps: Int) -> Double {
    let standard = StandardHyperparameters.self
    let schedule = standard.Schedule.allCases[integer(standard.outerSchedule.id)]
    return number(standard.outerLearningRate.id) * schedule.share(step: step, of: totalSteps)
  }
}

/// What convolutional models add; other models have none of it, and get what changes nothing.
extension HyperparameterValues {
  package var statistics: ConvolutionHyperparameters.Statistics {
    chosen(ConvolutionHyperparameters.statistics.id) ?? .transductive
  }

  package var isNormalisationAdapted: Bool {
    let id = ConvolutionHyperparameters.isNormalisationAdapted.id
    return descriptor(id) == nil || isOn(id)
  }

  /// The least exact algorithm a plan may take for a convolution.
  package var convolutions: Plan.Convolutions {
    switch chosen(ConvolutionHyperparameters.precision.id) ?? Precision.float32 {
    case .float32: break
    case .bfloat16x2: return .bfloat16x2
    case .bfloat16: return .bfloat16
    }
    return switch chosen(ConvolutionHyperparameters.algorithm.id) ?? Algorithm.direct {
    case .direct: .direct
    case .winograd: .winograd
    case .winograd4: .winograd4
    }
  }

  private typealias Precision = ConvolutionHyperparameters.Precision
  private typealias Algorithm = ConvolutionHyperparameters.Algorithm

  private func chosen<Choice: RawRepresentable<String>>(_ id: String) -> Choice? {
    descriptor(id) == nil ? nil : Choice(rawValue: choice(id))
  }
}
