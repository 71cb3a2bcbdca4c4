import Files
import Foundation
import TestSupport
import Testing

@testable import Experiments
@testable import metatop

/// A recorded run is compared with the data that it is given again.
@Suite struct ChangedDataTests {
  private let folder: TemporaryFolder
  private let pictures: GreyPictures

  init() throws {
    folder = try TemporaryFolder()
    pictures = try GreyPictures(folder, "d", classes: 8, images: 4)
  }

  private static let sizes =
    "--way 2 --shot 1 --query 1 --width 8 --threads 1 --meta-batch 1 --evaluate-every 0 "
    + "--keep-every 0 --tensorboard off --methods maml"

  private func run(_ line: String, status: Int32 = 0) throws -> Program {
    let program = try Program.run(line.split(separator: " ").map(String.init), in: folder)
    #expect(program.status == status, "\(line): \(program.errors)")
    return program
  }

  /// Trains a run and returns its path.
  private func trained(_ more: String = "") throws -> String {
    _ = try run("train --task folder:d \(Self.sizes) --steps 3 --out r \(more)")
    return "r/"
      + (try #require(try FileManager.default.contentsOfDirectory(atPath: folder / "r").first))
  }

  private func data(_ path: String) throws -> JSONValue {
    try JSONValue(parsing: SystemFile.read(folder / path + "/data.json"))
  }

  private func refuse(_ line: String, _ words: String...) throws {
    let program = try run(line, status: 65)
    #expect(program.complaints.count == 1 && program.output.isEmpty)
    for word in words { #expect(program.errors.contains(word), "\(program.errors)") }
  }

  @Test func theSplitAndADigestOfEachClassAreRecorded() throws {
    let set = try #require(try data(try trained())["sets"]?.array?.first)
    #expect(set["name"]?.string == "folder:" + RunResolver.absolute(folder / "d"))
    #expect(set["shape"] == [16, 16, 1])
    let classes = try #require(set["classes"]?.array)
    #expect(classes.map { $0.array?[0].string } == (0..<8).map { "class\($0)" })
    #expect(classes.allSatisfy { $0.array?[1] == 4 && $0.array?[2].string?.count == 16 })
    #expect(Set(classes.compactMap { $0.array?[2].string }).count == 8)
    // 16 % of eight classes and 20 % of them are one each, and two are the least.
    let parts = ["train", "validation", "test"].map { set["splits"]?[$0]?["classes"]?.array ?? [] }
    #expect(parts.map(\.count) == [4, 2, 2])
    #expect(Set(parts.flatMap { $0.compactMap(\.string) }).count == 8)
  }

  /// The split by lot of seven classes is another than that of eight.
  @Test func aClassThatIsGoneIsRefusedByAllWhoReadTheData() throws {
    let path = try trained()
    try pictures.remove("class7")
    for line in [
      "evaluate \(path) --episodes 4", "train --resume \(path) --steps 4",
      "train --branch \(path) --steps 4", "export \(path) --format episode",
      "evaluate \(path) --episodes 4 --data-changed accept",
    ] {
      try refuse(line, path, "1 class is gone (class7)", "put the data back")
    }
    // A table needs no pictures.
    _ = try run("export \(path)")
  }

  @Test func renamedAndAddedClassesAreAnotherSplit() throws {
    let path = try trained()
    try FileManager.default.moveItem(atPath: folder / "d/class0", toPath: folder / "d/klasse0")
    try refuse(
      "evaluate \(path)",
      "1 class is gone (class0); 1 class is new (klasse0)"
    )
    try FileManager.default.moveItem(atPath: folder / "d/klasse0", toPath: folder / "d/class0")
    for label in 8..<13 {
      for number in 0..<4 { try pictures.add(label, number, to: "new\(label)") }
    }
    try refuse(
      "evaluate \(path)",
      "5 classes are new (new10, new11, new12 and 2 more)"
    )
  }

  @Test func otherPicturesAreRefusedUnlessTheyAreAccepted() throws {
    let path = try trained()
    try pictures.add(1, 9, to: "class1")
    try pictures.add(5, 77, to: "class2/")
    try FileManager.default.removeItem(atPath: folder / "d/class2/3.png")
    try FileManager.default.moveItem(
      atPath: folder / "d/class2/77.png",
      toPath: folder / "d/class2/3.png"
    )
    let words = [
      "other numbers of pictures (class1 5 instead of 4)",
      "other pictures, or in another order (class2)",
    ]
    try refuse("evaluate \(path)", words[0], words[1], "--data-changed accept")
    try refuse("train --resume \(path) --steps 5", words[0], words[1])
    let accepted = try run("evaluate \(path) --episodes 4 --json --data-changed accept")
    #expect(accepted.errors.contains("accepted that the data have changed"))
    #expect(accepted.output.contains("\"data_changed\":true"))
    // A run that goes on says it where it is recorded, and keeps the new record.
    let before = try data(path)
    let resumed = try run("train --resume \(path) --steps 5 --data-changed accept")
    #expect(resumed.errors.contains(words[0]))
    #expect(try data(path) != before)
    let recorded = try RecordedRun(folder / path)
    let notes = recorded.events.compactMap { $0["text"]?.string }
    #expect(notes.contains { $0.contains(words[1]) })
    let starts = try JSONValue(parsing: SystemFile.read(folder / path + "/env.json"))["starts"]?
      .array
    #expect(starts?.map { $0["data_changed"] } == [.null, .array(words.map { .string($0) })])
    let evaluated = try run("evaluate \(path) --episodes 4 --json")
    #expect(evaluated.output.contains("\"data_changed\":false"))
  }

  @Test func aFolderThatWasMovedIsNamed() throws {
    let path = try trained()
    let score = try run("evaluate \(path) --episodes 4 --json").output
    try FileManager.default.moveItem(atPath: folder / "d", toPath: folder / "moved here")
    try refuse("evaluate \(path)", "its images are not at", "name their folder by --data")
    func words(_ line: String) -> [String] {
      line.split(separator: " ").map(String.init) + ["--data", "moved here"]
    }
    let program = try Program.run(words("evaluate \(path) --episodes 4 --json"), in: folder)
    let numbers = ["test_loss", "test_accuracy", "data_changed"]
    let lines = try [score, program.output].map { try JSONValue(parsing: Array($0.utf8)) }
    #expect(numbers.map { lines[0][$0] } == numbers.map { lines[1][$0] } && program.errors.isEmpty)
    // It goes on there, and need not be told again.
    let resumed = try Program.run(words("train --resume \(path) --steps 4"), in: folder)
    #expect(resumed.status == 0, "\(resumed.errors)")
    _ = try run("train --resume \(path) --steps 5")
    // Another folder is not the one that was moved.
    _ = try GreyPictures(folder, "other", classes: 8, images: 5)
    try refuse("evaluate \(path) --data other", "other numbers of pictures (class0 5 instead of 4")
    let odd = try run("train --task folder:other --data other", status: 64)
    #expect(odd.errors.contains("--data: says where a recorded run's images lie now"))
  }

  @Test func aRunWithoutARecordIsTakenWithOneNoteAndADamagedOneRefused() throws {
    let path = try trained()
    let record = try String(contentsOfFile: folder / path + "/data.json", encoding: .utf8)
    try FileManager.default.removeItem(atPath: folder / path + "/data.json")
    let program = try run("evaluate \(path) --episodes 4 --json")
    #expect(program.complaints.count == 1)
    #expect(program.errors.contains("nobody can say whether its data are still the same"))
    #expect(program.output.contains("\"data_changed\":null"))
    _ = try run("train --resume \(path) --steps 4")
    #expect(!FileManager.default.fileExists(atPath: folder / path + "/data.json"))
    for text in ["{", "[]", "{\"format\":1,\"sets\":[{}]}", "{\"format\":1,\"sets\":[3]}"] {
      try folder.write(text, to: path + "/data.json")
      try refuse("evaluate \(path)", "data.json", "damaged")
    }
    try folder.write(record, to: path + "/data.json")
    _ = try run("evaluate \(path) --episodes 2")
  }

  @Test func generatedTasksHaveNoRecord() throws {
    _ = try run("train --task glyphs \(Self.sizes) --steps 1 --out g")
    let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder / "g").first)
    #expect(!FileManager.default.fileExists(atPath: folder / "g/\(name)/data.json"))
    let program = try run("evaluate g/\(name) --episodes 4 --json")
    #expect(program.errors.isEmpty && program.output.contains("\"data_changed\":false"))
    let moved = try run("evaluate g/\(name) --data d", status: 64)
    #expect(moved.errors.contains("--data: glyphs is generated and lies nowhere"))
  }

  // MARK: Files

  @Test func anotherFileOfEpisodesIsNoticed() throws {
    try EpisodeFile(steps: 6, episodes: 2, shot: 4, seed: 1).tensors.write(to: folder / "e")
    let common = "--methods maml --threads 1 --evaluate-every 0 --tensorboard off --keep-every 0"
    _ = try run("train --episodes e --steps 3 \(common) --out r")
    let path =
      "r/" + (try #require(try FileManager.default.contentsOfDirectory(atPath: folder / "r").first))
    let digest = try data(path)["files"]?["episodes"]?["sha256"]?.string
    #expect(digest == (try RunResolver.digest(of: folder / "e")) && digest?.count == 64)
    try FileManager.default.moveItem(atPath: folder / "e", toPath: folder / "f")
    _ = try run("train --resume \(path) --steps 4 --episodes f")
    _ = try run("train --resume \(path) --steps 5")
    try EpisodeFile(steps: 6, episodes: 2, shot: 4, seed: 2).tensors.write(to: folder / "f")
    try refuse("train --resume \(path) --steps 6", "another file of --episodes (SHA-256 ")
    try refuse("train --branch \(path) --steps 6", "another file of --episodes (SHA-256 ")
    _ = try run("train --resume \(path) --steps 6 --data-changed accept")
  }

  @Test func initialParametersThatChangedAreSaidAndNotReadAgain() throws {
    let first = try trained()
    try FileManager.default.copyItem(
      atPath: folder / first + "/checkpoints/last.safetensors",
      toPath: folder / "i"
    )
    _ = try run("train --task folder:d \(Self.sizes) --steps 2 --out s --initial i")
    let path =
      "s/" + (try #require(try FileManager.default.contentsOfDirectory(atPath: folder / "s").first))
    try folder.write("nothing", to: "i")
    let resumed = try run("train --resume \(path) --steps 3")
    #expect(resumed.errors.contains("has changed since \(path) began with it"))
  }

  // MARK: Sweeps and transfers

  @Test func theNewRunsOfASweepAreComparedWithItsOwnRecord() throws {
    let first = try trained()
    try FileManager.default.copyItem(
      atPath: folder / first + "/checkpoints/last.safetensors",
      toPath: folder / "i"
    )
    _ = try run(
      "sweep --task folder:d \(Self.sizes) --steps 2 --grid inner-lr=0.1,0.2 --seeds 1 --name s "
        + "--initial i --out w --print-commands"
    )
    #expect(try data("w/s")["files"]?["initial"]?["sha256"]?.string?.count == 64)
    _ = try run("sweep --resume w/s --run 1 --threads 1")
    try FileManager.default.moveItem(atPath: folder / "i", toPath: folder / "j")
    try FileManager.default.moveItem(atPath: folder / "d", toPath: folder / "e")
    let commands = try run("sweep --resume w/s --data e --initial j --print-commands").output
    #expect(commands.contains("--data ") && commands.contains("--initial "))
    _ = try run("sweep --resume w/s --run 2 --threads 1 --data e --initial j")
    // Its second run once more, with other pictures.
    let second = try #require(
      try FileManager.default.contentsOfDirectory(atPath: folder / "w/s").first {
        $0.hasPrefix("002-")
      }
    )
    try FileManager.default.removeItem(atPath: folder / "w/s/\(second)")
    try FileManager.default.removeItem(atPath: folder / "e/class3/0.png")
    let line = "sweep --resume w/s --data e --initial j --threads 1"
    try refuse(line, "sweep: w/s", "other numbers of pictures (class3 3 instead of 4)")
    let accepted = try run(line + " --data-changed accept --format json")
    #expect(accepted.errors.contains("w/s: accepted that the data have changed"))
    #expect(FileManager.default.fileExists(atPath: folder / "w/s/\(second)/summary.json"))
  }

  /// What φ was trained on may have become what it is tested on.
  @Test func aTransferKnowsTheSplitOfThePerturbationsRun() throws {
    for label in 8..<20 {
      for number in 0..<4 { try pictures.add(label, number, to: "class\(label)") }
    }
    _ = try run(
      "train --methods metaperturb --task folder:d --set protocol=joint --set tasks=2 --way 2 --query 1 "
        + "--set group-classes=3 --set batch=4 --width 8 --steps 2 --evaluate-every 0 --out j --threads 1"
    )
    let joint = try #require(
      try FileManager.default.contentsOfDirectory(atPath: folder / "j").first
    )
    #expect(try data("j/\(joint)")["sets"]?.array?.count == 1)
    let line =
      "transfer --phi j/\(joint)/checkpoints/last.safetensors --task folder:d --arms frozen --classes 2 "
      + "--images 2 --test-images 2 --seeds 1 --steps 2 --set batch=2 --width 8 --out t"
    // The usual five ways do not matter to a transfer, but must be there.
    for label in 20..<32 {
      for number in 0..<4 { try pictures.add(label, number, to: "class\(label)") }
    }
    let program = try run(line, status: 65)
    #expect(program.errors.contains("--phi: ") && program.errors.contains("12 classes are new"))
  }
}
