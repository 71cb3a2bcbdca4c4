import Files
import Foundation
import TestSupport
import Testing

/// Networks of any shape: `--layers`, `--norm`, and what is said of what cannot be.
@Suite struct NetworkOptionsTests {
  private func run(
    _ line: String,
    in folder: TemporaryFolder,
    status: Int32 = 0
  ) throws -> Program {
    let program = try Program.run(line.split(separator: " ").map(String.init), in: folder)
    #expect(program.status == status, "\(line): \(program.errors)")
    return program
  }

  @Test func layersAreRecordedAndResumed() throws {
    let folder = try TemporaryFolder()
    let line =
      "train --methods maml --layers 7,5,3 --norm layer --activation tanh --steps 4 "
      + "--evaluate-every 0 --out a"
    _ = try run(line, in: folder)
    let recorded = try #require(try RecordedRun.all(under: folder / "a").first)
    #expect(recorded.configuration["model"]?.string == "MLP 1-7-5-3-1 tanh, layer norm")
    #expect(recorded.configuration["options"]?["layers"] == "7,5,3")
    #expect(recorded.configuration["options"]?["norm"] == "layer")
    #expect(recorded.last.shape(named: "body.layer2.weight") == [5, 7])
    #expect(recorded.last.shape(named: "body.layer3.norm.weight") == [3])
    _ = try run("train --resume \(recorded.path) --steps 6", in: folder)
    _ = try run("evaluate \(recorded.path) --episodes 3", in: folder)
    // A file may hold them as a list or as they are typed.
    let file = "layers: [7, 5, 3]\nnorm: layer\nmethods: maml\nsteps: 1\nevaluate-every: 0\n"
    try Data(file.utf8).write(to: URL(fileURLWithPath: folder / "o.yaml"))
    let printed = try run("train --config o.yaml --print-config", in: folder)
    #expect(printed.output.contains("\nlayers: 7,5,3\n"), "\(printed.output)")
    #expect(printed.output.contains("\nnorm: layer\n"), "\(printed.output)")
  }

  @Test func convolutionsHaveBlocksAndNorms() throws {
    let folder = try TemporaryFolder()
    let line =
      "train --task glyphs --methods maml --way 2 --query 2 --meta-batch 1 --steps 2 "
      + "--evaluate-every 0 --layers 4,5,6,7,8 --norm none --out a"
    _ = try run(line, in: folder)
    let recorded = try #require(try RecordedRun.all(under: folder / "a").first)
    #expect(
      recorded.configuration["model"]?.string == "Conv5-4-5-6-7-8 28×28×1, not normalised"
    )
    #expect(recorded.last.shape(named: "body.block5.conv.weight") == [8, 7, 3, 3])
    #expect(recorded.last.shape(named: "body.block5.norm.weight") == nil)
    // What batch normalisation alone has is not there to be set.
    let refused = try run("\(line) --set batch-norm=running", in: folder, status: 64)
    #expect(refused.errors.contains("there is no such hyperparameter"))
  }

  @Test(
    arguments: [
      ("--layers 4,x", "use the layers' widths with commas between them, as in 64,64,64"),
      ("--layers 0", "use the layers' widths"),
      ("--layers 8,8 --width 8", "tells every width, and --width one for all"),
      (
        "--layers 1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1",
        "17 layers are not allowed for mlp; use 1 to 16"
      ),
      ("--layers 70000", "70000 is not allowed for mlp; use a whole number from 1 to 65536"),
      ("--norm batch", "batch is not for mlp, which can have none or layer"),
      ("--norm group", "use batch, layer or none"),
      ("--task glyphs --layers 8,8,8", "3 layers are not allowed for conv4; use 4 to 12"),
      ("--task glyphs --layers 8,8,8,2", "2 is not allowed for conv4"),
      ("--task glyphs --model resnet20 --layers 8,8", "resnet20 has layers of its own"),
      (
        "--task glyphs --model resnet20 --norm none",
        "none is not for resnet20, which can have batch"
      ),
      ("--task landscape --norm none", "point has neither layers nor a head"),
      ("--task glyphs --methods metadropout --norm none", "use --norm batch, or leave it out"),
    ]
  )
  func whatCannotBeIsNamed(_ options: String, _ sentence: String) throws {
    let folder = try TemporaryFolder()
    let methods = options.contains("--methods") ? "" : "--methods maml "
    let program = try run("train \(methods)--steps 1 \(options)", in: folder, status: 64)
    #expect(program.errors.contains(sentence), "\(program.errors)")
    #expect(program.complaints.count == 1)
  }
}
