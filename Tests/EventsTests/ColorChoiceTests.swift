import Testing

@testable import Events

@Suite("Every run has a colour of its own, and keeps it")
struct ColorChoiceTests {
  private func choose(_ wishes: (Int?, Int)..., besides: Set<Int> = []) -> [Int] {
    ColorChoice.choose(
      wishes.map { ColorChoice.Wish(recorded: $0.0, preferred: $0.1) },
      besides: besides
    )
  }

  @Test func aMethodsOwnOrTheNextThatIsFree() {
    #expect(choose((nil, 0), (nil, 1), (nil, 2)) == [0, 1, 2])
    #expect(choose((nil, 1), (nil, 1), (nil, 1)) == [1, 2, 3])
    #expect(choose((nil, 7), (nil, 7)) == [7, 0])
    #expect(choose((nil, 1), besides: [1, 2]) == [3])
  }

  @Test func whatWasRecordedComesFirst() {
    #expect(choose((nil, 4), (4, 0)) == [5, 4])
    // Of two comparisons with the same colour: the first keeps it.
    #expect(choose((0, 0), (0, 0), (1, 1)) == [0, 2, 1])
  }

  @Test func beyondEightTheyBeginAgain() {
    let all = ColorChoice.choose((0..<16).map { ColorChoice.Wish(preferred: $0) })
    #expect(Set(all.prefix(8)).count == 8 && Set(all.suffix(8)).count == 8)
  }

  @Test func whateverAFileSaysIsAColour() {
    #expect(choose((-3, 0), (Int.max, 0), (Int.min, 0)).allSatisfy { (0..<8).contains($0) })
    #expect((0..<8).contains(ColorChoice.preferred(by: "")))
    // The same in every process.
    #expect(ColorChoice.preferred(by: "tomorrow") == ColorChoice.preferred(by: "tomorrow"))
  }
}
