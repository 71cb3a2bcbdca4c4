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
           1.0 ┤⣀⣀⣀⣀   ✗  ⢀⣀⣀⣀⡀  ✗
               └┬────────── ✗ no number ─
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
           0.0 ┤✗                       ✗
               └┬────────── ✗ no number ┬
          step  0                       1
        """
    )
  }

  // MARK: - Values far away

  /// A jump by eight decades that stays for a third of the run leaves the rest readable, and is told.
  @Test(arguments: [true, false])
  func aSustainedSpikeIsCutOffAndTold(isLogarithmic: Bool) {
    let values = (0...300).map { (step: Int) -> Float in
      guard step < 200 else { return 1e8 }
      return 1 + 2 / (1 + Float(step) / 20)
    }
    let picture = chart(60, 12, [values], isLogarithmic: isLogarithmic)
    let lines = picture.split(separator: "\n")
    #expect(picture.contains("▴ cut: up to 1e8") && lines[0].contains("▴▴▴"), "\(picture)")
    let labels = lines.dropLast(2).compactMap { Double($0.prefix(7).trimming(" ")) }
    #expect((labels.max() ?? 100) < 10, "\(picture)")
  }

  /// What falls by much at the beginning is shown whole on a logarithmic axis.
  @Test func aSteepBeginningIsNoSpike() {
    let values = (0...400).map { (step: Int) -> Float in 300 / Float(1 + step * step) + 0.5 }
    let picture = chart(60, 12, [values], isLogarithmic: true)
    #expect(!picture.contains("cut"), "\(picture)")
  }

  @Test func chosenValuesAreShownExactly() throws {
    var one = LineChart(
      series: [],
      window: 0...10,
      isLogarithmic: false,
      axis: .plain,
      label: .plain,
      glyphs: .unicode
    )
    let samples = (0...10).map { (step: Int) -> LineChart.Sample in
      LineChart.Sample(x: Double(step), low: Float(step), high: Float(step), value: Float(step))
    }
    one.series = [LineChart.Series(samples: samples, marker: "●", style: .plain)]
    one.values = .exact(2.5...4.5)
    let rect = Rect(row: 0, column: 0, rows: 12, columns: 40)
    var scale = try #require(one.valueScale(in: rect))
    #expect(scale.lower == 2.5 && scale.upper == 4.5)
    var grid = CellGrid(size: GridSize(columns: 40, rows: 12))
    one.draw(into: &grid, rect: rect)
    #expect(grid.dump().contains("▴") && grid.dump().contains("▾") && !grid.dump().contains("cut"))
    one.isLogarithmic = true
    scale = try #require(one.valueScale(in: rect))
    #expect(scale.lower == 2.5 && scale.ticks.allSatisfy { (2.5...4.5).contains($0) })
    #expect(abs(scale.value(at: 0.5) - (2.5 * 4.5).squareRoot()) < 1e-9)
    one.values = .all
    #expect(try #require(one.valueScale(in: rect)).upper >= 10)
  }

  @Test func aLogarithmicHorizontalAxis() {
    let places = LineChart.Places(0...10_000, least: 1)
    #expect(places.share(of: 1) == 0 && abs(places.share(of: 100) - 0.5) < 1e-12)
    #expect(abs(places.place(at: 0.75) / 1000 - 1) < 1e-9)
    #expect(places.share(of: 0) < -1e300)
    let samples = (1...10_000).map { (step: Int) -> LineChart.Sample in
      let value = 1 / Float(step).squareRoot()
      return LineChart.Sample(x: Double(step), low: value, high: value, value: value)
    }
    var one = LineChart(
      series: [LineChart.Series(samples: samples, marker: "●", style: .plain)],
      window: 0...10_000,
      isLogarithmic: true,
      unit: "step",
      axis: .plain,
      label: .plain,
      glyphs: .unicode
    )
    one.leastPlace = 1
    var grid = CellGrid(size: GridSize(columns: 60, rows: 10))
    one.draw(into: &grid, rect: Rect(grid.size))
    // A power law is a straight line there.
    #expect(
      grid.dump() == """
             1 ┤⠉⠒⠒⠤⢄⡀
               │     ⠈⠉⠒⠒⠢⢄⣀⡀
               │            ⠈⠉⠒⠢⠤⣄⣀
               │                   ⠉⠙⠒⠦⢤⣀⣀
           0.1 ┤                         ⠈⠉⠓⠲⠤⣄⣀⡀
               │                                ⠉⠙⠒⠦⢤⣀⣀
               │                                      ⠈⠉⠓⠲⠤⣄⣀⡀
          0.01 ┤                                             ⠉⠙⠒⠦⢤●
               └┬────────────────────────┬────────────────────────┬
          step  1                       100                  10,000
        """
    )
  }

  /// A label stands over curves, points and the note whole, or not at all.
  @Test func labelsAreNeverOverdrawn() {
    let values = (0...300).map { (step: Int) -> Float in
      guard step <= 250 else { return 1e9 }
      return step % 7 == 0 ? 9 : 1
    }
    for place in 0...40 {
      let mark = LineChart.Mark(x: Double(place) * 7, label: "inner-lr 10", style: .plain)
      let picture = chart(60, 9, [values], isLogarithmic: place % 2 == 0, marks: [mark])
      let lines = picture.split(separator: "\n")
      let isWhole = lines[0].contains("inner-lr 10")
      #expect(isWhole || !lines[0].contains("inner"), "\(picture)")
      #expect(picture.contains("cut: up to 1e9"), "\(picture)")
    }
  }
}

extension StringProtocol {
  fileprivate func trimming(_ character: Character) -> String {
    String(drop { $0 == character }.reversed().drop { $0 == character }.reversed())
  }
}
