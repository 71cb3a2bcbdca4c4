import ArgumentParser
import Experiments
import TestSupport
import Testing

@testable import metatop

/// The shells' completions, and what they ask the program for.
@Suite("Completions")
struct CompletionTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("Each shell has a script that names every command", arguments: ["bash", "zsh", "fish"])
  func scripts(shell: String) throws {
    let program = try Program.run(["--generate-completion-script", shell], in: folder)
    #expect(program.status == 0 && program.output.utf8.count > 5_000)
    for command in ["train", "sweep", "doctor", "replay"] {
      #expect(program.output.contains(command), "\(command)")
    }
    #expect(!program.output.contains("manual"), "hidden commands are not offered")
  }

  @Test("A list goes on behind its last comma with what it does not have yet")
  func lists() {
    let words = ["maml", "cml", "metaperturb"]
    #expect(CompletionKind.following("", words) == words)
    #expect(CompletionKind.following("m", words) == words)
    #expect(CompletionKind.following("cml,m", words) == ["cml,maml", "cml,metaperturb"])
    #expect(CompletionKind.following("maml,cml,", words) == ["maml,cml,metaperturb"])
    #expect(CompletionKind.following("maml,cml,metaperturb,", words) == [])
  }

  /// What bash gets when it completes the last word.
  private func offered(_ words: [String]) throws -> [String] {
    let script = """
      program=$1; shift
      "$program" --generate-completion-script bash >script
      exec bash --norc -c '. ./script; program=$1; shift; COMP_WORDS=("$program" "$@")
      COMP_CWORD=$#; COMP_LINE="${COMP_WORDS[*]}"; COMP_POINT=${#COMP_LINE}; COMPREPLY=()
      _metatop "$program" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
      printf "%s\\n" "${COMPREPLY[@]}"' bash "$program" "$@"
      """
    let program = try Program.run(
      words,
      in: folder,
      environment: ["LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"],
      shell: script
    )
    return program.output.split(separator: "\n").map(String.init)
  }

  @Test("bash completes commands, options, methods, tasks, themes and files")
  func bash() throws {
    #expect(try offered(["tr"]) == ["train", "transfer"])
    #expect(try offered(["train", "--meta"]) == ["--meta-batch"])
    #expect(try offered(["train", "--methods", "cm"]) == ["cml"])
    let two = try offered(["train", "--methods", "cml,ma"]).sorted()
    #expect(two == ["cml,maml", "cml,maml-plus-plus"])
    #expect(try offered(["methods", "metap"]) == ["metaperturb"])
    #expect(try offered(["train", "--tensorboard", ""]) == ["on", "off"])
    #expect(try offered(["dashboard", "--theme", "met"]) == ["metatop-dark", "metatop-light"])
    try folder.write("dusk", to: "Datasets/gliders/a/b")
    try folder.write(
      "name: gliders\nkind: images\nlayout: folder\n",
      to: "Datasets/gliders/dataset.yaml"
    )
    #expect(try offered(["train", "--task", "gl"]).sorted() == ["gliders", "glyphs"])
    try folder.write("", to: "one.yaml")
    try folder.write("", to: "one.txt")
    #expect(try offered(["train", "--config", "one"]) == ["one.yaml"])
  }
}
