import Files

/// The lines of `metrics.jsonl` or `events.jsonl` that a resumed run keeps.
enum RecordedLines {
  /// Whole lines of outer steps up to `step`, in order; what was written after the checkpoint, or
  /// only half, is made again.
  static func keep(in bytes: inout [UInt8], upTo step: Int) {
    // They move to the front: a long log is in memory once.
    var (kept, start) = (0, 0)
    while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
      if isKept(bytes[start..<end], upTo: step) {
        if kept < start { for place in start...end { bytes[kept + place - start] = bytes[place] } }
        kept += end + 1 - start
      }
      start = end + 1
    }
    bytes.removeSubrange(kept...)
  }

  private static func isKept(_ line: ArraySlice<UInt8>, upTo step: Int) -> Bool {
    guard let value = try? JSONView(line), let own = value["step"]?.integer else {
      return false
    }
    // A run that ended after its last step has said so; it has not ended any more.
    let isEnd =
      value["event"]?.string == "status" && value["status"]?.string != "paused"
      || value["meta_test"]?.bool == true
    return own <= step && !(isEnd && own == step)
  }
}

/// A `config.json` of a run that goes on.
extension JSONView {
  /// The same with other steps, and a line about the resumption.
  func resumed(after step: Int, total: Int, color: Int?, at time: Double) -> JSONValue {
    let entry: JSONValue = [
      "after_step": .integer(step), "t": .number(time),
      "steps": self["steps"]?.integer.map { .integer($0) } ?? .null,
    ]
    var fields = fields.map { key, value in
      JSONField(key, key == "steps" ? .integer(total) : .view(value))
    }
    fields.removeAll { $0.key == "resumed" }
    if self["color"]?.integer == nil, let color {
      fields.removeAll { $0.key == "color" }
      fields.append(JSONField("color", .integer(color)))
    }
    return .object(fields + [JSONField("resumed", list("resumed", adding: entry))])
  }

  /// The list under a key with one element more; a new one where there is none.
  func list(_ key: String, adding element: JSONValue) -> JSONValue {
    .array(elements(key).map { .view($0) } + [element])
  }
}
