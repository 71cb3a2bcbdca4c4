import Files
import Kernels
import MetaLearning
import Models

extension ParameterState {
  /// Meta-parameters and optimizer state under their stored names and in PyTorch's layouts.
  func tensorFile(metadata: [String: String]) -> TensorFile {
    var file = TensorFile(metadata: metadata)
    for (prefix, buffer) in [
      ("", parameters), ("optimizer.first_moment.", firstMoment),
      ("optimizer.second_moment.", secondMoment),
    ] {
      for (index, specification) in layout.specifications.enumerated() {
        let values = buffer.values(layout.range(index))
        file.append(
          prefix + specification.name,
          shape: specification.storedShape,
          floats: specification.reordered(values, toStored: true)
        )
      }
    }
    return file
  }
}

extension ParameterState {
  /// Takes everything back that `tensorFile` wrote: parameters and the optimizer's moments.
  ///
  /// - Throws: when something is missing or has another shape.
  func restore(_ file: TensorFile, updates: Int) throws(SafetensorsError) {
    for (prefix, buffer) in [
      ("", parameters), ("optimizer.first_moment.", firstMoment),
      ("optimizer.second_moment.", secondMoment),
    ] {
      for (index, specification) in layout.specifications.enumerated() {
        let name = prefix + specification.name
        guard file.shape(named: name) == specification.storedShape else {
          let found = file.shape(named: name).map { "has shape \($0)" } ?? "is missing"
          throw SafetensorsError(
            path: file.path,
            reason: "\(name) \(found); this run needs \(specification.storedShape)"
          )
        }
        let values = specification.reordered(try file.floats(named: name), toStored: false)
        buffer.write(values, at: layout.offsets[index])
      }
    }
    self.updates = updates
    lastGood.copy(from: parameters)
  }
}

extension RunConfiguration {
  /// Refuses a file of initial parameters that does not fit this run.
  package func checkInitial() throws(SafetensorsError) {
    guard let initial else { return }
    if let supervised { return try supervised.checkInitial(initial, initialRules, values) }
    let layout = ParameterLayout(method.metaParameters(for: model))
    _ = try ParameterState(layout: layout, seed: seed).load(initial, initialRules)
  }
}

extension ParameterSpecification {
  /// The names under which a file may hold the parameter; a perturbation's go without prefix too.
  var names: [String] {
    group == "perturbation" ? [name, String(name.dropFirst("perturbation.".count))] : [name]
  }

  /// Values from the engine's layout to the stored one, or back.
  func reordered(_ values: [Float], toStored: Bool) -> [Float] {
    let sources = order.sources()
    if toStored { return sources.map { values[$0] } }
    var result = values
    for (place, source) in sources.enumerated() { result[source] = values[place] }
    return result
  }
}
