import Kernels
import MetaLearning
import Models
import Tasks

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

  /// Takes every meta-parameter the file has; moments and counters stay as they are.
  ///
  /// - Returns: the groups of which the file has nothing, left as they were initialised.
  /// - Throws: when a shape does not fit, or when the file has no parameter of this run.
  func load(_ file: TensorFile) throws(SafetensorsError) -> [String] {
    var found: Set<String> = []
    for (index, specification) in layout.specifications.enumerated() {
      guard let name = specification.names.first(where: { file.shape(named: $0) != nil }) else {
        continue
      }
      guard file.shape(named: name) == specification.storedShape else {
        throw SafetensorsError(
          path: file.path,
          reason: "\(name) has shape \(file.shape(named: name) ?? []); this network needs "
            + "\(specification.storedShape)"
        )
      }
      let values = specification.reordered(try file.floats(named: name), toStored: false)
      parameters.write(values, at: layout.offsets[index])
      found.insert(specification.group)
    }
    guard !found.isEmpty else {
      throw SafetensorsError(
        path: file.path,
        reason: "has none of this run's parameters; their names begin with "
          + layout.groups.map { $0.name + "." }.joined(separator: ", ")
      )
    }
    lastGood.copy(from: parameters)
    return layout.groups.map(\.name).filter { !found.contains($0) }
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
    if let supervised { return try supervised.checkInitial(initial, values) }
    let layout = ParameterLayout(method.metaParameters(for: model))
    _ = try ParameterState(layout: layout, seed: seed).load(initial)
  }
}

extension ParameterSpecification {
  /// The names under which a file may hold the parameter; a perturbation's go without prefix too.
  fileprivate var names: [String] {
    group == "perturbation" ? [name, String(name.dropFirst("perturbation.".count))] : [name]
  }

  /// Values from the engine's layout to the stored one, or back.
  fileprivate func reordered(_ values: [Float], toStored: Bool) -> [Float] {
    let sources = order.sources()
    if toStored { return sources.map { values[$0] } }
    var result = values
    for (place, source) in sources.enumerated() { result[source] = values[place] }
    return result
  }
}
