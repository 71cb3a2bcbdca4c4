import Tasks

/// The lines of `metrics.jsonl` or `events.jsonl` that a resumed run keeps.
enum RecordedLines {
  /// Whole lines of outer steps up to `step`, in order; what was written after the checkpoint, or
  /// only half, is made again.
  static func kept(_ bytes: [UInt8], upTo step: Int) -> [UInt8] {
    var kept: [UInt8] = []
    kept.reserveCapacity(bytes.count)
    var start = 0
    while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
      let line = bytes[start..<end]
      if isKept(line, upTo: step) { kept += bytes[start...end] }
      start = end + 1
    }
    return kept
  }

  private static func isKept(_ line: ArraySlice<UInt8>, upTo step: Int) -> Bool {
    guard let value = try? JSONReader.parse(line), let own = value["step"]?.integer else {
      return false
    }
    // A run that ended after its last step has said so; it has not ended any more.
    let isEnd =
      value["event"] == .string("status") && value["status"] != .string("paused")
      || value["meta_test"] == .bool(true)
    return own <= step && !(isEnd && own == step)
  }
}

/// A `config.json` of a run that goes on.
extension JSONValue {
  /// The same with other steps, and a line about the resumption.
  func resumed(after step: Int, total: Int, at time: Double) -> JSONValue {
    guard case .object(var fields) = self else { return self }
    let entry: JSONValue = ["after_step": .integer(step), "t": .number(time)]
    let before = self["resumed"]?.array ?? []
    fields = fields.map { $0.key == "steps" ? JSONField("steps", .integer(total)) : $0 }
    fields.removeAll { $0.key == "resumed" }
    return .object(fields + [JSONField("resumed", .array(before + [entry]))])
  }
}
