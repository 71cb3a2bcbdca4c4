import Events
import Foundation
import Recording
import Testing
import Training

@testable import Experiments

/// What is told of a run's recorded past before it goes on.
@Suite struct RunHistoryTests {
  private let configuration: RunConfiguration
  private let directory: RunDirectory

  init() throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../CommandTests/Earlier/sinusoid-maml").standardizedFileURL.path
    let stored = StoredRun(path: path, origin: "--resume", cores: 1)
    (configuration, directory) = (try stored.resumed(steps: 9, threads: 1), stored.directory)
  }

  private var started: RunEvent { .started(configuration.description(id: RunID(0))) }

  private func step(_ step: Int) -> RunEvent {
    .step(
      StepReport(
        run: RunID(0),
        step: step,
        seconds: 1,
        queryLoss: 1,
        supportLoss: 1,
        metaGradientNorm: 1
      )
    )
  }

  private func steps(_ events: [RunEvent]) -> [Int] {
    events.compactMap { if case .step(let report) = $0 { report.step } else { nil } }
  }

  @Test("The past comes before the first step, and is over when it is said to be")
  func whole() {
    var history = RunHistory([configuration], [directory])
    var told: [RunEvent] = []
    history.tell([.note(nil, "first"), started, step(5)], isLate: { false }, { told.append($0) })
    #expect(told.first == .note(nil, "first") && told.dropFirst().first == started)
    #expect(steps(told) == [1, 2, 3, 4, 5])
    #expect(told.dropLast().last == .readingPast(nil) && told.contains(.readingPast(RunID(0))))
    told = []
    history.tell([step(6)], isLate: { true }, { told.append($0) })
    #expect(told == [step(6)])
  }

  @Test("Where there is no time it comes in parts, and what the run tells waits behind it")
  func parts() {
    var (all, history) = ([RunEvent](), RunHistory([configuration], [directory]))
    history.tell([started, step(5)], isLate: { false }, { all.append($0) })
    history = RunHistory([configuration], [directory])
    var (told, looks, most) = ([RunEvent](), 0, 0)
    var news = [started, step(5)]
    while told.last != step(5), looks < 100 {
      let before = told.count
      history.tell(news, isLate: { true }, { told.append($0) })
      // The last look tells the end and what has waited, too.
      if told.last != step(5) { most = max(most, told.count - before - news.count) }
      (news, looks) = ([], looks + 1)
    }
    #expect(looks > 4 && most <= 2, "\(looks) looks, \(most) events in one")
    let isProgress = { (event: RunEvent) in event == .readingPast(RunID(0)) }
    #expect(told.filter { !isProgress($0) } == all.filter { !isProgress($0) })
  }

  @Test("A branch's parent is told whole, as a run of its own that has stopped")
  func parent() throws {
    var branch = configuration
    branch.isBranch = true
    var history = RunHistory([branch], [directory])
    var told: [RunEvent] = []
    history.tell([started], isLate: { false }, { told.append($0) })
    let names = told.compactMap { event in
      if case .started(let description) = event { description.methodName } else { nil }
    }
    #expect(names == ["MAML (parent)", "MAML"])
    #expect(steps(told) == [1, 2, 3, 4, 1, 2, 3, 4])
  }
}
