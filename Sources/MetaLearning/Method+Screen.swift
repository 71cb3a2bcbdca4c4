import Events
import Models

/// What a method shows of itself: nothing but declarations, which everybody can read without it.
///
/// Everything has a default, that of a method without numbers of its own; the panels' probes and the
/// moments' hyperparameters are the method's.
package protocol ScreenDeclaration: Sendable {
  /// The panels that its probes are shown in, the most telling first.
  func panels(for model: any Model) -> [PanelDescription]

  /// The moments that it adds to an outer step, or has in another's place.
  func moments(for model: any Model) -> [MomentDescription]

  /// What adapting to a task is made of under these values.
  func adaptationAxis(_ values: HyperparameterValues) -> AdaptationAxis

  /// On what the loss of each step is measured.
  var stepLoss: StepLoss { get }
}

extension ScreenDeclaration {
  package func panels(for model: any Model) -> [PanelDescription] { [] }
  package func moments(for model: any Model) -> [MomentDescription] { [] }
  package var stepLoss: StepLoss { .query }

  /// Inner steps, as many as the hyperparameter of that role says; one go where there is none.
  package func adaptationAxis(_ values: HyperparameterValues) -> AdaptationAxis {
    let steps = values.descriptors.first { $0.role == .innerSteps }
    return steps.map { .innerSteps(count: values.integer($0.id)) } ?? .once
  }
}

extension Method {
  /// All of the method's own probes below each other, which is enough for most panels.
  func panelOfProbes(id: String, title: String, for model: any Model) -> PanelDescription {
    PanelDescription(id: id, title: title, parts: [.rows(probes(for: model).map(\.key))])
  }
}
