import Files
import Foundation
import TestSupport
import Testing

@testable import Tasks

/// What `Datasets/` says, as it is in the program.
@Suite("Shipped data sets")
struct ShippedDatasetsTests {
  private static let datasets = URL(fileURLWithPath: #filePath)
    .appendingPathComponent("../../../Datasets").standardized.path

  @Test("The program's manifests are the files'", arguments: TaskCatalog.builtIn)
  func manifests(name: String) throws {
    let text = try String(contentsOfFile: "\(Self.datasets)/\(name)/dataset.yaml", encoding: .utf8)
    let shipped = try #require(try ShippedDatasets.manifest(name))
    #expect(try DatasetManifest(text: text, path: shipped.file) == shipped)
    let entry = try DatasetLibrary(roots: []).entry(name)
    #expect(entry.manifest == shipped && entry.folder == nil)
  }

  @Test("The program's Vinyals split is the file's: 1028, 172 and 423 characters")
  func vinyals() throws {
    let file = Self.datasets + "/omniglot/vinyals.txt"
    let list = try CharacterList.vinyals().characters
    let listed = try CharacterList(reading: file).characters
    #expect(list.elementsEqual(listed) { $0.split == $1.split && $0.name == $1.name })
    let counts = MetaSplit.allCases.map { split in list.count { $0.split == split } }
    #expect(counts == [1028, 172, 423])
  }

  @Test("A folder's manifest goes before the program's, and its list of a split too")
  func folderFirst() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: folder / "glyphs",
      withIntermediateDirectories: true
    )
    let text = "name: glyphs\ntitle: Mine\nkind: generated\nfamily: glyphs\n"
    try Data(text.utf8).write(to: URL(fileURLWithPath: folder / "glyphs/dataset.yaml"))
    let library = DatasetLibrary(roots: [folder / "none", folder.path])
    #expect(try library.entry("glyphs").manifest?.title == "Mine")
    #expect(library.vinyalsList == nil)
    #expect(
      DatasetLibrary(roots: [Self.datasets]).vinyalsList == Self.datasets + "/omniglot/vinyals.txt"
    )
  }

  @Test("What is not here is said with every folder that was looked in, one sentence")
  func missing() throws {
    let roots = ["/none/a", "/none/b", Self.datasets]
    let error = #expect(throws: DatasetError.self) {
      try TaskCatalog.make(name: "omniglot", way: 5, roots: roots)
    }
    let sentence = error?.description ?? ""
    #expect(sentence.hasPrefix("omniglot: its images are not here; download "))
    #expect(sentence.hasSuffix("in METATOP_DATA (looked in /none/a, /none/b, \(Self.datasets))"))
  }
}
