// A program for NCursesTerminalTests to run on a pseudo terminal:
//
//     TerminalFixture frames SEED COUNT    random frames, one more at every key
//     TerminalFixture keys                 says what each input is, until Ctrl-D
//     TerminalFixture pictures             a picture, another one, and none, at every key
//     TerminalFixture session              one screen, with signals, until q
//     TerminalFixture crash KIND           crashes at the first key
//     TerminalFixture flood                random frames that nobody reads, then ends
//
// and for CommandTests, without a screen of its own:
//
//     TerminalFixture peak FILE PROGRAM …  runs a program and writes its peak of memory, in KiB
//
// What it has to say goes into operating system commands (`say`), which reach the tests in order
// with what is drawn and do not show on the screen.
import CellGrid
import Glibc
import NCursesTerminal
import VirtualTerminal

func say(_ text: String) {
  var message = "\u{1B}]\(text)\u{07}"
  _ = message.withUTF8 { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
}

let arguments = CommandLine.arguments.dropFirst()
if arguments.first == "peak" { exit(runForPeak(Array(arguments.dropFirst()))) }
var options = TerminalOptions()
options.forceASCII = arguments.contains("--ascii")
options.noColor = arguments.contains("--no-color")

let terminal: NCursesTerminal
do {
  terminal = try NCursesTerminal(options: options)
} catch {
  var sentence = "\(error)\n"
  _ = sentence.withUTF8 { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  exit(64)
}

switch arguments.first {
case "frames": drawFrames(terminal, Array(arguments.dropFirst()))
case "keys": reportKeys(terminal)
case "flood": exit(flood(terminal))
case "pictures": showPictures(terminal)
case "session": exit(runSession(terminal))
case "crash": crash(terminal, arguments.dropFirst().first ?? "")
default: break
}
terminal.end()
