import CellGrid
import Testing

@Suite struct RectTests {
  /// Each part as `start+length`; hidden parts as `-`.
  private func columns(_ total: Int, _ extents: [Extent], gap: Int = 0) -> String {
    Rect(row: 0, column: 0, rows: 5, columns: total).splitColumns(extents, gap: gap)
      .map { $0.isEmpty ? "-" : "\($0.column)+\($0.columns)" }
      .joined(separator: " ")
  }

  @Test func flexiblePartsShareWhatIsLeft() {
    #expect(columns(30, [.flexible(), .flexible(), .flexible()]) == "0+10 10+10 20+10")
    #expect(columns(32, [.flexible(), .flexible(), .flexible()]) == "0+11 11+11 22+10")
    #expect(columns(30, [.fixed(4), .flexible()]) == "0+4 4+26")
    #expect(columns(41, [.flexible(weight: 3), .flexible(weight: 1)]) == "0+31 31+10")
    #expect(columns(30, [.flexible(atMost: 5), .flexible()]) == "0+5 5+25")
    #expect(columns(31, [.flexible(), .flexible()], gap: 1) == "0+15 16+15")
  }

  @Test func partsWithoutRoomAreHiddenLastFirst() {
    let parts: [Extent] = [.flexible(atLeast: 10), .flexible(atLeast: 8), .fixed(5)]
    #expect(columns(23, parts) == "0+10 10+8 18+5")
    #expect(columns(22, parts) == "0+12 12+10 -")
    #expect(columns(17, parts) == "0+17 - -")
    #expect(columns(9, parts) == "- - -")
    #expect(columns(0, parts) == "- - -")
  }

  @Test func partsNeverOverlapAndStayInside() {
    for total in 0...60 {
      for gap in 0...2 {
        let extents: [Extent] = [.flexible(atLeast: 3, weight: 2), .fixed(7), .flexible(atMost: 9)]
        let lengths = Extent.divide(total, extents, gap: gap)
        let gaps = gap * max(0, lengths.count { $0 > 0 } - 1)
        #expect(lengths.reduce(0, +) + gaps <= total)
        #expect(lengths.allSatisfy { $0 >= 0 })
      }
    }
  }

  @Test func rowsSplitTheSameWay() {
    let parts = Rect(row: 2, column: 3, rows: 10, columns: 7).splitRows(.fixed(1), .flexible())
    #expect(
      parts == [
        Rect(row: 2, column: 3, rows: 1, columns: 7), Rect(row: 3, column: 3, rows: 9, columns: 7),
      ]
    )
  }

  @Test func insetAndCentered() {
    let rect = Rect(row: 0, column: 0, rows: 10, columns: 20)
    #expect(rect.inset() == Rect(row: 1, column: 1, rows: 8, columns: 18))
    #expect(rect.inset(vertical: 9).isEmpty)
    #expect(rect.centered(rows: 4, columns: 10) == Rect(row: 3, column: 5, rows: 4, columns: 10))
    #expect(rect.centered(rows: 40, columns: 40) == rect)
  }
}
