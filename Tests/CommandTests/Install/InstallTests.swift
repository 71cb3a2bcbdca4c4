import Experiments
import Files
import Foundation
import TestSupport
import Testing

/// `.ci/install` and `.ci/uninstall`, which `make install` and `make dist` call, with the built program.
@Suite("Install")
struct InstallTests {
  private let folder: TemporaryFolder
  private let project = #filePath.projectFolder

  init() throws { folder = try TemporaryFolder() }

  private func script(_ name: String, _ variables: [String: String]) throws -> Program {
    let usual = ["LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "HOME": folder / "home"]
    return try Program.run(
      [project],
      in: folder,
      environment: usual.merging(variables) { $1 },
      shell: "export BINARY=\"$1\"; exec \"$2\"/.ci/\(name)"
    )
  }

  /// Every file below a folder.
  private func files(_ below: String) -> [String] {
    let root = folder / below
    let all = FileManager.default.enumerator(atPath: root)?.allObjects as? [String] ?? []
    return all.filter { SystemFile.size("\(root)/\($0)") != nil }.sorted()
  }

  @Test("What was installed works from its prefix, and goes again without a trace")
  func whole() throws {
    let prefix = folder / "prefix"
    try folder.write("a person's", to: "prefix/share/metatop/themes/mine.yaml")
    try folder.write("another's", to: "prefix/bin/other")
    for _ in 1...2 {
      let made = try script("install", ["PREFIX": prefix])
      #expect(made.status == 0 && made.errors.isEmpty, "\(made.errors)")
    }
    let all = files("prefix")
    for file in [
      "bin/metatop", "share/metatop/themes/dusk.yaml",
      "share/metatop/Datasets/omniglot/vinyals.txt",
      "share/man/man1/metatop.1", "share/man/man1/metatop-train.1", "share/doc/metatop/copyright",
      "share/bash-completion/completions/metatop", "share/zsh/site-functions/_metatop",
      "share/fish/vendor_completions.d/metatop.fish", "share/metatop/installed",
    ] {
      #expect(all.contains(file), "\(file)")
    }
    let themes = try Program.run([], in: folder, shell: "exec prefix/bin/metatop themes")
    #expect(themes.output.contains("dusk            easy to read   \(prefix)/share/metatop/themes"))
    let removed = try script("uninstall", ["PREFIX": prefix])
    #expect(removed.status == 0 && removed.errors.isEmpty, "\(removed.errors)")
    #expect(files("prefix") == ["bin/other", "share/metatop/themes/mine.yaml"])
  }

  @Test(
    "A copy of the program alone has every theme, trains, and says where pictures were looked for"
  )
  func alone() throws {
    try folder.write("", to: "away/from/all")
    func run(_ words: [String]) throws -> Program {
      try Program.run(
        words,
        in: folder,
        environment: ["LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "XDG_DATA_DIRS": "/none"],
        shell: "cp \"$1\" away/metatop; shift; cd away/from; exec ../metatop \"$@\""
      )
    }
    let themes = try run(["themes"]).output.split(separator: "\n")
    #expect(themes.count == 9 && themes.dropFirst().allSatisfy { $0.hasSuffix("built in") })
    let trained = try run(["train", "--methods", "maml", "--steps", "2", "--evaluate-every", "0"])
    #expect(trained.status == 0, "\(trained.errors)")
    let missing = try run(["train", "--task", "omniglot"])
    #expect(missing.status == 65 && missing.complaints.count == 1)
    #expect(missing.errors.contains("omniglot: its images are not here; download "))
    #expect(
      missing.errors.hasSuffix(
        "in METATOP_DATA (looked in \(folder / "away")/Datasets, /none/metatop/Datasets, Datasets)\n"
      ),
      "\(missing.errors)"
    )
    let other = try run(["train", "--task", "birds"])
    #expect(other.errors.contains("birds"), "\(other.errors)")
  }

  @Test("DESTDIR is put in front and nowhere written down; a package has no list")
  func staged() throws {
    let variables = [
      "PREFIX": "/usr", "DESTDIR": folder / "stage", "ZSHDIR": "share/zsh/vendor-completions",
    ]
    #expect(try script("install", variables.merging(["LISTED": "no"]) { $1 }).status == 0)
    let all = files("stage/usr")
    #expect(all.contains("share/zsh/vendor-completions/_metatop"))
    #expect(!all.contains("share/metatop/installed") && files("stage") == all.map { "usr/" + $0 })
    #expect(try script("install", variables).status == 0)
    let list = try String(
      contentsOfFile: folder / "stage/usr/share/metatop/installed",
      encoding: .utf8
    )
    #expect(!list.contains(folder.path) && list.contains("bin/metatop\n"))
    #expect(try script("uninstall", variables).status == 0)
    #expect(files("stage") == [])
  }

  @Test("What cannot be is said in a sentence, and nothing is touched")
  func refused() throws {
    let relative = try script("install", ["PREFIX": "here"])
    #expect(relative.status == 2 && relative.errors.contains("begins with /"))
    try folder.write("", to: "file")
    let blocked = try script("install", ["PREFIX": folder / "file/below"])
    #expect(blocked.status == 2 && blocked.errors.contains("cannot be written"))
    let none = try script("uninstall", ["PREFIX": folder / "never"])
    #expect(none.status == 2 && none.errors.contains("the PREFIX that metatop was installed with"))
    try folder.write("bin/metatop\n../outside\n/etc/none\n", to: "odd/share/metatop/installed")
    try folder.write("kept", to: "outside")
    let odd = try script("uninstall", ["PREFIX": folder / "odd"])
    #expect(odd.status == 0 && odd.complaints.count == 2)
    #expect(FileManager.default.fileExists(atPath: folder / "outside"))
  }
}
