import Experiments
import Files
import Recording
import TestSupport
import Testing

@testable import Sweeps

@Suite("Successive halving, from files alone")
struct SweepHalvingTests {
  /// Lines as a run's metrics have them: a loss at each of some outer steps.
  private func write(_ losses: [(step: Int, loss: Double)], to path: String) throws {
    let lines = losses.flatMap { step, loss -> [UInt8] in
      let line: JSONValue = ["step": .integer(step), "validation_loss": .number(loss)]
      return line.encoded()
    }
    try SystemFile.createFolders(SystemFile.folder(of: path))
    try SystemFile.replace(path, with: [lines[...]], isDurable: false)
  }

  @Test func theLosingHalfIsStoppedAtEachRung() throws {
    let folder = try TemporaryFolder()
    let directory = SweepDirectory(path: folder / "sweep")
    let plan = try SweepPlanTests.plan(["inner-lr=0.01,0.02,0.03,0.04"], seeds: "1")
    let halving = SweepHalving(plan: plan, directory: directory)
    let method = try #require(plan.methods.first)
    #expect(halving.rungs(method) == [2, 4])
    // The third is the best at the first rung; what comes later is not looked at.
    for (run, loss) in zip(plan.runs, [3.0, 2, 1, 4]) {
      try write([(2, loss), (4, 10 - loss)], to: directory.run(run).metrics)
    }
    var decisions = SweepDecisions()
    #expect(halving.next(method, decisions) == nil)
    decisions.take(.halving(true))
    #expect(halving.next(method, decisions)?.step == 2)
    for decision in halving.decide(method, decisions) { decisions.take(decision) }
    let values = Set(decisions.stopped.keys.map { $0.values[0].text })
    #expect(values == ["0.01", "0.04"])
    #expect(halving.next(method, decisions)?.step == 4)
    // At the second rung the two that are left have changed places.
    for decision in halving.decide(method, decisions) { decisions.take(decision) }
    #expect(decisions.stopped.count == 3)
    #expect(!decisions.stopped.keys.contains { $0.values[0].text == "0.02" })
    #expect(halving.next(method, decisions) == nil)
  }

  @Test func whatWasNeverMeasuredLoses() throws {
    let folder = try TemporaryFolder()
    let directory = SweepDirectory(path: folder / "sweep")
    let plan = try SweepPlanTests.plan(["inner-lr=0.01,0.02"], seeds: "2")
    // One seed of the first combination has no score.
    try write([(4, 0.1)], to: directory.run(plan.runs[0]).metrics)
    for run in [plan.runs[1], plan.runs[3]] {
      try write([(4, 5)], to: directory.run(run).metrics)
    }
    var decisions = SweepDecisions()
    decisions.take(.halving(true))
    let made = SweepHalving(plan: plan, directory: directory).decide(plan.methods[0], decisions)
    #expect(made.count == 2)
    for decision in made { decisions.take(decision) }
    #expect(decisions.stopped.keys.map { $0.values[0].text } == ["0.01"])
  }

  @Test func decisionsReadBackAsTheyWereWritten() throws {
    let folder = try TemporaryFolder()
    let directory = SweepDirectory(path: folder.path)
    let plan = try SweepPlanTests.plan(["inner-lr=0.01,0.02"])
    let (first, second) = (plan.combinations[0], plan.combinations[1])
    let all: [SweepDecisions.Decision] = [
      .halving(true), .stop(first, .byHand), .goOn(first),
      .stop(second, .halving(rung: 1, rungs: 2, step: 4)), .rung(method: "maml", 1),
    ]
    var made = SweepDecisions()
    for decision in all { made.take(decision) }
    let lines = all.flatMap { $0.json.encoded() } + Array("not a decision\n".utf8)
    try SystemFile.append(lines, to: directory.decisions)
    #expect(SweepDecisions(reading: directory) == made)
    #expect(made.stopped.keys.map(\.self) == [second])
  }
}
