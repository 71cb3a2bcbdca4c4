import CellGrid
import Events
import Glibc
import Testing

@testable import Dashboard

extension TerminalCapabilities {
  static let full = Self(colors: 16_777_216, isUnicode: true)
  static let ascii = Self(colors: 0, isUnicode: false)
}

extension PanelKind {
  static let coLearner = declared("co-learner")
  static let perturbation = declared("perturbation")
}

extension DashboardState {
  /// A state with the demo's runs after `steps` steps, at second 83 after the start.
  static func demo(
    runs: Int = 3,
    steps: Int = 0,
    total: Int = 30_000,
    task: TaskDescription = DemoEvents.task,
    capabilities: TerminalCapabilities = .full
  ) -> Self {
    var state = Self(theme: .terminal, capabilities: capabilities)
    var demo = DemoEvents()
    for index in 0..<runs {
      state.apply(.started(DemoEvents.description(index, total: total, task: task)))
    }
    state.tick(now: 0)
    for index in 0..<runs where task.kind == .classification {
      state.apply(.episode(.demo(step: 0, of: index)))
    }
    for step in stride(from: 1, through: steps, by: 1) {
      for index in 0..<runs {
        state.apply(demo.step(step, of: index, classification: task.kind == .classification))
        let isValidated = step % (task.kind == .regression ? 1000 : 100) == 0
        guard isValidated else { continue }
        let classification = task.kind == .classification
        state.apply(demo.validation(step, of: index, classification: classification))
        if classification { state.apply(.episode(.demo(step: step, of: index))) }
      }
      if step == steps / 3 {
        state.apply(.hyperparameterChanged(RunID(0), id: "inner-lr", value: 0.02, step: step))
      }
      if step % max(1, steps / 83) == 0 { state.tick(now: Double(step * 83 / steps)) }
    }
    state.tick(now: 83)
    return state
  }

  mutating func press(_ keys: Key...) -> [DashboardEffect] {
    keys.flatMap { handle(.key($0)) }
  }

  mutating func show(_ kind: PanelKind) { _ = carryOut(.showPanel(kind)) }

  func screen(_ columns: Int, _ rows: Int) -> String {
    render(size: GridSize(columns: columns, rows: rows)).dump()
  }
}

/// Expects a whole screen to be the one in `Screens/<name>.txt`.
///
/// `METATOP_RECORD=1 swift test --filter DashboardTests` writes the files anew; look at the
/// difference before it is committed.
func expectGolden(
  _ name: String,
  _ state: DashboardState,
  _ columns: Int,
  _ rows: Int,
  _ location: SourceLocation = #_sourceLocation
) {
  expectGolden(name, state.render(size: GridSize(columns: columns, rows: rows)), location)
}

func expectGolden(
  _ name: String,
  _ grid: CellGrid,
  _ location: SourceLocation = #_sourceLocation,
  file: String = #filePath
) {
  #expect(grid.violation == nil, sourceLocation: location)
  let folder = file.split(separator: "/").dropLast().joined(separator: "/")
  let path = "/\(folder)/Screens/\(name).txt"
  if getenv("METATOP_RECORD") != nil { write(grid.dump() + "\n", to: path) }
  #expect(read(path) == grid.dump() + "\n", "differs from \(path)", sourceLocation: location)
}

/// Expects the rows of a rectangle of the screen to be `picture`, trailing blanks apart.
func expectRows(
  _ state: DashboardState,
  _ columns: Int,
  _ rows: Int,
  _ range: Range<Int>,
  _ picture: String,
  _ location: SourceLocation = #_sourceLocation
) {
  let lines = state.screen(columns, rows).split(separator: "\n", omittingEmptySubsequences: false)
  #expect(lines[range].joined(separator: "\n") == picture, sourceLocation: location)
}

private func read(_ path: String) -> String? {
  guard let file = fopen(path, "r") else { return nil }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  while case let byte = fgetc(file), byte != EOF { bytes.append(UInt8(byte)) }
  return String(decoding: bytes, as: UTF8.self)
}

private func write(_ text: String, to path: String) {
  guard let file = fopen(path, "w") else { return }
  fputs(text, file)
  fclose(file)
}
