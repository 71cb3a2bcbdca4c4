import Experiments
import Files
import Foundation
import TestSupport
import Testing
import VirtualTerminal

@Suite("Joint training, then transfer")
struct TransferTests {
  private static let joint =
    "train --methods metaperturb --task glyphs --set protocol=joint --set tasks=2 "
    + "--set group-classes=3 --set batch=8 --width 8 --steps 4 --evaluate-every 2 --json"

  private func run(_ line: String, in folder: TemporaryFolder) throws -> Program {
    let program = try Program.run(line.split(separator: " ").map(String.init), in: folder)
    #expect(program.status == 0, "\(program.errors)")
    return program
  }

  private func runDirectory(_ folder: TemporaryFolder) throws -> String {
    let runs = try FileManager.default.contentsOfDirectory(atPath: folder / "runs")
    return folder / "runs/" + (try #require(runs.first))
  }

  @Test func aJointRunsPerturbationIsTransferred() throws {
    let folder = try TemporaryFolder()
    let joint = try run(Self.joint, in: folder)
    #expect(joint.output.contains("\"test_accuracy\":0."))
    #expect(joint.output.contains("standard errors of the accuracy over images"))
    let directory = try runDirectory(folder)
    let metrics = try String(contentsOfFile: directory + "/metrics.jsonl", encoding: .utf8)
    for key in [
      "noise_multiplier/block1", "noise_clamped/block4", "phi_disagreement", "task_loss/2",
      "kappa", "validation_accuracy",
    ] {
      #expect(metrics.contains("\"\(key)\":"), "\(key)")
    }
    let phi = directory + "/checkpoints/last.safetensors"
    let line =
      "transfer --phi \(phi) --arms none,frozen --model conv6 --width 8 --classes 3 "
      + "--images 2,30 --test-images 4 --seeds 2 --steps 4 --set batch=4 --out transfers"
    let table = try run(line, in: folder)
    #expect(table.output.contains("Conv6-8 28×28×1, 4 steps; ± is the 95 % interval over 2 seeds"))
    #expect(table.output.contains("2 images a class   30 images a class"))
    #expect(table.output.contains("difference to none with the same seeds, in points"))
    #expect(table.output.contains("accuracy by noise draws of a prediction (S), 30 images a class"))
    #expect(table.errors.contains("8 of 8"))
    let runs = try FileManager.default.contentsOfDirectory(atPath: folder / "transfers")
    #expect(runs.count == 8)
    let csv = try run(line + " --format csv", in: folder)
    let rows = csv.output.split(separator: "\n")
    #expect(rows.first == "arm,images,seed,step,samples,accuracy,loss,is_test")
    #expect(rows.count { $0.hasSuffix(",1") && $0.hasPrefix("frozen,") } == 4)
    // The same on one thread, to the last digit.
    let alone = try run(line + " --format csv --threads 1", in: folder)
    #expect(alone.output == csv.output)
  }

  /// Data sets of other sizes and numbers of classes, each with heads of its own.
  @Test func heterogeneousDataSetsShareOnePerturbation() throws {
    let folder = try TemporaryFolder()
    let few = try ImageArrayFolder(classes: 8, imagesOfClass: 6, side: 20)
      .write(to: folder, named: "few")
    let many = try ImageArrayFolder(classes: 14, imagesOfClass: 6, side: 24)
      .write(to: folder, named: "many")
    let line =
      "train --methods metaperturb --task folder:\(few),folder:\(many) --set protocol=joint "
      + "--set tasks=2 --set group-classes=0 --set batch=4 --width 8 --steps 2 --way 2"
    _ = try run(line, in: folder)
    let path = try runDirectory(folder) + "/checkpoints/last.safetensors"
    let file = try TensorFile(reading: path)
    let heads = ["task1.head.bias", "task2.head.bias"].map { file.shape(named: $0)?.first ?? 0 }
    #expect(heads[0] >= 2 && heads[1] > heads[0], "\(heads)")
  }

  @Test func aJointRunHasTheSameBitsWithAnyNumberOfThreads() throws {
    let files = try [1, 2].map { threads in
      let folder = try TemporaryFolder()
      _ = try run(Self.joint + " --threads \(threads)", in: folder)
      let path = try runDirectory(folder) + "/checkpoints/last.safetensors"
      return try TensorFile(reading: path)
    }
    #expect(files[0].tensors == files[1].tensors)
  }
}
