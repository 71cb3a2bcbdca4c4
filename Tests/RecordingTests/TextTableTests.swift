import Testing

@testable import Recording

@Suite struct TextTableTests {
  private let table = TextTable(
    head: ["difference", "of loss", "equal"],
    rows: [
      ["CML s1 − MAML s1", "-0.0503 ± 0.0101", "3"],
      ["Trajectory Shifting s10 − Meta-SGD s11", "+0.1 ± 0.0101", "12"],
    ]
  )

  @Test("A name that leaves the numbers no room has a line of its own")
  func narrow() {
    #expect(
      table.text(width: 50) == """
        difference                         of loss   equal
        CML s1 − MAML s1          −0.0503 ± 0.0101       3
        Trajectory Shifting s10 − Meta-SGD s11
                                     +0.1 ± 0.0101      12

        """
    )
  }

  @Test("With room for all, nothing is broken")
  func wide() { #expect(table.text(width: 80) == table.text(.text)) }
}
