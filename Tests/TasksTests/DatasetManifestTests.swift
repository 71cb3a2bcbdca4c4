import Files
import Foundation
import Tasks
import TestSupport
import Testing

@Suite("Dataset manifests")
struct DatasetManifestTests {
  private static let datasets = URL(fileURLWithPath: #filePath)
    .appendingPathComponent("../../../Datasets").standardized.path

  private static let names = (try? FileManager.default.contentsOfDirectory(atPath: datasets)) ?? []

  @Test(
    "Every folder of Datasets has a manifest of its name, a source and a README",
    arguments: names
  )
  func shipped(name: String) throws {
    let manifest = try DatasetManifest(reading: "\(Self.datasets)/\(name)/dataset.yaml")
    #expect(manifest.name == name && !manifest.title.isEmpty && !manifest.source.isEmpty)
    #expect(manifest.isGenerated || (manifest.get != nil && manifest.licence != nil))
    #expect(FileManager.default.fileExists(atPath: "\(Self.datasets)/\(name)/README.md"))
  }

  @Test("The shipped defaults are the code's own")
  func defaults() throws {
    let glyphs = try DatasetManifest(reading: Self.datasets + "/glyphs/dataset.yaml")
    #expect(glyphs.glyphs == GlyphParameters() && glyphs.layout == .glyphs)
    let omniglot = try DatasetManifest(reading: Self.datasets + "/omniglot/dataset.yaml")
    #expect(omniglot.omniglot == OmniglotOptions() && omniglot.checksums.count == 2)
  }

  @Test("Settings are read")
  func settings() throws {
    let text = """
      name: birds
      kind: images
      layout: folder
      path: /data/birds
      source: https://example.org/birds
      image: {size: 84, channels: 3, resize: nearest, inverted: true, seed: 7}
      """
    let manifest = try DatasetManifest(text: text, path: "dataset.yaml")
    #expect(manifest.path == "/data/birds" && manifest.source == ["https://example.org/birds"])
    #expect(manifest.image.size == 84 && manifest.image.channels == 3 && manifest.image.seed == 7)
    #expect(manifest.image.resize == .nearest && manifest.image.isInverted)
  }

  @Test("Mistakes are sentences with their line", arguments: wrongTexts)
  func mistakes(text: String, line: Int?, words: String) {
    let error = #expect(throws: DatasetError.self) {
      try DatasetManifest(text: text, path: "dataset.yaml")
    }
    #expect(
      error?.line == line && error?.reason.contains(words) == true,
      "\(error?.description ?? "")"
    )
  }

  static let wrongTexts: [(String, Int?, String)] = [
    ("name: a\nkind: images\ncolour: 3\n", 3, "\"colour\" is unknown"),
    ("name: a\nkind: pictures\n", 2, "use generated, images"),
    ("name: a\nkind: images\nimage:\n  size: 0\n", 4, "use a whole number from 4 to 1024"),
    ("name: a\nkind: images\nimage: big\n", 3, "names with their values"),
    (
      "name: a\nkind: generated\nfamily: glyphs\nglyphs:\n  jitter: lots\n", 5,
      "use a number from 0.0 to 10.0"
    ),
    ("kind: images\n", 1, "name is missing"), ("name: a\nname: b\n", 1, "is given twice"),
    ("name: [\n", 2, "is not YAML"), ("", nil, "is empty"), ("- a\n", 1, "names with their values"),
    ("name: a\nkind: images\nwithin-alphabet: maybe\n", 3, "use true, false"),
  ]

  @Test(
    "MD5 is RFC 1321's",
    arguments: [
      ("", "d41d8cd98f00b204e9800998ecf8427e"), ("abc", "900150983cd24fb0d6963f7d28e17f72"),
      (
        "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
        "57edf4a22be3c955ac49da2e2107b67a"
      ),
    ]
  )
  func checksum(text: String, sum: String) { #expect(md5(Array(text.utf8)) == sum) }

  @Test("Tasks are made by name")
  func catalogue() throws {
    let roots = [Self.datasets]
    #expect(try TaskCatalog.make(name: "sinusoid", way: 5, roots: roots).isClassification == false)
    #expect(
      try TaskCatalog.make(name: "glyphs", way: 7, roots: roots).layout(shot: 1, queryShot: 2)
        .targetCount == 7
    )
    #expect(try TaskCatalog.make(name: "glyphs", way: 5, roots: []).name == "glyphs")
    for (name, words) in [
      ("omniglot", "its images are not here; download"),
      (
        "nothing",
        "use alpine, citeseer, communities, cora, cosmixture, glyphs, harmonics, landscape, mini"
      ),
      ("../x", "use folder:../x"), ("folder:/nowhere", "cannot be read as a folder"),
    ] {
      let error = #expect(throws: DatasetError.self) {
        try TaskCatalog.make(name: name, way: 5, roots: roots)
      }
      #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }
    #expect(
      DatasetLibrary(roots: roots).names() == [
        "alpine", "citeseer", "communities", "cora", "cosmixture", "glyphs", "harmonics",
        "landscape",
        "mini-imagenet", "omniglot", "sinusoid", "steps",
      ]
    )
  }

  @Test("A folder below a root is a task by its name, with or without a manifest")
  func byName() throws {
    let folder = try TemporaryFolder()
    for split in ["train", "val", "test"] {
      for number in 0..<2 {
        let path = folder / "birds/\(split)/\(split)\(number)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let png = TestImages.png(width: 9, height: 9, channels: 1, [UInt8](repeating: 1, count: 81))
        try Data(png).write(to: URL(fileURLWithPath: path + "/a.png"))
      }
    }
    let plain = try TaskCatalog.make(name: "birds", way: 2, roots: [folder.path])
    #expect(plain.name == "birds" && plain.layout(shot: 1, queryShot: 1).inputShape == [9, 9, 1])
    let text = "name: birds\nkind: images\nlayout: folder\nimage: {size: 12}\n"
    try Data(text.utf8).write(to: URL(fileURLWithPath: folder / "birds/dataset.yaml"))
    let sized = try TaskCatalog.make(name: "birds", way: 2, roots: [folder.path])
    #expect(sized.layout(shot: 1, queryShot: 1).inputShape == [12, 12, 1])
  }
}
