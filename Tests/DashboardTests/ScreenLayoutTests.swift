import CellGrid
import Testing

@testable import Dashboard

/// Where panels stand, as pictures: each part is filled with its letter.
@Suite struct ScreenLayoutTests {
  private func picture(
    _ columns: Int,
    _ rows: Int,
    runs: Int = 3,
    hasAccuracy: Bool = false,
    coLearner: Int? = 2,
    perturbation: Int? = 3,
    panel: PanelKind = .hyperparameters,
    mainChart: PanelKind = .chart,
    isZoomed: Bool = false
  ) -> String {
    let needs = ScreenLayout.Needs(
      runs: runs,
      hasAccuracy: hasAccuracy,
      hasPictures: hasAccuracy,
      hyperparameters: 6,
      declared: [coLearner.map { .init(id: "co-learner", rows: $0 + 4) }].compactMap { $0 }
        + [perturbation.map { .init(id: "perturbation", rows: $0 + 3) }].compactMap { $0 },
      panel: panel,
      mainChart: mainChart,
      isZoomed: isZoomed
    )
    let size = GridSize(columns: columns, rows: rows)
    let layout = ScreenLayout(size: size, needs: needs)
    var grid = CellGrid(size: size, filledWith: Cell("!"))
    grid.fill(layout.header, with: Cell("^"))
    grid.fill(layout.footer, with: Cell("_"))
    for (index, rect) in layout.cards.enumerated() {
      grid.fill(rect, with: Cell(Unicode.Scalar(UInt8(65 + index))))
    }
    for (kind, rect) in layout.panels { grid.fill(rect, with: Cell(letter(kind))) }
    return compressed(grid.dump())
  }

  private func letter(_ kind: PanelKind) -> Unicode.Scalar {
    switch kind {
    case .chart: "c"
    case .hyperparameters: "h"
    case .adaptation: "a"
    case .validation: "v"
    case .declared(let id): id == "co-learner" ? "l" : "p"
    case .heatmap: "m"
    case .log: "e"
    case .accuracy: "y"
    case .gain: "g"
    case .episode: "i"
    case .innerLoop: "n"
    }
  }

  /// Equal lines as one with their number, equal letters likewise: `14× c46 h34`.
  private func compressed(_ text: String) -> String {
    var result: [(line: String, count: Int)] = []
    for line in text.split(separator: "\n") {
      let short = runs(String(line))
      if result.last?.line == short {
        result[result.count - 1].count += 1
      } else {
        result.append((short, 1))
      }
    }
    return result.map { "\($0.count)× \($0.line)" }.joined(separator: "\n")
  }

  private func runs(_ line: String) -> String {
    var result: [(letter: Character, count: Int)] = []
    for letter in line {
      if result.last?.letter == letter {
        result[result.count - 1].count += 1
      } else {
        result.append((letter, 1))
      }
    }
    return result.map { "\($0.letter)\($0.count)" }.joined(separator: " ")
  }

  @Test func largeScreen() {
    #expect(
      picture(200, 50) == """
        1× ^200
        7× A67 B67 C66
        10× c114 h86
        8× c114 l86
        8× c114 p86
        2× c114 e86
        13× a55 v59 e86
        1× _200
        """
    )
  }

  @Test func mediumScreen() {
    #expect(
      picture(120, 40) == """
        1× ^120
        8× A40 B40 C40
        9× c69 h51
        8× c69 l51
        3× c69 p51
        5× a33 v36 p51
        5× a33 v36 e51
        1× _120
        """
    )
  }

  @Test func standardScreen() {
    #expect(
      picture(80, 24, panel: .log) == """
        1× ^80
        6× A27 B27 C26
        16× c40 e40
        1× _80
        """
    )
  }

  @Test func smallestScreen() {
    #expect(
      picture(40, 12) == """
        1× ^40
        1× A40
        1× B40
        1× C40
        7× h40
        1× _40
        """
    )
  }

  @Test func oneMethodWithoutPanelsOfItsOwn() {
    #expect(
      picture(140, 40, runs: 1, coLearner: nil, perturbation: nil) == """
        1× ^140
        7× A140
        10× c80 h60
        11× c80 e60
        10× a38 v42 e60
        1× _140
        """
    )
  }

  @Test func accuracyTakesALine() {
    #expect(
      picture(120, 30, hasAccuracy: true) == """
        1× ^120
        9× A40 B40 C40
        19× c62 h58
        1× _120
        """
    )
  }

  private func classification(_ columns: Int, _ rows: Int, _ panel: PanelKind) -> String {
    picture(
      columns,
      rows,
      hasAccuracy: true,
      coLearner: 4,
      perturbation: 4,
      panel: panel,
      mainChart: .accuracy
    )
  }

  @Test func classificationOnALargeScreen() {
    #expect(
      classification(200, 50, .hyperparameters) == """
        1× ^200
        8× A67 B67 C66
        10× y57 c57 h86
        9× y57 c57 l86
        1× a46 i68 l86
        9× a46 i68 p86
        1× a46 i68 e86
        10× v46 i68 e86
        1× _200
        """
    )
  }

  @Test func classificationOnAMediumScreen() {
    #expect(
      classification(120, 40, .hyperparameters) == """
        1× ^120
        9× A40 B40 C40
        10× y69 h51
        10× y69 l51
        9× a33 v36 p51
        1× _120
        """
    )
  }

  @Test func whatHasNoPlaceGetsTheCharts() {
    #expect(
      classification(120, 40, .episode) == """
        1× ^120
        9× A40 B40 C40
        10× i69 h51
        10× i69 l51
        9× a33 v36 p51
        1× _120
        """
    )
  }

  @Test func classificationOnSmallScreens() {
    #expect(
      classification(80, 24, .hyperparameters) == """
        1× ^80
        6× A27 B27 C26
        16× y40 h40
        1× _80
        """
    )
    #expect(
      classification(80, 24, .episode) == """
        1× ^80
        6× A27 B27 C26
        16× i80
        1× _80
        """
    )
    #expect(
      classification(40, 12, .accuracy) == """
        1× ^40
        1× A40
        1× B40
        1× C40
        7× y40
        1× _40
        """
    )
  }

  @Test func aChosenChartOrPanelMayHaveItAll() {
    #expect(
      picture(80, 24, panel: .chart) == """
        1× ^80
        6× A27 B27 C26
        16× c80
        1× _80
        """
    )
    #expect(
      picture(200, 50, panel: .validation, isZoomed: true) == """
        1× ^200
        7× A67 B67 C66
        41× v200
        1× _200
        """
    )
  }

  @Test func manyMethodsBecomeLines() {
    #expect(
      picture(100, 24, runs: 9) == """
        1× ^100
        1× A100
        1× B100
        1× C100
        1× D100
        1× E100
        1× F100
        16× c51 h49
        1× _100
        """
    )
  }

  @Test func theWholeScreenIsAlwaysUsed() {
    for (columns, rows) in [
      (40, 12), (69, 20), (70, 20), (80, 24), (110, 31), (200, 50), (400, 120),
    ] {
      for runs in [1, 2, 3, 5, 12] {
        let picture = picture(columns, rows, runs: runs)
        #expect(!picture.contains("!"), "\(columns)×\(rows) with \(runs) runs:\n\(picture)")
      }
    }
  }
}
