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

@Suite("Architecture within targets")
struct InnerArchitectureTests {
  @Test("What is recorded is read, replayed, compared and exported, and drawn, without an engine")
  func withoutEngine() {
    for target in ["Files", "Recording", "Dashboard"] {
      #expect(Walls.reachable(from: target).isDisjoint(with: Walls.engineTower), "\(target)")
    }
    #expect(Walls.engineTower.isSuperset(of: ["Training", "MetaLearning", "Models", "Tasks"]))
  }

  @Test("Folders look one way", arguments: Folders.order.keys.sorted())
  func folders(target: String) throws {
    let order = try #require(Folders.order[target])
    let files = try ProjectFiles.files(below: "Sources/\(target)")
    #expect(Set(files.map(Folders.folder)) == Set(order), "the order names every folder once")
    for crossing in Folders.crossings(files, order: order) {
      Issue.record("\(crossing.path) must not name \(crossing.name) of \(crossing.folder)")
    }
  }

  @Test("Functions end at 60 lines")
  func functions() throws {
    var count = 0
    for file in try ProjectFiles.files(below: "Sources") {
      for function in Functions.lengths(file) {
        count += 1
        #expect(
          function.count <= Functions.longest,
          "\(file.path):\(function.line) has \(function.count) lines; split it"
        )
      }
    }
    #expect(count > 1000, "the scan found too little to be believed")
  }

  @Test("The front door is small: commands, their options' text, the main loop, the terminal")
  func frontDoor() throws {
    let lines = try ProjectFiles.files(below: "Sources/metatop").reduce(0) { sum, file in
      sum + file.lines.count - 1
    }
    #expect(
      lines <= 4_000,
      "metatop has \(lines) lines; what resolves, plans or runs lies below it"
    )
  }

  @Test("The parser of command lines is known to the front door alone")
  func argumentParser() throws {
    for file in try ProjectFiles.files(below: "Sources") where file.target != "metatop" {
      #expect(!file.imports.contains("ArgumentParser"), "\(file.path)")
    }
  }

  @Test("Tests have their temporary folders from one place")
  func temporaryFolders() throws {
    let homes = try ProjectFiles.files(below: "Tests").filter { file in
      file.code.contains { $0.contains("class TemporaryFolder") }
    }
    #expect(homes.map(\.path) == ["Tests/TestSupport/TemporaryFolder.swift"])
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

  @Test("Functions are measured from their first line to their last")
  func functions() {
    let text = """
      struct A {
        private static func long(
          _ a: Int
        ) -> Int {
          if a > 0 {
            return 1
          }
          return 2
        }

        func short() { print("}") }
        var computed: Int {
          3
        }
      }
      protocol P {
        func required(_ a: Int) -> Int
        var other: Int { get }
      }
      """
    let found = Functions.lengths(.init(path: "Sources/A/B.swift", text: text))
    #expect(found == [.init(line: 2, count: 8), .init(line: 12, count: 3)])
  }

  @Test("A folder that looks the wrong way is seen")
  func folders() {
    let files = [
      ProjectFiles.File(path: "Sources/A/First/One.swift", text: "struct One { var a: Two }"),
      ProjectFiles.File(
        path: "Sources/A/Second/Two.swift",
        text: "package struct Two { let b: One }"
      ),
    ]
    #expect(
      Folders.crossings(files, order: ["First", "Second"])
        == [.init(path: "Sources/A/First/One.swift", name: "Two", folder: "Second")]
    )
    #expect(Folders.crossings(files, order: ["Second", "First"]).map(\.name) == ["One"])
  }
}
