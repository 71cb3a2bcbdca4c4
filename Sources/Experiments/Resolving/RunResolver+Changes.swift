import MetaLearning
import Recording
import Training

extension RunResolver {
  /// What changes in a run on the way, or the sentence that says why it cannot.
  func changes(of run: RunConfiguration) throws(ConfigurationError) -> [RunConfiguration.Change] {
    let method = run.method.descriptor.id
    var changes: [RunConfiguration.Change] = []
    for change in options.changes where [nil, method].contains(change.setting.method) {
      guard let descriptor = run.values.descriptor(change.setting.id) else { continue }
      guard !descriptor.isFixed else {
        throw problem(change.setting, "\(descriptor.id): is decided before a run starts; use set")
      }
      do {
        let value = try descriptor.parse(change.setting.text)
        changes.append(.init(step: change.step, id: descriptor.id, value: value))
      } catch {
        throw problem(change.setting, "\(error)")
      }
    }
    // In the order they were written where they are of one step.
    return changes.enumerated().sorted {
      ($0.element.step, $0.offset) < ($1.element.step, $1.offset)
    }
    .map(\.element)
  }

  /// Gives a run what changes on the way, and the options that make it again.
  func finish(_ run: inout RunConfiguration) throws(ConfigurationError) {
    run.changes = try changes(of: run)
    run.options = record(run)
  }

  /// The form in which a run keeps them.
  static func text(_ changes: [RunConfiguration.Change], _ values: HyperparameterValues) -> String?
  {
    guard !changes.isEmpty else { return nil }
    return changes.map { change in
      let text = values.descriptor(change.id)?.format(change.value) ?? "\(change.value)"
      return "\(change.step):\(change.id)=\(text)"
    }.joined(separator: " ")
  }
}
