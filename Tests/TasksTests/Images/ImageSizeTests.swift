import Files
import Foundation
import Glibc
import Kernels
import Tasks
import TestSupport
import Testing

@Suite("Sizes of images")
struct ImageSizeTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.classes((0..<6).map { "c\($0)" }, count: 2)
  }

  @Test("Sizes that differ are refused with their counts, unless one is chosen")
  func differing() throws {
    #expect(try folder.task().collection.shape.height == 8)
    try folder.picture("c3/x.png", 7, side: 12)
    let jpeg = TestImages.jpeg(width: 30, height: 20, channels: 1, Array(repeating: 9, count: 600))
    try folder.write(jpeg, to: "c4/y.jpg")
    try folder.write([1, 2, 3], to: "c4/bad.png")
    let words =
      "its images are of 3 sizes (height×width): 8×8 in 12 images, 12×12 in 1 image, 20×30 in 1 image; "
      + "choose one for all, as in --image-size 84"
    expectRefusal(words) { _ = try folder.task() }
    let sized = try folder.task { $0.imageSize = 10 }
    #expect(sized.collection.shape == ImageShape(height: 10, width: 10, channels: 1))
    #expect(sized.report.sizes.count == 3 && sized.report.badImages.count == 1)
    // As a manifest gives it; and as runs were recorded before this was refused.
    var options = ImageOptions(asked: DataOptions(way: 2))
    options.size = 9
    #expect(try ImageTask(folder: folder.path, options: options).collection.shape.width == 9)
    let old = try folder.task { $0.takesFirstSize = true }
    #expect(old.collection.shape == ImageShape(height: 8, width: 8, channels: 1))
  }

  @Test("It does not matter which file comes first, nor that it differs in one class alone")
  func anyPlace() throws {
    try folder.picture("c0/00.png", 7, side: 12)
    expectRefusal("2 sizes", "8×8 in 12 images, 12×12 in 1 image") { _ = try folder.task() }
    unlink(folder / "c0/00.png")
    try folder.picture("c5/zz.png", 7, side: 12)
    expectRefusal("2 sizes", "8×8 in 12 images, 12×12 in 1 image") { _ = try folder.task() }
  }

  @Test("The chosen size goes before a manifest's, and more than five sizes are counted")
  func precedence() throws {
    var options = ImageOptions(asked: DataOptions(way: 2))
    (options.size, options.asked.imageSize) = (9, 11)
    #expect(try ImageTask(folder: folder.path, options: options).collection.shape.width == 11)
    for side in 20..<27 { try folder.picture("c1/s\(side).png", 1, side: side) }
    expectRefusal("of 8 sizes", "23×23 in 1 image and 3 other sizes;") { _ = try folder.task() }
  }

  @Test("~ is the home folder, also behind folder: and in a manifest")
  func home() throws {
    let home = try #require(getenv("HOME").map { String(cString: $0) })
    #expect(SystemFile.expanded("~") == home && SystemFile.expanded("~/a b") == home + "/a b")
    #expect(TaskCatalog.expanded("folder:~/x") == "folder:\(home)/x")
    for same in ["a/~", "/~/x", "./~", "", "~nobody-of-this-name/x"] {
      #expect(SystemFile.expanded(same) == same)
    }
    #expect(TaskCatalog.expanded("glyphs") == "glyphs")
    let root = String(cString: getpwnam("root").pointee.pw_dir)
    #expect(SystemFile.expanded("~root/x") == root + "/x")
  }
}
