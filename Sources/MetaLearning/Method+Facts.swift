import Models

/// Another way to train a method, with hyperparameters of its own.
package struct MethodForm: Sendable {
  /// The hyperparameter that chooses it, and the value that it has then.
  package let hyperparameter: String
  package let value: String
  package let method: any Method

  package init(hyperparameter: String, value: String, method: any Method) {
    self.hyperparameter = hyperparameter
    self.value = value
    self.method = method
  }

  /// As it is set: `protocol=joint`.
  package var setting: String { "\(hyperparameter)=\(value)" }
}

/// What the descriptor need not say, because the method itself does.
extension Method {
  package var forms: [MethodForm] { [] }

  /// What adapts to a task: the groups of the network's parameters in which one does.
  package var whatAdapts: String {
    if let adapts = descriptor.adapts { return adapts }
    let model = ModelSamples.numbers
    let values = HyperparameterValues(hyperparameters(for: model))
    let groups = model.parameters.filter { isAdapted($0.name, values) }.map(\.group)
    let names = groups.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    return names.isEmpty ? "nothing" : names.joined(separator: " and ")
  }

  /// Of the derivatives in its meta-gradient.
  package var gradientOrder: MethodDescriptor.Order {
    if let order = descriptor.order { return order }
    let descriptors = hyperparameters(for: ModelSamples.numbers)
    if descriptors.contains(where: { $0.role == .firstOrder }) { return .either }
    return isMetaGradientExact(HyperparameterValues(descriptors)) ? .second : .first
  }

  /// Its page in Documentation/Methods, without `.md`.
  package var page: String { descriptor.page ?? String(describing: type(of: self)) }
}

/// Small networks of each kind, to ask a method what it has of hyperparameters.
package enum ModelSamples {
  package static let numbers: any Model = MLP(inputs: 1, hidden: [2], outputs: 2)
  package static let nodes: any Model = GCN(inputs: 3, width: 2, outputs: 2)
  package static let pictures: any Model = ConvNet(
    height: 28,
    width: 28,
    inputChannels: 1,
    channels: 4,
    outputs: 2,
    depth: 4
  )
}
