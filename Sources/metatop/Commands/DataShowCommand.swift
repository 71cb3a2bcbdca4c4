import ArgumentParser
import CellGrid
import Experiments
import Files
import Glibc
import NCursesTerminal
import Tasks

/// `metatop data show`: one episode, as pictures made of characters.
struct DataShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract:
      "Show an episode: support and query images drawn in the terminal, or numbers as a table."
  )

  @OptionGroup var options: EpisodeOptions

  @Option(
    help: ArgumentHelp(
      "train, val or test; a second --split examples for a split by examples.",
      valueName: "split"
    )
  )
  var split: [String] = []

  @Option(help: "The seed that the episode is drawn from.")
  var seed: UInt64 = 0

  @Flag(help: "Draw with ASCII characters only.")
  var ascii = false

  @Flag(help: "Use no colours.")
  var noColor = false

  mutating func run() throws {
    let (split, kind) = try EpisodeDrawing.splits(split)
    let (shot, query) = (options.shot ?? 1, options.query ?? 2)
    let task = try options.load(split: kind, images: options.images ?? shot + query)
    if task.kind == .numbers {
      return try write(drawing.text(numbers: task, split, options.shot, options.query))
    }
    if task.kind == .nodes {
      if let obstacle = task.obstacle(shot: shot, queryShot: query) {
        throw Failure(status: Failure.badData, sentence: obstacle.description)
      }
      return try write(drawing.text(nodes: task, split, shot: shot, query: query))
    }
    guard let images = task.labelled else {
      throw Failure(
        status: Failure.usage,
        sentence: "\(task.name): has no images; use another task"
      )
    }
    if let obstacle = images.obstacle(shot: shot, queryShot: query) {
      throw Failure(status: Failure.badData, sentence: obstacle.description)
    }
    try write(drawing.text(images, split, images.layout(shot: shot, queryShot: query)))
  }

  /// How an episode is drawn in this terminal.
  private var drawing: EpisodeDrawing {
    let style = style
    let painter = { PicturePainter(style: style, width: $0) }
    return EpisodeDrawing(
      seed: seed,
      columns: terminalColumns(),
      isASCII: style.isASCII,
      paint: { painter($1).lines($0.height, $0.width, $0.channels, $0.pixels) },
      sketch: { painter($1).lines(LinkDrawing($0.marks, $0.links)) }
    )
  }

  private var style: PicturePainter.Style {
    setlocale(LC_ALL, "")
    let isUnicode = String(cString: nl_langinfo(Int32(CODESET))) == "UTF-8"
    let hasColors = !noColor && colorRefusal(variable) == nil && isatty(STDOUT_FILENO) == 1
    if ascii || !isUnicode { return .ascii }
    guard hasColors else { return .plain }
    if ["truecolor", "24bit"].contains(variable("COLORTERM")?.lowercased()) { return .trueColor }
    return variable("TERM")?.contains("256color") == true ? .indexed : .plain
  }

  private func terminalColumns() -> Int {
    var window = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0 else { return 80 }
    return Int(window.ws_col)
  }
}
