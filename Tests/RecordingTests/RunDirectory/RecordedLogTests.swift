import Files
import Foundation
import TestSupport
import Testing

@testable import Recording

@Suite("A log that may be growing")
struct RecordedLogTests {
  private let folder: TemporaryFolder
  private let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder / "metrics.jsonl"
  }

  private func append(_ text: String) throws {
    try SystemFile.append(Array(text.utf8), to: path)
  }

  private func rest(_ log: inout RecordedLog) throws -> [String] {
    var lines: [String] = []
    while let line = try log.line() { lines.append(String(decoding: line, as: UTF8.self)) }
    return lines
  }

  @Test("Each line comes once, half a line when it is whole, later ones after a look")
  func growing() throws {
    try append("one\n\ntwo\nthr")
    var log = RecordedLog(path)
    #expect(try rest(&log) == ["one", "two"])
    try append("ee\nfour\n")
    #expect(try rest(&log).isEmpty, "nobody has looked again")
    log.refresh()
    #expect(try rest(&log) == ["three", "four"])
    log.refresh()
    #expect(try rest(&log).isEmpty)
  }

  @Test("A log of many pieces is read whole, lines across their borders too")
  func pieces() throws {
    let lines = (1...20_000).map { "line \($0) " + String(repeating: "x", count: $0 % 97) }
    try append(lines.joined(separator: "\n") + "\n")
    var log = RecordedLog(path)
    #expect(try rest(&log) == lines)
  }

  @Test("A line longer than any of ours is passed over, the next one is not")
  func overlong() throws {
    try append("one\n" + String(repeating: "x", count: 3 << 20) + "\ntwo\n")
    var log = RecordedLog(path)
    #expect(try rest(&log) == ["one", "two"])
  }

  @Test("What is no JSON is left out; a file that is not there has no lines")
  func views() throws {
    var missing = RecordedLog(folder / "none")
    #expect(throws: SystemError.self) { try missing.line() }
    #expect(try missing.view() == nil, "nobody has looked again")
    missing.refresh()
    #expect(throws: SystemError.self) { try missing.view() }
    try append("{\"step\":1}\nnonsense\n{\"step\":2}\n")
    var log = RecordedLog(path)
    #expect(try log.view()?["step"]?.integer == 1)
    #expect(try log.view()?["step"]?.integer == 2)
    #expect(try log.view() == nil)
  }

  @Test("The last line is found without the others")
  func last() throws {
    #expect(RecordedLog.last(of: path) == nil)
    try append(
      (1...50_000).map { "{\"step\":\($0)}" }.joined(separator: "\n") + "\nnonsense\n{\"st"
    )
    #expect(RecordedLog.last(of: path)?["step"]?.integer == 50_000)
  }

  @Test("Lines up to a step stay, others go, and the bytes of those that stay do not change")
  func kept() {
    let lines = [
      "{\"step\":1,\"a\":1}", "nonsense", "{\"step\":3}",
      "{\"step\":2,\"event\":\"status\",\"status\":\"stopped\"}",
      "{\"step\":2,\"event\":\"note\"}", "{\"step\":2,\"meta_test\":true}", "{\"step\":1}",
    ]
    var bytes = Array((lines.joined(separator: "\n") + "\n{\"step\":1").utf8)
    RecordedLines.keep(in: &bytes, upTo: 2)
    let expected = [lines[0], lines[4], lines[6]].joined(separator: "\n") + "\n"
    #expect(String(decoding: bytes, as: UTF8.self) == expected)
  }
}
