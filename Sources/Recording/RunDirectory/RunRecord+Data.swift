import Files

extension RunRecord {
  /// Writes `data.json`: what the run is trained on from here.
  func note(data: JSONValue) throws(RunDirectoryError) {
    do {
      try environment.files.replace(directory.data, data.encoded(onLines: true), true)
    } catch {
      throw Self.full(error)
    }
  }

  /// Says in `config.json` where data lie that were moved, so that the next start finds them.
  func noteMoved(_ options: [String: String]) throws(RunDirectoryError) {
    do {
      let document = try? JSONView(environment.files.read(directory.configuration))
      guard let document, let before = document["options"] else { return }
      let moved = ["task", "episodes", "validation-episodes"].filter { key in
        options[key] != nil && before[key]?.string != options[key]
      }
      guard !moved.isEmpty else { return }
      let own = before.fields.map { key, value in
        JSONField(key, moved.contains(key) ? .string(options[key] ?? "") : .view(value))
      }
      let fields = document.fields.map { key, value in
        JSONField(key, key == "options" ? .object(own) : .view(value))
      }
      let bytes = JSONValue.object(fields).encoded(onLines: true)
      try environment.files.replace(directory.configuration, bytes, true)
    } catch {
      throw Self.full(error)
    }
  }
}
