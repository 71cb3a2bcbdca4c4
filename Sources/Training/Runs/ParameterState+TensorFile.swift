import Files
import Kernels
import MetaLearning
import Models

extension ParameterState {
  /// Meta-parameters and optimizer state under their stored names and in PyTorch's layouts.
  func tensorFile(metadata: [String: String]) -> TensorFile {
    var metadata = metadata
    for (group, updates) in zip(layout.groups, groupUpdates)
    where updates != self.updates && group.name != RunningStatistics.group {
      metadata[Self.updatesKey(group.name)] = String(updates)
    }
    var file = TensorFile(metadata: metadata)
    for (prefix, buffer) in [
      ("", parameters), ("optimizer.first_moment.", firstMoment),
      ("optimizer.second_moment.", secondMoment),
    ] {
      for (index, specification) in layout.specifications.enumerated() {
        let values = buffer.values(layout.range(index))
        file.append(
          prefix + specification.storedName,
          shape: specification.storedShape,
          floats: specification.reordered(values, toStored: true)
        )
      }
    }
    lasting?.append(to: &file)
    best?.append(to: &file)
    return file
  }

  /// Where a checkpoint says how many updates a group has had, if not as many as the run.
  fileprivate static func updatesKey(_ group: String) -> String { "updates.\(group)" }
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
        let name = prefix + specification.storedName
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
    groupUpdates = layout.groups.map { group in
      file.metadata[Self.updatesKey(group.name)].flatMap { Int($0) } ?? updates
    }
    try lasting?.restore(file, updates: updates)
    try best?.restore(file)
    lastGood.copy(from: parameters)
  }
}

extension RunConfiguration {
  /// Refuses a file of initial parameters that does not fit this run.
  package func checkInitial() throws(SafetensorsError) {
    guard let initial else { return }
    if let supervised { return try supervised.checkInitial(initial, initialRules, values) }
    if let batches {
      let trainee = BatchTrainee(self, batches, team: WorkerTeam(count: 1))
      _ = try trainee.load(initial, initialRules)
      return
    }
    let layout = ParameterLayout(method.metaParameters(for: model, shot: supportShot, values))
    _ = try ParameterState(layout: layout, seed: seed).load(initial, initialRules)
  }
}

extension ParameterSpecification {
  /// The names under which a file may hold the parameter.
  var names: [String] { [storedName] + otherNames }

  /// Values from the engine's layout to the stored one, or back.
  func reordered(_ values: [Float], toStored: Bool) -> [Float] {
    let sources = order.sources()
    if toStored { return sources.map { values[$0] } }
    var result = values
    for (place, source) in sources.enumerated() { result[source] = values[place] }
    return result
  }
}
