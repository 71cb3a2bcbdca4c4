import CellGrid
import Events
import Testing

@testable import Dashboard

/// A task of two numbers seen from above, in a declared panel.
@Suite struct MapTests {
  /// A bowl whose lowest point is at (1, 0.5), with two tasks and two ways.
  private static func map(_ run: Int = 0) -> MapSnapshot {
    MapSnapshot(
      run: RunID(run),
      step: 8,
      x: (-2, 2),
      y: (-2, 2),
      surface: (0..<41).map { row in
        (0..<41).map { column in
          let (x, y) = (Float(column) / 10 - 2, Float(row) / 10 - 2)
          return (x - 1) * (x - 1) + (y - 0.5) * (y - 0.5)
        }
      },
      places: [
        .init(label: "A", point: .init(x: -1, y: 1)),
        .init(label: "B", point: .init(x: 1.5, y: -1)),
      ],
      paths: [
        .init(label: "task A", points: [.init(x: 0, y: 0), .init(x: -0.9, y: 0.9)]),
        .init(
          label: "φ",
          points: [.init(x: -1.8, y: -1.8), .init(x: 0, y: -0.5), .init(x: 0.8, y: 0.4)],
          isMain: true
        ),
      ]
    )
  }

  private static func mapped(_ capabilities: TerminalCapabilities = .full) -> DashboardState {
    let panel = PanelDescription(
      id: "own",
      title: "landscape",
      letter: "z",
      parts: [.plane(title: "mean loss"), .rows(["p"])]
    )
    var state = DeclaredPanelTests.state(
      [ProbeDescriptor(key: "p", label: "height", help: "")],
      [panel],
      [0.5],
      capabilities: capabilities
    )
    state.apply(.map(map()))
    return state
  }

  @Test func aMapOnAScreen() {
    var state = Self.mapped()
    _ = state.press(.character("g"), .character("z"))
    #expect(state.panel == .declared("own"))
    expectGolden("80x24-map", state, 80, 24)
    _ = state.press(.character("v"))
    expectGolden("120x40-map", state, 120, 40)
    var ascii = Self.mapped(.ascii)
    _ = ascii.press(.character("g"), .character("z"))
    expectGolden("80x24-map-ascii", ascii, 80, 24)
    let isASCII = ascii.screen(80, 24).unicodeScalars.allSatisfy { $0.isASCII }
    #expect(isASCII)
  }

  /// Between its points the surface is interpolated, and outside of its ranges there is nothing.
  @Test func aMapsSurface() {
    let map = Self.map()
    #expect(map.value(at: .init(x: 1, y: 0.5)).map { abs($0) < 1e-3 } == true)
    #expect(map.value(at: .init(x: -2, y: -2)) == 9 + 6.25)
    #expect(map.value(at: .init(x: 2, y: 2)) == 1 + 2.25)
    #expect(map.value(at: .init(x: 2.1, y: 0)) == nil)
    #expect(map.value(at: .init(x: .nan, y: 0)) == nil)
  }

  @Test func hostileMapsAreLimitedAndDrawn() {
    let long = String(repeating: "\u{1b}[2J漢", count: 1_000)
    let far = MapSnapshot.Point(x: 3e38, y: -.infinity)
    let maps = [
      MapSnapshot(run: RunID(0), step: .max, x: (1, 1), y: (.nan, 2)),
      MapSnapshot(run: RunID(0), step: -1, x: (-3e38, 3e38), y: (2, 1), surface: [[1], [2, 3]]),
      MapSnapshot(
        run: RunID(0),
        step: 1,
        x: (0, 1e-30),
        y: (-1e29, 1e29),
        surface: Array(repeating: [.nan, .infinity, -3e38, 3e38, 0], count: 1_000),
        places: Array(repeating: .init(label: long, point: far), count: 1_000)
          + [.init(label: long, point: .init(x: 0, y: 0))],
        paths: Array(
          repeating: .init(label: long, points: Array(repeating: far, count: 5_000), isMain: true),
          count: 1_000
        )
      ),
    ]
    #expect(maps[2].surface.count == MapSnapshot.gridLimit)
    #expect(maps[2].places.count == MapSnapshot.placeLimit)
    #expect(maps[2].paths.allSatisfy { $0.points.count == MapSnapshot.pointLimit })
    #expect(maps[0].xRange == 0...1 && maps[1].surface.isEmpty)
    var state = Self.mapped()
    state.panel = .declared("own")
    for map in maps {
      state.apply(.map(map))
      for (columns, rows) in [(40, 12), (80, 24), (120, 40), (200, 50)] {
        let grid = state.render(size: GridSize(columns: columns, rows: rows))
        #expect(grid.violation == nil, "\(columns)×\(rows)")
      }
    }
  }
}
