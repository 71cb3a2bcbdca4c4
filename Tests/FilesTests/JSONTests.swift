import Files
import Testing

@Suite("JSON")
struct JSONTests {
  @Test("What is written reads back")
  func roundTrip() throws {
    let value: JSONValue = [
      "text": "quote \" backslash \\ newline \n escape \u{1B} é 🙂",
      "numbers": [0, -7, 0.1, 1e-300, -2.5e20],
      "rest": [true, false, .null, [], [:]],
    ]
    #expect(try JSONValue(parsing: value.encoded()) == value)
    #expect(try JSONValue(parsing: value.encoded(onLines: true)) == value)
  }

  @Test("Hostile text never leaves as a control character")
  func controlCharacters() {
    let bytes = JSONValue.string("\u{1B}[2J\u{07}\u{7F}").encoded()
    #expect(String(decoding: bytes, as: UTF8.self) == "\"\\u001b[2J\\u0007\\u007f\"\n")
  }

  @Test("Numbers that are not finite are null")
  func notFinite() {
    #expect(
      JSONValue.array([.number(.nan), .number(.infinity)]).encoded() == Array("[null,null]\n".utf8)
    )
  }

  @Test(
    "Escapes are understood",
    arguments: [
      (#""\u00e9\ud83d\ude42\/\b\f\r\t""#, "é🙂/\u{08}\u{0C}\r\t"),
      (#""""#, ""),
    ]
  )
  func escapes(text: String, expected: String) throws {
    #expect(try JSONValue(parsing: text.utf8) == .string(expected))
  }

  @Test(
    "What is not JSON is refused with its place",
    arguments: [
      ("", "not a JSON value at byte 0"),
      ("{\"a\":1,}", "expected \" at byte 7"),
      ("[1 2]", "expected ] at byte 3"),
      ("{\"a\":1,\"a\":2}", "\"a\" appears twice at byte 7"),
      ("01", "not a JSON value at byte 2"),
      ("1.", "a number without digits after its point at byte 2"),
      ("1e999", "a number too large at byte 5"),
      ("\"a", "a string without an end at byte 2"),
      ("\"\\ud800\"", "half of a surrogate pair at byte 8"),
      ("\"\\x\"", "an escape that JSON does not have at byte 3"),
      ("\"\n\"", "a control character in a string at byte 2"),
      ("null x", "unexpected text after the end at byte 5"),
      ("nul", "not a JSON value at byte 0"),
    ]
  )
  func refusals(text: String, message: String) {
    let error = #expect(throws: JSONError.self) { try JSONValue(parsing: text.utf8) }
    #expect(error?.description == message)
  }

  @Test("Nesting is bounded, so that no text exhausts the stack")
  func nesting() {
    let text = String(repeating: "[", count: 1_000_000)
    let error = #expect(throws: JSONError.self) { try JSONValue(parsing: text.utf8) }
    #expect(error?.reason == "nested too deeply")
  }

  @Test("Invalid UTF-8 is refused")
  func encoding() {
    #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22, 0xC3, 0x28, 0x22]) }
  }
}
