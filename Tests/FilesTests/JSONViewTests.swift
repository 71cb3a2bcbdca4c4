import Files
import Testing

@Suite("JSON read where it stands")
struct JSONViewTests {
  private static let text = """
     { "a" : [ 1 , -2.5e3 ,"x, ]}\\"" , [ ] , { } ] , "b":{"c\\u0064":true , "e":null},
      "\\u00e9\\n":"ü\\ud83d\\ude42", "number" : 20000000000000000000 , "false":false }
    """

  @Test("Values are found among space, nesting and strings that look like structure")
  func values() throws {
    let view = try JSONView(Array(Self.text.utf8))
    #expect(view.isObject && !view.isArray)
    let elements = Array(view.elements("a"))
    #expect(elements.count == 5)
    #expect(elements[0].integer == 1 && elements[0].double == 1)
    #expect(elements[1].double == -2500 && elements[1].integer == nil)
    #expect(elements[2].string == "x, ]}\"" && elements[2].double == nil)
    #expect(elements[3].isArray && Array(elements[3].elements).isEmpty)
    #expect(elements[4].isObject && Array(elements[4].fields).isEmpty)
    #expect(view["b"]?["cd"]?.bool == true && view["b"]?["e"]?.isNull == true)
    #expect(view["é\n"]?.string == "ü🙂")
    #expect(view["number"]?.integer == nil && view["number"]?.double == 20_000_000_000_000_000_000)
    #expect(view["false"]?.bool == false && view["b"]?.bool == nil)
    #expect(view.fields.map(\.key) == ["a", "b", "é\n", "number", "false"])
    #expect(view["none"] == nil && elements[0]["a"] == nil && Array(view.elements("b")).isEmpty)
  }

  @Test("A view agrees with the tree of the same text, value by value")
  func agreesWithTheTree() throws {
    func expectSame(_ view: JSONView, _ tree: JSONValue) {
      #expect(view.string == tree.string && view.integer == tree.integer)
      #expect(view.double == tree.double && view.isArray == (tree.array != nil))
      for (own, other) in zip(view.elements, tree.array ?? []) { expectSame(own, other) }
      guard case .object(let fields) = tree else { return }
      #expect(view.fields.map(\.key) == fields.map(\.key))
      for field in fields {
        let own = view[field.key]
        #expect(own != nil)
        if let own { expectSame(own, field.value) }
      }
    }
    expectSame(try JSONView(Array(Self.text.utf8)), try JSONValue(parsing: Self.text.utf8))
  }

  @Test("What was read is written again as it stood")
  func writtenAgain() throws {
    let view = try JSONView(Array(Self.text.utf8))
    let fields = view.fields.map { JSONField($0.key, .view($0.value)) }
    let again = JSONValue.object(fields).encoded()
    #expect(try JSONValue(parsing: again) == JSONValue(parsing: Self.text.utf8))
  }

  @Test(
    "A key that comes twice is refused, however it is spelled",
    arguments: [
      #"{"a":1,"b":2,"\u0061":3}"#, #"{"x":{"b":1,"b":2}}"#, #"{"":1,"":2}"#,
      #"{"é":1,"\u00e9":2}"#,
    ]
  )
  func duplicates(text: String) {
    let error = #expect(throws: JSONError.self) { try JSONView(Array(text.utf8)) }
    #expect(error?.reason.hasSuffix("appears twice") == true)
  }

  @Test("Equal keys of different objects are no duplicates, and too many keys are refused")
  func keys() throws {
    _ = try JSONView(Array(#"{"a":{"a":{"a":1},"b":{"a":2}},"b":[{"a":1},{"a":2}]}"#.utf8))
    let many = "{" + (0...20_000).map { "\"\($0)\":0" }.joined(separator: ",") + "}"
    let error = #expect(throws: JSONError.self) { try JSONView(Array(many.utf8)) }
    #expect(error?.reason == "too many keys")
  }
}
