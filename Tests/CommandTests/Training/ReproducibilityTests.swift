import Experiments
import Files
import Kernels
import Tasks
import TestSupport
import Testing
import Training

@Suite("The same configuration gives the same bits")
struct ReproducibilityTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func train(_ arguments: String..., named name: String) throws -> RecordedRun {
    let words = arguments.flatMap { $0.split(separator: " ").map(String.init) }
    let program = try Program.run(
      ["train", "--evaluate-every", "0", "--out", folder / name] + words,
      in: folder
    )
    #expect(program.status == 0, "\(program.errors)")
    return try #require(try RecordedRun.all(under: folder / name).first)
  }

  @Test("One worker or two, one run or two: parameters, moments and losses are identical")
  func threads() throws {
    let one = try train("--methods cml --steps 20 --threads 1", named: "one")
    let two = try train("--methods cml --steps 20 --threads 2", named: "two")
    #expect(one.losses == two.losses && one.losses.count == 20)
    #expect(one.tensors == two.tensors)
    #expect(one.summary["test_loss"] == two.summary["test_loss"])
  }

  @Test("Another seed gives another run")
  func seeds() throws {
    let zero = try train("--methods maml --steps 3 --seed 0", named: "zero")
    let one = try train("--methods maml --steps 3 --seed 1", named: "one")
    #expect(zero.losses != one.losses && zero.tensors != one.tensors)
  }

  @Test("Methods side by side see the same episodes, and train as they do alone")
  func sideBySide() throws {
    let alone = try train("--methods maml --steps 5", named: "alone")
    _ = try train("--methods maml,cml --steps 5", named: "both")
    let both = try RecordedRun.all(under: folder / "both")
    let maml = try #require(both.first { $0.configuration["method"] == "maml" })
    #expect(maml.losses == alone.losses && maml.tensors == alone.tensors)
  }

  @Test("A checkpoint given as --initial is where the next run starts")
  func initial() throws {
    let trained = try train("--methods maml --steps 30", named: "trained")
    let last = trained.path + "/checkpoints/last.safetensors"
    let next = try train(
      "--methods maml --steps 2 --set outer-lr=0 --initial \(last)",
      named: "next"
    )
    let fresh = try train("--methods maml --steps 1 --set outer-lr=0", named: "fresh")
    #expect(next.losses[0] < fresh.losses[0], "the same episodes, better parameters")
    let weights = trained.tensors.filter { !$0.key.hasPrefix("optimizer.") }
    #expect(
      weights.allSatisfy { next.tensors[$0.key] == $0.value },
      "nothing was learned at rate 0"
    )
    let again = try train(
      "--methods maml --steps 2 --set outer-lr=0 --initial \(next.path)/checkpoints/last.safetensors",
      named: "again"
    )
    #expect(again.losses == next.losses)
  }

  @Test("What the file of --initial lacks is initialised, and said")
  func partialInitial() throws {
    let trained = try train("--methods maml --steps 2", named: "trained")
    let last = trained.path + "/checkpoints/last.safetensors"
    let run = try train("--methods cml --steps 1 --initial \(last)", named: "next")
    let notes = run.events.compactMap { $0["text"]?.string }
    #expect(notes == ["parameters from \(last); initialised here: colearner"])
  }

  @Test("Episodes from a file give the losses of the same episodes sampled")
  func episodes() throws {
    let sampled = try train("--methods maml --steps 4 --meta-batch 3 --shot 5", named: "sampled")
    let file = folder / "episodes.safetensors"
    try EpisodeFile(steps: 4, episodes: 3, shot: 5, seed: 0).tensors.write(to: file)
    let first = try train("--methods maml --episodes \(file)", named: "first")
    let second = try train("--methods maml --episodes \(file) --threads 2", named: "second")
    #expect(first.configuration["steps"] == 4 && first.configuration["meta_batch"] == 3)
    #expect(first.losses == sampled.losses && first.losses.count == 4)
    #expect(first.tensors == second.tensors && first.tensors == sampled.tensors)
  }
}

/// The sinusoid episodes that a seed's outer steps see, as a file for `--episodes`.
struct EpisodeFile {
  let tensors: TensorFile

  init(steps: Int, episodes: Int, shot: Int, seed: UInt64) {
    let layout = Sinusoid().layout(shot: shot, queryShot: shot)
    let source = SampledEpisodes(Sinusoid(), split: .metaTrain, layouts: [layout], seed: seed)
    let buffer = AlignedBuffer(count: layout.count)
    let parts = [
      ("support.inputs", layout.supportInputs), ("support.targets", layout.supportTargets),
      ("query.inputs", layout.queryInputs), ("query.targets", layout.queryTargets),
    ]
    var values: [String: [Float]] = [:]
    for step in 0..<steps {
      for episode in 0..<episodes {
        source.load(step: step, episode: episode, into: buffer)
        for (name, offset) in parts {
          values[name, default: []] += (offset..<offset + shot).map { buffer[$0] }
        }
      }
    }
    var file = TensorFile()
    for (name, _) in parts {
      file.append(name, shape: [steps, episodes, shot, 1], floats: values[name] ?? [])
    }
    tensors = file
  }
}
