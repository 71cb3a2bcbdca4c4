import Files
import Foundation

@testable import Recording
@testable import metatop

/// What the event files of a folder tell a reader that takes them in the order of their names and
/// heeds the markers of sessions.
struct ToldRun {
  /// By tag, every step as often as it stands there.
  private(set) var steps: [String: [Int]] = [:]
  /// The first file's hyperparameters, as readers keep them: a field each.
  private(set) var settings: [String] = []

  init(_ folder: String) throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasPrefix("events.out.tfevents.") }.sorted()
    for name in names { take(try SystemFile.read(folder + "/" + name)) }
  }

  private mutating func take(_ file: [UInt8]) {
    var rest = file[...]
    while rest.count >= 16 {
      let length = rest.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
      guard rest.count >= 16 + length else { return }
      event(rest.dropFirst(12).prefix(length))
      rest = rest.dropFirst(16 + length)
    }
  }

  private mutating func event(_ bytes: ArraySlice<UInt8>) {
    let fields = Array(MessageFields(bytes))
    let step =
      fields.lazy.compactMap { field -> Int? in
        if field.number == 2, case .number(let step) = field.content { return Int(step) }
        return nil
      }.first ?? 0
    for field in fields {
      guard case .bytes(let content) = field.content else { continue }
      // A session's start takes back what came before from its step on.
      if field.number == 7 { steps = steps.mapValues { $0.filter { $0 < step } } }
      if field.number == 5 { summary(content, step) }
    }
  }

  private mutating func summary(_ bytes: ArraySlice<UInt8>, _ step: Int) {
    for case .bytes(let value) in MessageFields(bytes).map(\.content) {
      let fields = Array(MessageFields(value))
      guard case .bytes(let name)? = fields.first(where: { $0.number == 1 })?.content else {
        continue
      }
      let tag = String(decoding: name, as: UTF8.self)
      if tag == "_hparams_/session_start_info" {
        let text = String(decoding: value, as: UTF8.self)
        if settings.isEmpty { settings = text.split(separator: "\u{0A}").map(String.init) }
      } else if fields.contains(where: { $0.number == 2 }) {
        steps[tag, default: []].append(step)
      }
    }
  }
}
