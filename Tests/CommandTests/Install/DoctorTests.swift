import Experiments
import Files
import Foundation
import TestSupport
import Testing

@testable import metatop

/// Every path that is read or written, as `metatop doctor` says it.
@Suite("Doctor's paths")
struct DoctorTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func findings(_ environment: [String: String]) -> [DoctorCommand.Finding] {
    let places = Places(program: folder / "bin") { environment[$0] }
    return DoctorCommand.files(places, directory: folder.path)
  }

  @Test("Settings: what is there, what is not, what cannot be")
  func settings() throws {
    try folder.write("undo: [u]", to: "home/.config/metatop/keys.yaml")
    try folder.write("", to: "blocked")
    let home = folder / "home"
    let found = findings(["HOME": home, "XDG_STATE_HOME": folder / "blocked/below"])
    func text(_ name: String) -> DoctorCommand.Finding? { found.first { $0.name == name } }
    #expect(text("configuration")?.text == "\(home)/.config/metatop (there, can be read)")
    #expect(text("keys")?.text == "\(home)/.config/metatop/keys.yaml (there, can be read)")
    let view = try #require(text("view"))
    #expect(!view.isGood)
    #expect(
      view.text == "\(folder / "blocked")/below/metatop/view.yaml "
        + "(cannot be made: \(folder / "blocked") is no folder that can be written; "
        + "move it or change its permissions)"
    )
    let usual = findings(["HOME": home])
    #expect(
      usual.first { $0.name == "recent" }?.text
        == "\(home)/.local/state/metatop/recent.yaml (not there yet, can be made)"
    )
    #expect(usual.filter { !$0.isGood } == [])
  }

  @Test("Every folder that is looked in has a line; one that a person named must be there")
  func folders() throws {
    try folder.write("", to: "mine/themes/readme")
    let environment = [
      "HOME": folder / "home", "METATOP_HOME": folder / "mine",
      "METATOP_DATA": "\(folder / "mine"):\(folder / "gone")", "XDG_DATA_DIRS": "relative",
    ]
    let found = findings(environment)
    let places = Places(program: folder / "bin") { environment[$0] }
    for (name, resource) in [("themes in", Places.Resource.themes), ("data in", .datasets)] {
      let lines = found.filter { $0.name == name }.map(\.text)
      for path in places.folders(of: resource) {
        #expect(lines.contains { $0.contains(path) }, "\(path)")
      }
    }
    #expect(found.contains { $0.text == "\(folder / "mine")/themes (there, 0 used)" })
    #expect(found.contains { $0.text == "\(folder / "mine")/Datasets (not there)" && $0.isGood })
    let bad = found.filter { !$0.isGood }
    #expect(bad.map(\.name) == ["variable", "data in"])
    #expect(bad.last?.text == "\(folder / "gone") is not there; mend METATOP_DATA")
    #expect(bad.first?.text.hasPrefix("XDG_DATA_DIRS holds a path that is not absolute") == true)
    #expect(found.contains { $0.name == "themes in" && $0.text.hasPrefix("the program itself (") })
  }

  @Test("Run directories go into ./runs, or nowhere when a file is in their way")
  func runs() throws {
    let home = ["HOME": folder.path]
    #expect(findings(home).last?.text == "run directories go into ./runs (not there yet)")
    try folder.write("", to: "runs/one/config.json")
    #expect(findings(home).last?.text == "run directories go into ./runs (there)")
    try FileManager.default.removeItem(atPath: folder / "runs")
    try folder.write("", to: "runs")
    let blocked = try #require(findings(home).last)
    #expect(!blocked.isGood && blocked.text == "./runs cannot be written; use --out")
  }

  @Test("Without a home it says that nothing is kept")
  func homeless() {
    let bad = findings([:]).filter { !$0.isGood }
    #expect(bad.map(\.name) == ["configuration", "keys", "state", "view", "recent"])
    #expect(bad.allSatisfy { $0.text == "none; HOME is not set to an absolute path" })
  }

  @Test("The program prints them, and a hostile name is shown without its escapes")
  func printed() throws {
    let program = try Program.run(
      ["doctor"],
      in: folder,
      environment: ["LC_ALL": "C.UTF-8", "HOME": folder / "h\u{1B}[2J"]
    )
    #expect(program.status == 0 && !program.output.contains("\u{1B}"))
    for name in ["keys", "state", "view", "recent", "themes in", "data in", "runs/"] {
      #expect(program.output.contains("  \(name) "), "\(name)")
    }
  }
}
