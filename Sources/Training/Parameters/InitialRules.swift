import Files
import MetaLearning
import Models

/// What becomes of a run's parameters that a file of initial parameters does not have.
///
/// A group of which the file has nothing is always drawn: it is another method's or model's.
package struct InitialRules: Sendable, Equatable {
  /// Draw what a group lacks that the file has a part of, which is mostly a mistake in a name.
  package var drawsMissing = false
  /// Draw the layers that tell classes apart, whatever the file has of them.
  package var drawsHead = false

  package init() {}
}

/// What a file of initial parameters had, and what it had not.
package struct InitialReport: Sendable, Equatable {
  /// Groups that were drawn as wholes.
  var groups: [String] = []
  /// Parameters that were drawn one by one.
  var drawn: [String] = []
  /// Tensors of the file that nobody asked for.
  var unused: [String] = []

  /// What a person should know, as the end of a sentence about the file.
  var text: String {
    var parts: [String] = []
    if !groups.isEmpty { parts.append("initialised here: \(groups.joined(separator: ", "))") }
    if !drawn.isEmpty { parts.append("drawn anew: \(NameList(drawn).text)") }
    if !unused.isEmpty { parts.append("not used: \(NameList(unused).text)") }
    return parts.map { "; " + $0 }.joined()
  }
}

extension TensorFile {
  /// Tensors that hold parameters and were not asked for; an optimizer's state and counters of whole
  /// numbers are nobody's parameters.
  func unused(_ used: Set<String>) -> [String] {
    tensors.filter { tensor in
      tensor.dtype.isFloat && !used.contains(tensor.name) && !tensor.name.hasPrefix("optimizer.")
    }
    .map(\.name)
  }

  /// A tensor's numbers, all of which must be some; `things` is what they are.
  func finiteFloats(
    named name: String,
    of things: String = "parameters"
  ) throws(SafetensorsError) -> [Float] {
    let values = try floats(named: name)
    guard let place = values.firstIndex(where: { !$0.isFinite }) else { return values }
    var (rest, index) = (place, [Int]())
    for size in (shape(named: name) ?? []).reversed() {
      index.insert(rest % size, at: 0)
      rest /= size
    }
    let value = values[place].isNaN ? "NaN, which is no number," : "an infinity"
    throw SafetensorsError(
      path: path,
      reason: "\(name) has \(value) at \(index); give \(things) that are all finite numbers"
    )
  }
}

extension ParameterState {
  /// Takes every meta-parameter the file has; moments and counters stay as they are.
  ///
  /// - Returns: what was drawn instead, and what the file has besides.
  /// - Throws: when a shape does not fit, a value is not a number, a group is there in part, or the file has
  ///   no parameter of this run.
  func load(
    _ file: TensorFile,
    _ rules: InitialRules = InitialRules()
  ) throws(SafetensorsError) -> InitialReport {
    var report = InitialReport()
    var used: Set<String> = []
    var found: Set<String> = []
    var missing: [ParameterSpecification] = []
    for (index, specification) in layout.specifications.enumerated() {
      let name = specification.names.first { file.shape(named: $0) != nil }
      if rules.drawsHead, specification.isHead {
        report.drawn.append(specification.name)
        if let name { used.insert(name) }
        continue
      }
      guard let name else {
        missing.append(specification)
        continue
      }
      try check(file, name, specification)
      let values = specification.reordered(try file.finiteFloats(named: name), toStored: false)
      parameters.write(values, at: layout.offsets[index])
      used.insert(name)
      found.insert(specification.group)
    }
    guard !found.isEmpty else {
      throw SafetensorsError(
        path: file.path,
        reason: "has none of this run's parameters; their names begin with "
          + layout.groups.map { $0.name + "." }.joined(separator: ", ")
      )
    }
    report.unused = file.unused(used)
    let parts = missing.filter { found.contains($0.group) }.map(\.name)
    guard parts.isEmpty || rules.drawsMissing else {
      throw Self.incomplete(file, parts, report.unused)
    }
    report.drawn += parts
    report.groups = layout.groups.map(\.name).filter { group in
      missing.contains { $0.group == group } && !found.contains(group)
    }
    lastGood.copy(from: parameters)
    return report
  }

  private static func incomplete(
    _ file: TensorFile,
    _ missing: [String],
    _ unused: [String]
  ) -> SafetensorsError {
    let besides = unused.isEmpty ? "" : " (it has \(NameList(unused).text), which nothing uses)"
    return SafetensorsError(
      path: file.path,
      reason: "has no \(NameList(missing).text), but others of the same group\(besides); put them "
        + "in, or give --initial-missing draw to have them drawn"
    )
  }

  private func check(
    _ file: TensorFile,
    _ name: String,
    _ specification: ParameterSpecification
  ) throws(SafetensorsError) {
    let (found, needed) = (file.shape(named: name) ?? [], specification.storedShape)
    guard found != needed else { return }
    let isOtherHead = specification.isHead && found.dropFirst() == needed.dropFirst()
    throw SafetensorsError(
      path: file.path,
      reason: isOtherHead
        ? "\(name) has shape \(found), a head for \(found[0]) outputs; this network has "
          + "\(needed[0]), so give --initial-head new to have its head drawn anew"
        : "\(name) has shape \(found); this network needs \(needed)"
    )
  }
}

extension ParameterSpecification {
  /// Whether it tells the classes apart: the model's head, or a method's own.
  fileprivate var isHead: Bool { layer == "head" }
}
