import Recording

extension TrainingOptions {
  /// Hyperparameters that change after an outer step; what a file has under `changes:`.
  package struct Change: Sendable, Equatable {
    package var step: Int
    package var setting: Setting

    package init(step: Int, setting: Setting) {
      (self.step, self.setting) = (step, setting)
    }
  }

  /// Reads the form in which a run keeps them: `170:maml.first-order=on 300:inner-lr=0.01`.
  static func changes(_ text: String, origin: String) throws(OptionValueError) -> [Change] {
    var changes: [Change] = []
    for word in text.split(separator: " ") {
      let parts = word.split(separator: ":", maxSplits: 1).map(String.init)
      guard parts.count == 2, let step = Int(parts[0]), step >= 0 else {
        throw OptionValueError("\"\(word)\" is not allowed; use STEP:ID=VALUE")
      }
      let pair = parts[1].split(separator: "=", maxSplits: 1).map(String.init)
      var options = TrainingOptions()
      try options.apply(setting: pair[0], pair.count == 2 ? pair[1] : "", origin: origin)
      changes += options.set.map { Change(step: step, setting: $0) }
    }
    return changes
  }
}

extension ConfigurationFile {
  /// `changes: [{step: 170, set: {maml.first-order: on}}]`: values that hold from outer step 171 on.
  func changes(_ entry: Entry) throws(ConfigurationError) -> [TrainingOptions.Change] {
    guard let elements = entry.value.sequence else { throw unsuited(entry.origin) }
    var changes: [TrainingOptions.Change] = []
    for element in elements {
      let own = Entry(path: entry.path, key: element, value: element)
      let place = "\(own.place): changes"
      guard element.mapping != nil else { throw unsuited(place) }
      let fields = try own.fields(of: "changes", example: Self.example)
      for field in fields where !["step", "set"].contains(field.name) {
        throw ConfigurationError(
          .badData,
          "\(field.origin): is no part of a change; use step and set"
        )
      }
      guard let text = try fields.first(where: { $0.name == "step" })?.text(),
        let step = Int(text), step >= 0,
        let settings = try fields.first(where: { $0.name == "set" })?.settings()
      else { throw unsuited(place) }
      for setting in settings {
        var options = TrainingOptions()
        do {
          try options.apply(setting: setting.name, setting.text, origin: setting.place)
        } catch {
          throw ConfigurationError(.badData, "\(setting.place): set: \(error.reason)")
        }
        changes += options.set.map { .init(step: step, setting: $0) }
      }
    }
    return changes
  }

  private static let example = "{step: 170, set: {inner-lr: 0.01}}"

  private func unsuited(_ origin: String) -> ConfigurationError {
    ConfigurationError(
      .badData,
      "\(origin): is no list of changes; write lines such as - \(Self.example)"
    )
  }
}
