import Files
import Foundation
import Glibc
import TestSupport
import Testing

/// One episode with a checkpoint's logits, for programs that read checkpoints themselves.
@Suite struct ExportedEpisodeTests {
  private static func python(_ arguments: String...) -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "exec python3 \"$@\"", "sh"] + arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return 127 }
    process.waitUntilExit()
    return process.terminationStatus
  }

  /// Whether this machine's Python has PyTorch.
  private static let hasPyTorch = python("-c", "import torch, safetensors.torch") == 0

  private func exported(
    _ method: String,
    in folder: TemporaryFolder
  ) throws -> (run: String, episode: TensorFile) {
    let line =
      "train --task glyphs --methods \(method) --width 8 --way 3 --shot 2 --query 4 --steps 3 "
      + "--meta-batch 2 --evaluate-every 0 --set inner-lr=0.2"
    let program = try Program.run(line.split(separator: " ").map(String.init), in: folder)
    #expect(program.status == 0, "\(program.errors)")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder / "runs")
    let run = try #require(names.first)
    let export = try Program.run(["export", "runs/\(run)", "--format", "episode"], in: folder)
    #expect(export.status == 0, "\(export.errors)")
    return (run, try TensorFile(reading: folder / "export/\(run).safetensors"))
  }

  @Test func theEpisodeHasItsLogits() throws {
    let folder = try TemporaryFolder()
    let (run, file) = try exported("maml", in: folder)
    #expect(file.shape(named: "support.inputs") == [1, 1, 6, 1, 28, 28])
    #expect(file.shape(named: "query.inputs") == [1, 1, 12, 1, 28, 28])
    #expect(try file.integers(named: "support.targets") == [0, 0, 1, 1, 2, 2])
    #expect(try file.integers(named: "query.targets") == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2])
    let before = try file.floats(named: "logits.before")
    let adapted = try file.floats(named: "logits.adapted")
    #expect(file.shape(named: "logits.before") == [1, 1, 12, 3] && before.allSatisfy(\.isFinite))
    #expect(adapted.count == 36 && adapted != before)
    #expect(file.metadata["inner_lr"] == "0.2" && file.metadata["method"] == "maml")
    // It is an episode to train on as well.
    let line =
      "train --task glyphs --methods maml --width 8 --steps 1 --evaluate-every 0 --out again "
      + "--episodes export/\(run).safetensors"
    let program = try Program.run(line.split(separator: " ").map(String.init), in: folder)
    #expect(program.status == 0, "\(program.errors)")
  }

  @Test func numbersHaveNoLogits() throws {
    let folder = try TemporaryFolder()
    let line = "train --methods maml --steps 2 --evaluate-every 0"
    _ = try Program.run(line.split(separator: " ").map(String.init), in: folder)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder / "runs")
    let run = try #require(names.first)
    let program = try Program.run(["export", "runs/\(run)", "--format", "episode"], in: folder)
    #expect(program.status == 65 && program.errors.contains("has no classes, and so no logits"))
  }

  @Test(
    "A plain PyTorch Conv4 makes the same logits",
    .enabled(if: hasPyTorch),
    arguments: ["maml", "cml"]
  )
  func pyTorchAgrees(_ method: String) throws {
    let folder = try TemporaryFolder()
    let (run, _) = try exported(method, in: folder)
    let script = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    let status = Self.python(
      "/\(script)/Documentation/Examples/conv4.py",
      folder / "runs/\(run)/checkpoints/last.safetensors",
      folder / "export/\(run).safetensors"
    )
    #expect(status == 0)
  }
}
