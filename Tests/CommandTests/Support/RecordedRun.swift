import Files
import Foundation

/// A run directory as the program left it.
struct RecordedRun {
  let path: String
  let configuration: JSONValue
  let metrics: [JSONValue]
  let events: [JSONValue]
  let state: JSONValue
  let summary: JSONValue
  let last: TensorFile

  init(_ path: String) throws {
    self.path = path
    configuration = try JSONValue(parsing: SystemFile.read(path + "/config.json"))
    metrics = try Self.lines(path + "/metrics.jsonl")
    events = try Self.lines(path + "/events.jsonl")
    state = try JSONValue(parsing: SystemFile.read(path + "/state.json"))
    summary = try JSONValue(parsing: SystemFile.read(path + "/summary.json"))
    last = try TensorFile(reading: path + "/checkpoints/last.safetensors")
  }

  /// The runs under a folder, in the order of their names.
  static func all(under folder: String) throws -> [RecordedRun] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map {
      try RecordedRun(folder + "/" + $0)
    }
  }

  /// The query loss of every recorded outer step.
  var losses: [Double] { metrics.compactMap { $0["query_loss"]?.double } }

  /// The bytes of every tensor, whatever the metadata beside them says.
  var tensors: [String: [UInt8]] {
    Dictionary(uniqueKeysWithValues: last.tensors.map { ($0.name, Array($0.bytes)) })
  }

  private static func lines(_ path: String) throws -> [JSONValue] {
    try SystemFile.read(path).split(separator: UInt8(ascii: "\n")).map {
      try JSONValue(parsing: Array($0))
    }
  }
}

extension JSONValue {
  /// The keys of an object, in their order.
  var keys: [String] {
    if case .object(let fields) = self { fields.map(\.key) } else { [] }
  }
}
