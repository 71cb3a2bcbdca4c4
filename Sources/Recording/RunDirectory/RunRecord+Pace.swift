import Events
import Files

extension RunRecord {
  /// Says in `config.json` how often probes are measured; on a full disk at another time.
  mutating func notePace() {
    guard let pace, let bytes = try? environment.files.read(directory.configuration) else { return }
    guard let document = try? JSONView(bytes) else {
      self.pace = nil
      return
    }
    let key = "probe_pace"
    let fields = document.fields.filter { $0.0 != key }.map { JSONField($0.0, .view($0.1)) }
    let whole = JSONValue.object(fields + [JSONField(key, pace.json)]).encoded(onLines: true)
    do {
      if whole != bytes { try environment.files.replace(directory.configuration, whole, true) }
      self.pace = nil
    } catch {}
  }
}

extension ProbePace {
  fileprivate var json: JSONValue {
    [
      "cost": .number(cost),
      "every": every.map { .integer($0) } ?? .null,
      "early_every": early.map { .integer($0.every) } ?? .null,
      "early_until": early.map { .integer($0.until) } ?? .null,
      "watched_every": .integer(watchedEvery),
      "share": .number(Self.share),
      "watched_share": .number(Self.watchedShare),
    ]
  }
}
