import Experiments
import Files
import Foundation
import TestSupport
import Testing

@Suite("metatop data check and show")
struct DataCheckTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func classes(_ count: Int) -> [String] { (0..<count).map { "class\($0 + 10)" } }

  private func check(_ path: String, _ options: String = "") throws -> Program {
    let words = options.split(separator: " ").map(String.init)
    return try Program.run(["data", "check", "folder:\(path)"] + words, in: folder)
  }

  /// What stands behind a name at the beginning of a line.
  private func row(_ name: String, _ program: Program) -> String? {
    let line = program.output.split(separator: "\n").first { $0.hasPrefix(name + " ") }
    return line.map { String($0.dropFirst(name.count).drop { $0 == " " }) }
  }

  @Test("Everything that was found is printed also where episodes do not fit")
  func fewClasses() throws {
    let path = try PictureFolder().write(classes(10), to: folder, named: "d")
    let program = try check(path)
    #expect(program.status == 65)
    #expect(row("images", program) == "80 of 10 classes")
    #expect(row("a class", program) == "8 images")
    #expect(row("sizes", program) == "16×16 in all files")
    #expect(row("split", program) == "by class, by lot")
    #expect(row("meta-train", program) == "6 classes, 8 images each")
    #expect(row("meta-test", program) == "2 classes, 8 images each")
    #expect(row("bad files", program) == "none")
    #expect(
      row("at most", program)
        == "3-way 1-shot with 7 queries a class, for the smallest class has 8"
    )
    #expect(program.complaints.count == 2, "\(program.errors)")
    #expect(program.complaints[0].contains("5-way episodes need as many classes"))
    #expect(program.complaints[0].hasSuffix("use --way 3 or less, or add classes"))
    #expect(program.complaints[1].contains("each of the 10 classes has 8 usable images"))
    #expect(try check(path, "--way 3 --query 7").status == 0)
  }

  @Test("Sizes and classes that do not fit are told with all that is there")
  func differing() throws {
    let path = try PictureFolder().write(["train/a", "train/b", "test/a"], to: folder, named: "d")
    try PictureFolder(side: 20, images: 3).write(["train/c"], to: folder, named: "d")
    try Data().write(to: URL(fileURLWithPath: path + "/test/a/empty.png"))
    let program = try check(path, "--way 2 --query 1")
    #expect(program.status == 65 && row("images", program) == "27 of 3 classes")
    #expect(row("sizes", program) == "2 (height×width): 16×16 in 24 images, 20×20 in 3 images")
    #expect(row("bad files", program) == "1, not used:")
    #expect(program.errors.contains("choose one for all, as in --image-size 84"))
    #expect(program.errors.contains("class a is in another split, too"))
    let sized = try check(path, "--way 2 --query 1 --image-size 18 --split examples")
    #expect(row("shape", sized) == "18×18, grey")
    #expect(row("split", sized) == "by example: the same classes, other images in each")
  }

  @Test("Small classes are named all at once, or left out and named")
  func smallClasses() throws {
    let path = try PictureFolder(images: 4).write(classes(6), to: folder, named: "d")
    try PictureFolder(images: 2).write(["few1", "few2", "few3"], to: folder, named: "d")
    let refused = try check(path, "--way 2 --query 2")
    #expect(refused.status == 65 && refused.errors.contains("few1 (2), few2 (2), few3 (2)"))
    let rest = try check(path, "--way 2 --query 2 --small-classes leave-out")
    #expect(rest.status == 0, "\(rest.errors)")
    #expect(
      row("note", rest)
        == "3 classes with too few usable images are left out: few1 (2), few2 (2), few3 (2)"
    )
    #expect(row("meta-train", rest) == "2 classes, 4 images each")
  }

  @Test("Wrong values of the options are one sentence")
  func refusals() throws {
    let path = try PictureFolder(images: 2).write(classes(6), to: folder, named: "d")
    for (options, words) in [
      ("--image-size 2", "--image-size: is 2; use 4 to 1024"),
      ("--split halves", "--split: is halves; use classes or examples"),
      ("--small-classes some", "--small-classes: is some; use refuse or leave-out"),
    ] {
      let program = try check(path, options)
      #expect(program.status == 64 && program.complaints.count == 1)
      #expect(program.errors.contains(words), "\(program.errors)")
    }
    let show = ["data", "show", "folder:\(path)", "--way", "2", "--query", "1", "--ascii"]
    let shown = try Program.run(show + ["--split", "test", "--split", "examples"], in: folder)
    #expect(
      shown.status == 65 && shown.errors.contains("meta-train has 0; add images"),
      "\(shown.errors)"
    )
    let plain = try Program.run(show + ["--split", "test"], in: folder)
    #expect(plain.status == 0 && plain.output.contains("meta-test, seed 0: 2-way 1-shot"))
    let wrong = try Program.run(show + ["--split", "tset"], in: folder)
    #expect(wrong.status == 64 && wrong.errors.contains("--split: is tset"))
  }
}
