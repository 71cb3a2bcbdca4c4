import Experiments
import Files
import TestSupport
import Testing
import VirtualTerminal

@Suite("Joint training and transfer refuse what cannot be in one sentence")
struct RefusedTransferTests {
  private static let joint = "--methods metaperturb --task glyphs --set protocol=joint "

  @Test(
    "A joint run",
    arguments: [
      ("--methods metaperturb --set protocol=joint", "and sinusoid has none; use glyphs, omniglot"),
      (joint + "--set group-classes=1", "a task with one class has nothing to tell apart"),
      (joint + "--set group-classes=400", "4 groups of 400 classes need 1600, and glyphs has 1039"),
      (joint + "--set tasks=3 --set swapped-halves=on", "3 tasks cannot be pairs"),
      (joint + "--set batch=1", "a batch of one image has no unbiased variance"),
      (joint + "--set tasks=17", "tasks: 17 is not allowed; use a whole number from 1 to 16"),
      (joint + "--set mc-samples=0", "mc-samples: 0 is not allowed; use a whole number from 1"),
      (joint + "--set inner-lr=0.1", "inner-lr: there is no such hyperparameter; use outer-lr"),
      (
        "--methods maml,metaperturb --task glyphs,sinusoid --set protocol=joint",
        "several data sets are for protocol=joint alone; name one"
      ),
    ]
  )
  func refusesAJointRun(_ line: String, _ sentence: String) throws {
    let folder = try TemporaryFolder()
    let arguments = line.split(separator: " ").map(String.init)
    try expectRefusal(arguments, 64, sentence, in: folder)
  }

  @Test(
    "A transfer",
    arguments: [
      ("", "--phi: the arm frozen needs a trained noise network"),
      ("--arms none,foo", "--arms: there is no arm \"foo\"; use none, frozen, untrained"),
      ("--arms none,none", "--arms: none is given twice"),
      ("--arms none --classes 1000", "--classes: 1000 are more than the 421 that glyphs holds out"),
      ("--arms none --task sinusoid", "--task: a transfer trains on labelled images"),
      ("--arms none --images 0", "--images: \"0\" is not allowed; use a whole number from 1"),
      ("--arms none --images 5,", "--images: \"\" is not allowed"),
      ("--arms none --seeds x", "--seeds: \"x\" is not allowed"),
      ("--arms none --format xml", "--format: there is no format \"xml\"; use text, csv, markdown"),
      ("--arms untrained --set mc-samples=0", "mc-samples: 0 is not allowed"),
      ("--arms none --set kappa=0.5", "kappa: there is no such hyperparameter; use outer-lr"),
      ("--arms none --set dropout.dropout=0.5", "dropout is not in --arms (none)"),
    ]
  )
  func refusesATransfer(_ line: String, _ sentence: String) throws {
    let folder = try TemporaryFolder()
    let arguments = line.split(separator: " ").map(String.init)
    try expectRefusal(["transfer"] + arguments, 64, sentence, in: folder)
  }

  @Test("A file that is no perturbation, or one of another shape")
  func refusesFiles() throws {
    let folder = try TemporaryFolder()
    let missing = folder / "nothing.safetensors"
    try expectRefusal(["transfer", "--phi", missing], 65, "cannot be read", in: folder)
    var file = TensorFile()
    file.append("head.weight", shape: [2, 3], floats: [1, 2, 3, 4, 5, 6])
    let other = folder / "other.safetensors"
    try file.write(to: other)
    try expectRefusal(
      ["transfer", "--phi", other],
      65,
      "has no perturbation.phi_1.w_identity; give a checkpoint of MetaPerturb",
      in: folder
    )
    for name in ["phi_1.w_identity", "phi_1.w_all", "phi_2.w_identity", "phi_2.w_all"] {
      file.append(name, shape: [1, 1, 3, 3], floats: [Float](repeating: 0, count: 9))
    }
    file.append("kernel", shape: [3, 1, 3, 3], floats: [Float](repeating: 0, count: 27))
    file.append("fc.weight", shape: [1, 10], floats: [Float](repeating: 0, count: 10))
    let narrow = folder / "narrow.safetensors"
    try file.write(to: narrow)
    try expectRefusal(
      ["transfer", "--phi", narrow],
      65,
      "kernel has shape [3, 1, 3, 3]; this network needs [4, 1, 3, 3]",
      in: folder
    )
  }
}
