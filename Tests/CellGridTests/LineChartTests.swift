import CellGrid
import Testing

@Suite struct LineChartTests {
  private func chart(
    _ columns: Int = 40,
    _ rows: Int = 10,
    _ values: [[Float]],
    window: Double? = nil,
    isLogarithmic: Bool = false,
    marks: [LineChart.Mark] = [],
    spikes: [Int: Float] = [:],
    glyphs: Glyphs = .unicode
  ) -> String {
    let markers: [Unicode.Scalar] = glyphs.isUnicode ? ["●", "■"] : ["o", "x"]
    let series = values.enumerated().map { index, values in
      let samples = values.enumerated().map { x, value in
        LineChart.Sample(x: Double(x), low: value, high: spikes[x] ?? value, value: value)
      }
      let envelope = spikes.isEmpty ? nil : Style.plain
      return LineChart.Series(
        samples: samples,
        marker: markers[index],
        style: .plain,
        envelope: envelope
      )
    }
    var grid = CellGrid(size: GridSize(columns: columns, rows: rows))
    let chart = LineChart(
      series: series,
      marks: marks,
      window: 0...(window ?? Double((values.map(\.count).max() ?? 2) - 1)),
      isLogarithmic: isLogarithmic,
      unit: "step",
      axis: .plain,
      label: .plain,
      glyphs: glyphs
    )
    chart.draw(into: &grid, rect: Rect(grid.size))
    #expect(grid.violation == nil)
    return grid.dump()
  }

  @Test func aCurveWithAxesAndItsMarkerAtTheEnd() {
    #expect(
      chart(34, 8, [(0...20).map { Float($0) }]) == """
            20 ┤                     ⡠⠤⠒●
               │                ⢀⣀⠤⠒⠉
               │             ⡠⠒⠊⠁
            10 ┤        ⣀⡠⠔⠒⠉
               │    ⣀⠔⠒⠉
             0 ┤⡠⠤⠒⠉
               └┬───────────────────────┬
          step  0                      20
        """
    )
  }

  @Test func markersTellCurvesApart() {
    let falling = (0...20).map { 20 - Float($0) }
    #expect(
      chart(34, 8, [(0...20).map { Float($0) }, falling], glyphs: .ascii) == """
            20 +'--_                 _--o
               |    '--_        __--'
               |        ''-___-''
            10 +        __--'--__
               |    _--'        ''--_
             0 +_--'                 '--x
               ++-----------------------+
          step  0                      20
        """
    )
  }

  @Test func logarithmicAxis() {
    let values = (0...20).map { Float(1) / Float(1 << $0) + 0.001 }
    #expect(
      chart(34, 8, [values], isLogarithmic: true) == """
               │⢄
               │ ⠑⠢⡀
           0.1 ┤   ⠈⠒⢄
               │      ⠑⠢⡀
               │        ⠈⠒⢄
         0.001 ┤           ⠉⠒⠤⠤⢄⣀⣀⣀⣀⣀⣀⣀⣀●
               └┬───────────────────────┬
          step  0                      20
        """
    )
  }

  @Test func gapsWhereThereIsNoNumber() {
    let values: [Float] = [1, 1, .nan, 1, 1, .infinity, 2, 2]
    #expect(
      chart(34, 8, [values]) == """
           2.0 ┤                     ⠉⠉⠉●
               │
               │
           1.5 ┤
               │
           1.0 ┤⣀⣀⣀⣀      ⢀⣀⣀⣀⡀
               └┬────────────────────────
          step  0
        """
    )
  }

  @Test func noSpikeIsLost() {
    #expect(
      chart(30, 8, [[Float](repeating: 1, count: 1001)], spikes: [500: 3]) == """
             3 ┤          ⢘
               │          ⢐
               │          ⢐
             2 ┤          ⢐
               │          ⢐
             1 ┤⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀●
               └┬───────────────────┬
          step  0               1,000
        """
    )
  }

  /// With many columns the highest of them may leave the chart, but its top says so.
  @Test func aSpikeAboveTheChartIsMarked() {
    let picture = chart(60, 8, [[Float](repeating: 1, count: 1000)], spikes: [500: 3])
    #expect(picture.split(separator: "\n")[0].contains("▴"))
  }

  @Test func aWindowThatIsNotYetFull() {
    #expect(
      chart(34, 6, [[3, 2, 1]], window: 10) == """
             3 ┤⠱⡀
               │ ⠘⡄
             2 ┤  ⠈⢆
             1 ┤    ⠱●
               └┬───────────────────────┬
          step  0                      10
        """
    )
  }

  @Test func marksWithLabelsThatFit() {
    let marks = [
      LineChart.Mark(x: 2, label: "α 0.02", style: .plain),
      LineChart.Mark(x: 3, label: "hidden", style: .plain),
      LineChart.Mark(x: 9, label: "too long here", style: .plain),
      LineChart.Mark(x: 99, label: "outside", style: .plain),
    ]
    #expect(
      chart(34, 6, [[1, 1, 1]], window: 10, marks: marks) == """
           1.1 ┤     ┊α 0.02          ┊
               │     ┊ ┊              ┊
           1.0 ┤⠉⠉⠉⠉⠉● ┊              ┊
           0.9 ┤     ┊ ┊              ┊
               └┬───────────────────────┬
          step  0                      10
        """
    )
  }

  @Test(arguments: [(0, 0), (1, 1), (16, 8), (34, 3), (8, 40)])
  func withoutRoomNothingIsDrawn(columns: Int, rows: Int) {
    let isBlank = chart(columns, rows, [[1, 2, 3]]).allSatisfy { $0 == "\n" }
    #expect(isBlank)
  }

  @Test func noDataGivesEmptyAxes() {
    #expect(
      chart(34, 6, [[.nan, .nan]]) == """
           1.0 ┤
               │
           0.5 ┤
           0.0 ┤
               └┬───────────────────────┬
          step  0                       1
        """
    )
  }
}
