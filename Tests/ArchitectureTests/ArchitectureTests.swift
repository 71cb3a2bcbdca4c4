import Testing

@Suite("Architecture")
struct ArchitectureTests {
  @Test("Every import follows an allowed arrow")
  func imports() throws {
    let files = try ProjectFiles.files(below: "Sources")
    var crossings = 0
    for file in files {
      let allowed = try #require(Walls.arrows[file.target], "\(file.path) is in no known target")
      for module in file.imports where !Walls.system.contains(module) {
        crossings += 1
        #expect(allowed.contains(module), "\(file.path) must not import \(module)")
      }
    }
    #expect(files.count > 10 && crossings > 10, "the scan found too little to be believed")
  }

  @Test("Package.swift has exactly the arrows of the table")
  func manifest() throws {
    let manifest = Manifest.dependencies(in: try ProjectFiles.text("Package.swift"))
    #expect(manifest == Walls.arrows)
  }

  @Test("The towers reach each other nowhere; both stand on Events, which stands on nothing")
  func towers() {
    for target in Walls.engineTower {
      #expect(Walls.reachable(from: target).isDisjoint(with: Walls.screenTower), "\(target)")
    }
    for target in Walls.screenTower {
      #expect(Walls.reachable(from: target).isDisjoint(with: Walls.engineTower), "\(target)")
    }
    let towers = Walls.engineTower.union(Walls.screenTower)
    #expect(towers.union(Walls.ground).union(["metatop"]) == Set(Walls.arrows.keys))
  }

  @Test("Nothing is public: what crosses a wall has package access")
  func access() throws {
    for file in try ProjectFiles.files(below: "Sources") {
      for (number, line) in file.code.enumerated() {
        let words = line.split(whereSeparator: { !$0.isLetter && $0 != "_" })
        #expect(!words.contains("public"), "\(file.path):\(number + 1) has public access")
      }
    }
  }

  @Test("No file is longer than 400 lines")
  func length() throws {
    let sources = try ProjectFiles.files(below: "Sources", ["swift", "c", "h"])
    let tests = try ProjectFiles.files(below: "Tests")
    for file in sources + tests {
      #expect(file.lines.count <= 401, "\(file.path) has \(file.lines.count - 1) lines; split it")
    }
  }
}

@Suite("Architecture scanner")
struct ArchitectureScannerTests {
  @Test(
    "Imports are seen in every form, and nothing else is",
    arguments: [
      ("import Events", ["Events"]),
      ("@preconcurrency import Events", ["Events"]),
      ("package import struct Events.RunID", ["Events"]),
      ("  import Glibc  // why", ["Glibc"]),
      ("// import Training", []),
      ("/// We import Training", []),
      ("let text = \"import Training\"", []),
      ("let x = \"\"\"\nimport Training\n\"\"\"", []),
    ]
  )
  func imports(text: String, modules: [String]) {
    #expect(ProjectFiles.File(path: "Sources/A/B.swift", text: text).imports == modules)
  }

  @Test("A manifest's targets are read with their dependencies")
  func manifest() {
    let text = """
      targets: [
        .target(name: "A"),
        .systemLibrary(name: "S", providers: [.apt(["s-dev"])]),
        .target(name: "B", dependencies: ["A", yams], cSettings: flags),
        .executableTarget(
          name: "C",
          dependencies: [
            "A", "B", arguments,
          ]
        ),
        .target(name: "Helper", dependencies: ["A"], path: "Tests/Helper"),
        .testTarget(name: "BTests", dependencies: ["B"]),
      ]
      """
    let expected: [String: Set<String>] = [
      "A": [], "S": [], "B": ["A", "Yams"], "C": ["A", "B", "ArgumentParser"],
    ]
    #expect(Manifest.dependencies(in: text) == expected)
  }
}
