import Testing

@testable import NCursesTerminal

@Suite struct EnvironmentTests {
  @Test(arguments: [
    (["LC_ALL": "en_US.UTF-8"], true), (["LANG": "de_DE.utf8"], true),
    (["LC_ALL": "C", "LANG": "en_US.UTF-8"], false), (["LC_CTYPE": "C.UTF-8", "LANG": "C"], true),
    ([:], false), (["LANG": "en_US.ISO-8859-1"], false),
  ])
  func theFirstLocaleVariableDecides(_ variables: [String: String], _ isUTF8: Bool) {
    #expect(environmentAsksForUTF8 { variables[$0] } == isUTF8)
  }

  @Test(arguments: [
    ("xterm-256color", ["COLORTERM": "truecolor"], true),
    ("xterm-256color", ["COLORTERM": "24bit"], true), ("xterm-256color", [:], false),
    ("xterm-256color", ["COLORTERM": "yes"], false),
    ("screen-256color", ["COLORTERM": "truecolor"], false),
    ("screen-256color", ["COLORTERM": "truecolor", "TMUX": "/tmp/x"], true),
  ])
  func anyColorIsShownWhereTheTerminalSaysSo(
    _ name: String,
    _ variables: [String: String],
    _ shows: Bool
  ) {
    #expect(TerminalDescription.showsAnyColor(name) { variables[$0] } == shows)
  }

  @Test func everyRefusalIsASentenceWithAWayOut() {
    let errors: [TerminalError] = [
      .inputIsNotATerminal, .outputIsNotATerminal, .terminalTypeIsUnset,
      .terminalTypeIsUnknown("x"), .cursorCannotMove("x"), .setupFailed(reason: "x"),
    ]
    for error in errors { #expect("\(error)".contains("metatop train")) }
  }
}
