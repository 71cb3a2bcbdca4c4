import Autodiff
import Files
import Kernels
import MetaLearning
import Models
import Tasks
import Testing

@testable import Training

/// MAML whose objective is weighed and ordered by lot.
private struct Drawing: Method {
  let descriptor = MethodDescriptor(id: "drawing", name: "Drawing", citation: "nobody, 2026")

  func outerObjective(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> OuterObjective {
    let plain = queryObjective(trace, adaptation)
    let order = trace.permutation("permutation", of: trace.queryTargets.shape.rows)
    let other = trace.loss(plain.queryOutput, trace.queryTargets.chosen(by: order))
    let share = trace.draw("lambda", .beta(.number(2), .number(2)), .scalar)
    let total = plain.queryLoss * share + other * (1 - share)
    return OuterObjective(
      total: total,
      queryLoss: total,
      queryOutput: plain.queryOutput,
      statistics: plain.statistics
    )
  }
}

/// Random numbers that a file of episodes brings along, against a method that asks for them.
@Suite("Draws from a file")
struct RecordedDrawTests {
  /// Two steps of two regression episodes with three examples each.
  private func file(_ more: (inout TensorFile) -> Void) -> TensorFile {
    var file = TensorFile()
    for part in ["support", "query"] {
      let numbers = (0..<12).map { Float($0) / 12 + (part == "query" ? 2 : 0) }
      file.append("\(part).inputs", shape: [2, 2, 3, 1], floats: numbers)
      file.append("\(part).targets", shape: [2, 2, 3, 1], floats: numbers)
    }
    more(&file)
    return file
  }

  private func run(_ file: TensorFile, seed: UInt64 = 1) throws -> RunConfiguration {
    var run = try smallRun(Drawing(), threads: 2, steps: 2, metaBatchSize: 2)
    run.recorded = try RecordedEpisodes(file, for: run.distribution)
    run.seed = seed
    return run
  }

  private func lambda(_ file: inout TensorFile) {
    file.append("draws.lambda", shape: [2, 2], floats: [0.1, 0.9, 0.4, 0.7])
  }

  @Test("A file without draws, or with right ones, is taken")
  func right() throws {
    #expect(try run(file { _ in }).refusal == nil)
    let right = file {
      lambda(&$0)
      $0.append(
        "draws.permutation",
        shape: [2, 2, 3],
        integers: [0, 1, 2, 2, 1, 0, 1, 0, 2, 0, 2, 1]
      )
    }
    #expect(try run(right).refusal == nil)
    // Nobody asks for it.
    let more = file { $0.append("draws.more", shape: [2, 2], floats: [1, 2, 3, 4]) }
    #expect(try run(more).refusal == nil)
  }

  @Test("Draws of another shape are refused with the one that would be right")
  func shapes() throws {
    let wrong = file {
      $0.append("draws.permutation", shape: [2, 2, 2], integers: [0, 1, 0, 1, 0, 1, 0, 1])
    }
    #expect(
      try run(wrong).refusal
        == "draws.permutation of the file of episodes has shape [2, 2, 2]; the run needs [steps, "
        + "episodes, 3]"
    )
    let error = #expect(throws: SafetensorsError.self) {
      try run(file { $0.append("draws.lambda", shape: [4], floats: [0, 0, 0, 0]) })
    }
    #expect(
      error?.reason
        == "draws.lambda has shape [4]; it must begin with [2, 2], the steps and episodes"
    )
  }

  @Test("Numbers that no such draw can have are refused")
  func numbers() throws {
    let twice = file {
      $0.append(
        "draws.permutation",
        shape: [2, 2, 3],
        integers: [0, 1, 2, 2, 1, 0, 1, 1, 2, 0, 2, 1]
      )
    }
    #expect(
      try run(twice).refusal
        == "draws.permutation of the file of episodes must hold permutations of 0 to 2"
    )
    let large = file { $0.append("draws.lambda", shape: [2, 2], floats: [0, 1, .nan, 0]) }
    #expect(
      try run(large).refusal
        == "draws.lambda of the file of episodes must hold numbers from 0 to 1"
    )
  }

  /// With every draw in the file nothing of training depends on the seed; with none of them it does.
  @Test("The seed draws what the file has not")
  func seeds() throws {
    let all = file {
      lambda(&$0)
      $0.append(
        "draws.permutation",
        shape: [2, 2, 3],
        integers: [1, 2, 0, 2, 1, 0, 1, 0, 2, 0, 2, 1]
      )
    }
    func losses(_ file: TensorFile, seed: UInt64) throws -> [Float] {
      let run = try run(file, seed: seed)
      let team = WorkerTeam(count: 2)
      let trainee = EpisodicTrainee(run, team: team)
      // The same weights, whatever the seed.
      for index in 0..<trainee.state.parameters.count { trainee.state.parameters[index] = 0.1 }
      trainee.writeSettings()
      trainee.takeWorkspaces()
      return try (0..<2).map {
        try #require(trainee.makeStep($0, withProbes: false, team: team)).queryLoss
      }
    }
    #expect(try losses(all, seed: 1) == losses(all, seed: 2))
    #expect(try losses(file { _ in }, seed: 1) != losses(file { _ in }, seed: 2))
  }
}
