import Models

extension Method {
  /// The network as the literature has it for most methods.
  package var modelDefaults: ModelStyle { ModelStyle() }
}
