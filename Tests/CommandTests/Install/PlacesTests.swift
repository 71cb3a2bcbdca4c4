import Experiments
import Files
import TestSupport
import Testing

@testable import metatop

/// The rule for resources and settings, as a function of the environment and the program's folder.
@Suite("Places")
struct PlacesTests {
  private func places(_ program: String?, _ environment: [String: String] = [:]) -> Places {
    Places(program: program) { environment[$0] }
  }

  @Test("Named folders come first, then one's own, the program's, the system's, the working one")
  func order() {
    let environment = [
      "HOME": "/home/u", "METATOP_HOME": "/m", "METATOP_DATA": "/d1::/d2", "XDG_CONFIG_HOME": "/c",
      "XDG_DATA_HOME": "/x", "XDG_DATA_DIRS": "/s1:/s2",
    ]
    let places = places("/opt/mt/bin", environment)
    #expect(
      places.folders(of: .themes) == [
        "/m/themes", "/c/metatop/themes", "/x/metatop/themes", "/opt/mt/bin/themes",
        "/opt/mt/share/metatop/themes", "/s1/metatop/themes", "/s2/metatop/themes", "themes",
      ]
    )
    #expect(
      places.folders(of: .datasets) == [
        "/d1", "/d2", "/m/Datasets", "/c/metatop/Datasets", "/x/metatop/Datasets",
        "/opt/mt/bin/Datasets", "/opt/mt/share/metatop/Datasets", "/s1/metatop/Datasets",
        "/s2/metatop/Datasets", "Datasets",
      ]
    )
  }

  @Test("Where nothing is set, the XDG defaults hold")
  func defaults() {
    let places = places("/usr/bin", ["HOME": "/home/u"])
    #expect(
      places.folders(of: .themes) == [
        "/home/u/.config/metatop/themes", "/home/u/.local/share/metatop/themes", "/usr/bin/themes",
        "/usr/share/metatop/themes", "/usr/local/share/metatop/themes", "themes",
      ],
      "the prefix's own folder is also one of the system's and stands once"
    )
    #expect(places.configuration == "/home/u/.config/metatop")
    #expect(places.state == "/home/u/.local/state/metatop")
  }

  @Test(
    "A program in a source tree finds the tree, however it was built",
    arguments: [
      "/src/metatop/.build/release", "/src/metatop/.build/x86_64-unknown-linux-gnu/debug",
      "/src/metatop/.build/dist/x86_64-unknown-linux-gnu/release",
      "/src/metatop/.build-other/debug",
    ]
  )
  func sourceTree(program: String) {
    let folders = places(program).folders(of: .themes)
    #expect(folders.contains("/src/metatop/themes"))
    #expect(!folders.contains { $0.contains("share/metatop/themes") && $0.hasPrefix("/src") })
  }

  @Test("The innermost build folder names the tree")
  func nestedTree() {
    let folders = places("/a/.build/checkouts/metatop/.build/debug").folders(of: .datasets)
    #expect(folders.contains("/a/.build/checkouts/metatop/Datasets"))
    #expect(!folders.contains("/a/Datasets"))
  }

  @Test("Relative and empty XDG values are passed over and named; one's own may be relative")
  func relative() {
    let environment = [
      "HOME": "/h", "XDG_CONFIG_HOME": "conf", "XDG_STATE_HOME": "", "XDG_DATA_HOME": "./d",
      "XDG_DATA_DIRS": "a:/b", "METATOP_HOME": "mine",
    ]
    let places = places(nil, environment)
    #expect(
      places.configuration == "/h/.config/metatop" && places.state == "/h/.local/state/metatop"
    )
    #expect(
      places.folders(of: .themes) == [
        "mine/themes", "/h/.config/metatop/themes", "/h/.local/share/metatop/themes",
        "/b/metatop/themes", "themes",
      ]
    )
    #expect(places.unusable == ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_DATA_DIRS"])
  }

  @Test("Without a home and without a program the system's folders are left")
  func nothing() {
    let places = places(nil)
    #expect(places.configuration == nil && places.state == nil && places.unusable == [])
    #expect(
      places.folders(of: .datasets) == [
        "/usr/local/share/metatop/Datasets", "/usr/share/metatop/Datasets", "Datasets",
      ]
    )
    #expect(self.places(nil, ["HOME": "here"]).unusable == ["HOME"])
  }

  @Test("A folder's theme goes before the one in the program; a broken one is told, not used")
  func themes() throws {
    let folder = try TemporaryFolder()
    let dusk = try #require(ShippedThemes.all.first { $0.name == "dusk" })
    try folder.write(String(decoding: dusk.bytes, as: UTF8.self), to: "one/okabe-ito.yaml")
    try folder.write("roles: 1", to: "one/monochrome.yaml")
    let found = ThemeFolder(
      folders: [folder / "none", folder / "one"],
      shipped: ShippedThemes.all
    )
    let names = found.themes.map(\.name)
    #expect(names.sorted() == ShippedThemes.all.map(\.name))
    let place = try #require(names.firstIndex(of: "okabe-ito"))
    #expect(found.origins[place] == folder / "one")
    #expect(found.origins.count { $0 == nil } == ShippedThemes.all.count - 1)
    #expect(found.errors.count == 1 && found.errors.first?.file == folder / "one/monochrome.yaml")
  }

  @Test("The program holds every theme of the folder, byte for byte")
  func shippedThemes() throws {
    let folder = #filePath.projectFolder
    let names = SystemFile.names(in: folder + "/themes").filter { $0.hasSuffix(".yaml") }
    #expect(names.sorted() == ShippedThemes.all.map { $0.name + ".yaml" })
    for (name, bytes) in ShippedThemes.all {
      #expect(try SystemFile.read("\(folder)/themes/\(name).yaml") == bytes, "\(name)")
    }
  }
}
